"""Who may connect, and what a socket tells of its client."""

import asyncio
import socket
import sys
from typing import Any

import pytest

from jupyter_trame.igor.igor_socket import Gate
from tests.igor.support import client, run, serving, until

LOCAL = Gate("localhost", ("https://good.example",), ("named.example",))
EVERYWHERE = Gate("0.0.0.0")


@pytest.mark.parametrize(
    ("gate", "origin", "host", "let_in"),
    [
        (LOCAL, None, "localhost:1", True),
        (LOCAL, "http://localhost:1", "localhost:1", True),
        (LOCAL, "http://[::1]:9", "localhost:1", True),
        (LOCAL, "https://good.example", "localhost:1", True),
        (LOCAL, "https://good.example:1", "localhost:1", False),
        (LOCAL, "https://named.example", "named.example", True),
        (LOCAL, "http://evil.example", "evil.example", False),
        (LOCAL, "chrome-extension://localhost", "localhost:1", False),
        (LOCAL, "http://[::1", "localhost:1", False),
        (EVERYWHERE, "http://192.168.1.5:1", "192.168.1.5:1", True),
        (EVERYWHERE, "http://localhost:4200", "192.168.1.5:1", False),
        (EVERYWHERE, "http://evil.example", "192.168.1.5:1", False),
        (Gate(open=True), "http://evil.example", "evil.example", True),
    ],
)
def test_the_gate(gate: Gate, origin: str | None, host: str, let_in: bool) -> None:
    refusal = gate.refusal(origin, host)
    assert (refusal is None) is let_in
    assert refusal is None or refusal.startswith("403: ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell what its sockets hold")
def test_a_client_that_reads_little_is_seen_to_read() -> None:
    """The system holds megabytes of a socket, and takes no more from the server while a slow client reads those."""

    async def large(output: Any, data: Any, **kwargs: Any) -> None:
        output.send("x" * (16 << 20))

    async def scenario() -> None:
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        small.connect(("localhost", int(server.url.rpartition(":")[2])))
        async with client(server, max_queue=1, sock=small, close_timeout=0.1) as slow:
            transport = slow.connection.transport
            await slow.ask(1, "large")
            transport.pause_reading()
            await until(lambda: any(one.behind for one in server.clients.values()))
            ours: Any = server.clients[1]._transport
            await until(lambda: settled(ours))
            taken = ours.taken()
            with transport.get_extra_info("socket").dup() as sock:
                for _ in range(64):
                    assert await asyncio.get_running_loop().sock_recv(sock, 1 << 12)
                    if ours.taken() > taken:
                        break
                else:
                    raise AssertionError("256 kB were read, and nothing tells of it")
            transport.abort()

    seen: list[tuple[int, int]] = []

    def settled(ours: Any) -> bool:
        seen.append((ours.unsent(), ours.taken()))
        return len(seen) > 10 and len(set(seen[-10:])) == 1

    with serving({"large": large}) as server:
        run(scenario)
