"""Echoes over trio: ours, the library below it, and trio-websocket, each with its own client and server."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import trio
import trio_websocket
import websockets.trio.client
import websockets.trio.server

from benchmarks.measure import Sample, interleave, ratio, warm
from jupyter_trame.trio import connect, serve

__all__ = ["GOALS", "SIZES", "measure"]

GOALS = {"websockets.trio": 0.9, "trio-websocket": 1.2}
"""What is compared -> least ratio of our rate to its own."""
KINDS = ("ours", *GOALS)
SIZES = {"1 kB": (1_000, 1_000), "1 MB": (1_000_000, 40)}
"""What is said -> bytes of a message, and round trips of a round."""
ROUNDS = 31
_LIMIT = 2**21


async def _echo_ours(websocket: Any, path: str) -> None:  # noqa: ARG001 - the handler's form
    async for message in websocket:
        await websocket.send(message)


async def _echo_library(websocket: Any) -> None:
    async for message in websocket:
        await websocket.send(message)


async def _echo_peer(request: Any) -> None:
    websocket = await request.accept()
    try:
        while True:
            await websocket.send_message(await websocket.get_message())
    except trio_websocket.ConnectionClosed:
        pass


async def _run_server(kind: str) -> None:
    """Print the port, and serve until the process is ended. Nobody compresses: trio-websocket cannot."""
    async with trio.open_nursery() as nursery:
        if kind == "ours":
            start = partial(serve, _echo_ours, "127.0.0.1", 0, max_size=_LIMIT, compression=None)
            port = (await nursery.start(start)).sockets[0].getsockname()[1]
        elif kind == "websockets.trio":
            library = partial(
                websockets.trio.server.serve,
                _echo_library,
                0,
                host="127.0.0.1",
                max_size=_LIMIT,
                compression=None,
            )
            port = (await nursery.start(library)).listeners[0].socket.getsockname()[1]
        else:
            peer = partial(
                trio_websocket.serve_websocket, _echo_peer, "127.0.0.1", 0, None, max_message_size=_LIMIT
            )
            port = (await nursery.start(peer)).port
        print(port, flush=True)


@asynccontextmanager
async def _peer_client(address: str) -> AsyncIterator[tuple[Any, Any]]:
    async with trio_websocket.open_websocket_url(address, max_message_size=_LIMIT) as websocket:
        yield websocket.send_message, websocket.get_message


@asynccontextmanager
async def _client(opening: Callable[..., Any], address: str) -> AsyncIterator[tuple[Any, Any]]:
    async with opening(address, max_size=_LIMIT, compression=None) as websocket:
        yield websocket.send, websocket.recv


CLIENTS: dict[str, Callable[[str], AbstractAsyncContextManager[tuple[Any, Any]]]] = {
    "ours": partial(_client, connect),
    "websockets.trio": partial(_client, websockets.trio.client.connect),
    "trio-websocket": _peer_client,
}


def _round(kind: str, address: str, size: int, count: int) -> list[float]:
    """Seconds a round trip takes, over `count` of them."""
    message = bytes(size)

    async def main() -> float:
        async with CLIENTS[kind](address) as (send, receive):
            began = trio.current_time()
            for _ in range(count):
                await send(message)
                await receive()
            return (trio.current_time() - began) / count

    return [trio.run(main)]


@contextmanager
def _server(kind: str) -> Iterator[str]:
    """The address of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.trio_echo", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"ws://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def measure() -> dict[tuple[str, str], Sample]:
    """Size and kind -> seconds of a round trip; all kinds of a size run in turn."""
    found = {}
    for name, (size, count) in SIZES.items():
        with ExitStack() as stack:
            cases = {
                kind: partial(_round, kind, stack.enter_context(_server(kind)), size, count) for kind in KINDS
            }
            for case in cases.values():
                warm(case)
            samples = interleave(cases, ROUNDS)
        found.update({(name, kind): sample for kind, sample in samples.items()})
    return found


if __name__ == "__main__":
    if sys.argv[1:]:
        trio.run(_run_server, sys.argv[1])
    else:
        result = measure()
        for name in SIZES:
            for kind in KINDS:
                sample = result[name, kind]
                rates = "{:.2f} ({:.2f} .. {:.2f})".format(*ratio(sample, result[name, "ours"]))
                print(f"{name}, {kind}: {1 / sample.p50:,.0f} a second; ours to it: {rates}")
