import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from hashlib import sha256
from random import Random

import pytest
import pytest_asyncio

from jupyter_trame.errors import LinkError, ProtocolError
from jupyter_trame.transports import message_streams
from jupyter_trame.transports.message_streams import StreamMessage
from jupyter_trame.transports.message_tunnel import Tunnel
from jupyter_trame.transports.pace import MessageRate
from tests.transports.support import until
from tests.transports.tunnels import TunnelPair, tunnel_sockets

pytestmark = pytest.mark.asyncio

MEGABYTE = 1 << 20


@pytest_asyncio.fixture(params=[False, True], ids=["buffers", "text"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[TunnelPair]:
    pair = TunnelPair(asyncio.get_running_loop(), as_text=request.param)
    yield pair
    pair.close()
    for sock in pair.accepted:
        sock.close()
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def read(sock: socket.socket, size: int) -> bytes:
    sock.setblocking(False)
    data = bytearray()
    while len(data) < size:
        part = await asyncio.get_running_loop().sock_recv(sock, size - len(data))
        assert part
        data += part
    return bytes(data)


async def write(sock: socket.socket, data: bytes) -> None:
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_sendall(sock, data)


async def test_bytes_pass_both_ways(pair: TunnelPair) -> None:
    near, far = await tunnel_sockets(pair)
    data = Random(1).randbytes(9 * MEGABYTE)
    with near:
        writing = asyncio.gather(write(near, data), write(far, b"hello"))
        assert await read(near, 5) == b"hello"
        assert sha256(await read(far, len(data))).digest() == sha256(data).digest()
        await writing


async def test_streams_do_not_wait_for_each_other(pair: TunnelPair) -> None:
    """A reader that takes nothing holds its own stream back, and the memory of both sides has an end."""
    (full, stuck), (near, far) = await tunnel_sockets(pair), await tunnel_sockets(pair)
    with full, near, stuck:
        writing = asyncio.create_task(write(full, bytes(64 * MEGABYTE)))
        for number in range(20):
            await write(near, bytes([number]))
            assert await read(far, 1) == bytes([number])
        assert not writing.done()
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing


async def test_the_end_of_one_side_is_that_of_the_other(pair: TunnelPair) -> None:
    near, far = await tunnel_sockets(pair)
    await write(near, b"last words")
    near.close()
    assert await read(far, 10) == b"last words"
    assert await asyncio.get_running_loop().sock_recv(far, 1) == b""
    await until(lambda: not len(pair.near) and not len(pair.far))


async def test_what_is_lost_comes_again(pair: TunnelPair) -> None:
    chance = Random(7)
    pair.lost = lambda message: message.data["jt"] == "streams" and chance.random() < 0.2
    near, far = await tunnel_sockets_despite_losses(pair)
    data = Random(2).randbytes(3 * MEGABYTE)
    with near:
        writing = asyncio.create_task(write(near, data))
        reading = asyncio.create_task(read(far, len(data)))
        while not reading.done():
            pair.cut()
            await asyncio.wait([reading], timeout=0.01)
        assert sha256(reading.result()).digest() == sha256(data).digest()
        await writing


async def tunnel_sockets_despite_losses(pair: TunnelPair) -> tuple[socket.socket, socket.socket]:
    near = pair.near.connect()
    while not pair.accepted:
        await asyncio.sleep(0)
        pair.cut()
    return near, pair.accepted[0]


async def test_what_is_written_in_one_turn_is_one_message(pair: TunnelPair) -> None:
    sockets = [await tunnel_sockets(pair) for _ in range(5)]
    before = pair.messages
    for near, _ in sockets:
        near.send(b"x")
    for _, far in sockets:
        assert await read(far, 1) == b"x"
    for near, _ in sockets:
        near.close()
    assert pair.messages - before <= 5, "one for all, and what was read is acknowledged"


async def test_who_opens_streams_is_opened_none(pair: TunnelPair) -> None:
    ended: list[StreamMessage] = []
    loop = asyncio.get_running_loop()
    only = Tunnel(loop, ended.append, as_text=True)
    only.receive({"n": 0, "came": 0, "parts": [[0, "open", 0]]}, [])
    await until(lambda: ended)
    assert ended[0].data["parts"] == [[0, "end", 0]]
    only.close()


async def test_a_closed_tunnel_connects_nobody(pair: TunnelPair) -> None:
    near, far = await tunnel_sockets(pair)
    pair.near.close()
    pair.near.close()
    with pytest.raises(LinkError, match="do not arrive"):
        pair.near.connect()
    assert await asyncio.get_running_loop().sock_recv(near, 1) == b""
    near.close()
    far.close()


async def test_what_is_no_message_is_refused(pair: TunnelPair) -> None:
    with pytest.raises(ProtocolError):
        pair.near.receive({}, [])
    with pytest.raises(ProtocolError):
        pair.near.send_again(9)


async def test_messages_keep_to_the_rate() -> None:
    loop = asyncio.get_running_loop()
    posted: list[StreamMessage] = []
    rate = MessageRate(loop, rate=1e-6, burst=2)
    tunnel = Tunnel(loop, posted.append, as_text=True, rate=rate)
    sockets = []
    for _ in range(4):
        sockets.append(tunnel.connect())
        for _ in range(3):
            await asyncio.sleep(0)
    assert len(posted) == 2
    tunnel.close()
    rate.close()
    for sock in sockets:
        sock.close()
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_where_no_stream_can_be_had_no_socket_is_left(
    pair: TunnelPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_streams, "STREAMS", 0)
    with pytest.raises(LinkError, match="at most 0 streams"):
        pair.near.connect()

    def refuse() -> tuple[socket.socket, socket.socket]:
        raise OSError("too many open files")

    monkeypatch.setattr(socket, "socketpair", refuse)
    with pytest.raises(LinkError, match="no link can be made: too many open files"):
        pair.near.connect()


async def test_what_is_sent_again_keeps_to_the_rate_too() -> None:
    loop = asyncio.get_running_loop()
    posted: list[StreamMessage] = []
    rate = MessageRate(loop, rate=1e-6, burst=3)
    tunnel = Tunnel(loop, posted.append, as_text=True, rate=rate)
    sockets = [tunnel.connect()]
    await until(lambda: len(posted) == 1)
    tunnel.sign_of_life(0)
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(posted) == 1, "it may be on its way"
    for _ in range(5):
        tunnel.send_again(0)
        tunnel.sign_of_life(0)
    await until(lambda: len(posted) == 2)
    sockets.append(tunnel.connect())
    for _ in range(9):
        tunnel.send_again(0)
        await asyncio.sleep(0)
    assert [message.data["n"] for message in posted] == [0, 0, 0]
    tunnel.close()
    rate.close()
    for sock in sockets:
        sock.close()
    await until(lambda: len(asyncio.all_tasks()) == 1)
