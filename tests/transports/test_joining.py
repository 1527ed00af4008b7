"""A replica's way to a kernel, and who else may be there."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.handshake import NONCE_SIZE, Admission, Application
from jupyter_trame.protocol.link import Challenge, ClientOpened, Join
from jupyter_trame.protocol.link_decoder import LinkDecoder
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.system.ownership import NotOursError
from jupyter_trame.transports.joining import admit, answers, join
from jupyter_trame.transports.rendezvous import Record
from jupyter_trame.types import ClientId

SECRET = "the-secret-of-the-record"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

pytestmark = pytest.mark.asyncio


async def kernel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers as a kernel does; says the slug in the end."""
    admission = Admission(SECRET, os.urandom(NONCE_SIZE))
    decoder = LinkDecoder(4096)
    while admission.slug is None:
        if not (data := await reader.read(4096)):
            return
        for op in decoder.feed(data):
            if (challenge := admission.receive(op)) is not None:
                # Whatever comes with the answer is the link's already.
                writer.write(b"".join(encode_op(challenge)))
    writer.write(admission.slug.encode())


def saying(data: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard = await reader.read(4096)
        assert SECRET.encode() not in heard
        writer.write(data)
        assert SECRET.encode() not in heard + await reader.read(4096)

    return serve


async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    await reader.read()


async def listen(serve: Serve) -> tuple[asyncio.Server, Record]:
    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve_and_close, "127.0.0.1", 0)
    return server, Record(1, f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}", SECRET)


async def test_a_kernel_that_knows_the_secret_is_joined() -> None:
    server, record = await listen(kernel)
    async with server:
        assert await answers(record)
        sock = await join(record, "app", "r")
        assert await asyncio.get_running_loop().sock_recv(sock, 100) == b"app"
        sock.close()


@pytest.mark.parametrize(
    "data",
    [
        b"".join(encode_op(Challenge(bytes(32), bytes(32)))),
        b"".join(encode_op(Join("r", "app", bytes(32)))),
        b"".join(encode_op(ClientOpened(ClientId("c"), native=True))),
    ],
)
async def test_a_listener_that_does_not_know_the_secret_learns_nothing(data: bytes) -> None:
    """Somebody took the port of a kernel that was killed."""
    server, record = await listen(saying(data))
    async with server:
        with pytest.raises(NotOursError):
            await join(record, "app", "r")
        with pytest.raises(NotOursError):
            await answers(record)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "closed the link"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "exceeds|limit|bytes"),
        (b"\xff\xff\xff\xff", "bytes"),
        (b"\x00\x00\x00\x00", "without a header"),
        (b"\x05\x00\x00\x00\x01", "closed the link"),
    ],
)
async def test_a_listener_of_another_kind_is_no_kernel(data: bytes, reason: str) -> None:
    async def say_and_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(data)

    server, record = await listen(say_and_leave)
    async with server:
        with pytest.raises(LinkError, match=reason):
            await join(record, "app", "r")
        assert not await answers(record)


async def test_a_listener_that_says_nothing_is_not_waited_for() -> None:
    server, record = await listen(hold)
    async with server:
        with pytest.raises(LinkError, match="no answer within"):
            await join(record, "app", "r", handshake_timeout=0.01)
        assert not await answers(record, handshake_timeout=0.01)


async def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        record = Record(1, f"tcp:127.0.0.1:{closed.getsockname()[1]}", SECRET)
    assert not await answers(record)
    with pytest.raises(LinkError, match="nobody listens"):
        await join(record, "app", "r")


async def both_ends(secret: str, shown: str) -> tuple[object, object]:
    """What `admit` and a replica's handshake give on one connection."""
    left, right = socket.socketpair()
    for sock in (left, right):
        sock.setblocking(False)
    loop = asyncio.get_running_loop()

    async def apply() -> bytes:
        application = Application(shown, Join("r", "robot", b"n" * NONCE_SIZE))
        await loop.sock_sendall(right, b"".join(encode_op(application.join)))
        (challenge,) = LinkDecoder(4096).feed(await loop.sock_recv(right, 4096))
        try:
            proof = application.answer(challenge)
        except LinkError:
            right.close()
            raise
        await loop.sock_sendall(right, b"".join(encode_op(proof)) + b"more")
        return b""

    results = await asyncio.gather(admit(left, secret, handshake_timeout=5), apply(), return_exceptions=True)
    if not isinstance(results[0], BaseException):
        assert await loop.sock_recv(left, 100) == b"more", "not a byte more was read"
        left.close()
    right.close()
    return results[0], results[1]


async def test_admitting_who_knows_the_secret() -> None:
    assert await both_ends("s", "s") == ("robot", b"")


async def test_nobody_else_is_admitted() -> None:
    admitted, applied = await both_ends("s", "wrong")
    assert isinstance(applied, LinkError)
    assert isinstance(admitted, LinkError)


async def test_silence_is_not_waited_for() -> None:
    left, right = socket.socketpair()
    with pytest.raises(LinkError, match="no secret was proved"):
        await admit(left, "s", handshake_timeout=0.05)
    assert left.fileno() == -1
    right.close()
