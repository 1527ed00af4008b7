"""The same app on either server: ``python -m benchmarks.peer.app <peer|ours> <backend>``.

Prints ``<port> <secret>`` when it is up. What it does is asked of it by triggers.
"""

import asyncio
import os
import sys
import time
from typing import Any

SECRET = "wslink-secret"
"""The one that the peer's clients use when none is given."""
BIG = 1_000_000


def make_server(kind: str) -> Any:
    """A server of the peer's or of ours."""
    if kind == "peer":
        from trame_server import Server
    else:
        from jupyter_trame import Server  # type: ignore[assignment]
    return Server("bench")


def secret_of(server: Any, kind: str) -> str:
    """What clients have to say in their hello."""
    return SECRET if kind == "peer" else str(server.protocol.secret)


def define(server: Any) -> None:
    """State, listeners and triggers of the workloads."""
    state, trigger = server.state, server.controller.trigger
    values = [os.urandom(BIG) for _ in range(8)]
    tasks = set()
    state.update({"x": 0, "y": "", "big": b""})

    @state.change("x")
    def answer(x: int, **_: Any) -> None:
        state.y = f"<{x}>"

    @trigger("echo")
    def echo(value: Any) -> Any:
        return value

    @trigger("push")
    def push(number: int) -> None:
        state.big = values[number % len(values)]

    @trigger("burst")
    async def burst(count: int, period: float) -> None:
        async def run() -> None:
            for number in range(count):
                with state:
                    state.big = values[number % len(values)]
                await asyncio.sleep(period)

        tasks.add(asyncio.create_task(run()))

    @trigger("grow")
    def grow(count: int, listeners: int) -> None:
        state.update({f"k_{number}": number for number in range(count)})
        for _ in range(listeners):
            state.change("k_1")(make_listener())

    @trigger("change_one")
    def change_one(rounds: int) -> list[float]:
        state.flush()
        times = []
        for number in range(rounds):
            begin = time.perf_counter()
            state.k_1 = -1 - number - int(begin)
            state.flush()
            times.append(time.perf_counter() - begin)
        return times


def make_listener() -> Any:
    """One more listener of one key, of the form that apps write."""

    def listener(k_1: int, **_: Any) -> None:
        pass

    return listener


def main() -> None:
    """Run until a signal comes."""
    kind, backend = sys.argv[1:3]
    sys.argv[1:] = []
    server = make_server(kind)
    define(server)

    @server.controller.add("on_server_ready")
    def announce(**_: Any) -> None:
        print(server.port, secret_of(server, kind), flush=True)

    server.start(
        port=0, open_browser=False, show_connection_info=False, timeout=0, backend=backend, host="127.0.0.1"
    )


if __name__ == "__main__":
    main()
