"""What RFC 6455 asks of both ends, the cases of the usual compliance suites: the peer is a stream of bytes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import pytest
import trio
from websockets.utils import accept_key

from jupyter_trame.trio import ConnectionClosed, connect, serve
from tests.trio.support import on_trio, port_of

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA
FIN = 0x80
REQUEST = (
    "GET / HTTP/1.1\nHost: x\nUpgrade: websocket\nConnection: Upgrade\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n"
)
RESPONSE = (
    "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: {}\n\n"
)
TALE = "Hello-µ@ßöäüàá-UTF-8!! κόσμε 𝄞"


class Peer:
    """The other end, which writes whatever a test wants and reads frames one by one."""

    def __init__(self, stream: trio.SocketStream, *, masks: bool) -> None:
        self._stream = stream
        self._masks = masks
        """A client masks what it sends."""
        self._buffer = b""

    def frame(self, first: int, payload: bytes = b"", *, masks: bool | None = None) -> bytes:
        """`first` is the byte of the bits and the opcode."""
        masks = self._masks if masks is None else masks
        size, bit = len(payload), 0x80 if masks else 0
        if size < 126:
            head = bytes([first, bit | size])
        elif size < 65536:
            head = bytes([first, bit | 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([first, bit | 127]) + size.to_bytes(8, "big")
        if not masks:
            return head + payload
        mask = b"\x12\x34\x56\x78"
        return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    async def send(self, first: int, payload: bytes = b"", **options: Any) -> None:
        await self.write(self.frame(first, payload, **options))

    async def write(self, data: bytes) -> None:
        await self._stream.send_all(data)

    async def read(self) -> tuple[int, bytes]:
        """First byte and payload of the next frame."""
        first, second = await self._exactly(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(await self._exactly(2 if size == 126 else 8), "big")
        assert bool(second & 0x80) is not self._masks, "a client masks, and a server does not"
        mask = await self._exactly(4) if second & 0x80 else bytes(4)
        payload = await self._exactly(size)
        return first, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    async def closed(self) -> int:
        """The code of the close frame that comes next, and then nothing."""
        first, payload = await self.read()
        assert first == FIN | CLOSE, (first, payload)
        return int.from_bytes(payload[:2], "big")

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            part = await self._stream.receive_some()
            assert part, "the connection has ended"
            self._buffer += part
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    async def head(self) -> str:
        """An HTTP message, up to its empty line."""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += await self._stream.receive_some()
        found, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return found.decode()


async def echo(websocket: Any, *_: object) -> None:
    async for message in websocket:
        await websocket.send(message)


@asynccontextmanager
async def server_under_test() -> AsyncIterator[Peer]:
    async with (
        serve(echo, "127.0.0.1", 0, max_size=2**25, timeout=5) as server,
        await trio.open_tcp_stream("127.0.0.1", port_of(server)) as stream,
    ):
        peer = Peer(stream, masks=True)
        await peer.write(REQUEST.replace("\n", "\r\n").encode())
        assert (await peer.head()).startswith("HTTP/1.1 101 ")
        yield peer


@asynccontextmanager
async def client_under_test() -> AsyncIterator[Peer]:
    ended = trio.Event()

    async def client(address: str) -> None:
        try:
            async with connect(address, max_size=2**25, timeout=5) as websocket:
                await echo(websocket)
        except ConnectionClosed:
            pass
        finally:
            ended.set()

    [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener, trio.open_nursery() as nursery:
        nursery.start_soon(client, f"ws://127.0.0.1:{listener.socket.getsockname()[1]}")
        async with await listener.accept() as stream:
            peer = Peer(stream, masks=False)
            headers = dict(line.split(": ", 1) for line in (await peer.head()).split("\r\n")[1:])
            accept = accept_key(headers["Sec-WebSocket-Key"])
            await peer.write(RESPONSE.format(accept).replace("\n", "\r\n").encode())
            yield peer
        await ended.wait()


Case: TypeAlias = Callable[[Peer], Awaitable[None]]


def both_ends(case: Case) -> Callable[..., None]:
    """`case` against a server of ours, and against a client."""

    @pytest.mark.parametrize("end", ["server", "client"])
    def test(end: str) -> None:
        async def run() -> None:
            async with server_under_test() if end == "server" else client_under_test() as peer:
                await case(peer)

        on_trio(run)()

    test.__name__ = case.__name__
    return test


async def goes_on(peer: Peer) -> None:
    """The connection is as good as ever."""
    await peer.send(FIN | TEXT, b"still here")
    assert await peer.read() == (FIN | TEXT, b"still here")


# -- framing


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65535, 65536, 2**20])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("end", ["server", "client"])
def test_sizes(end: str, opcode: int, size: int) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(FIN | opcode, b"*" * size)
            assert await peer.read() == (FIN | opcode, b"*" * size)

    on_trio(run)()


@both_ends
async def test_frames_may_come_byte_by_byte(peer: Peer) -> None:
    for byte in peer.frame(FIN | TEXT, TALE.encode()):
        await peer.write(bytes([byte]))
    assert await peer.read() == (FIN | TEXT, TALE.encode())


@both_ends
async def test_many_frames_may_come_at_once(peer: Peer) -> None:
    await peer.write(b"".join(peer.frame(FIN | TEXT, str(number).encode()) for number in range(100)))
    for number in range(100):
        assert await peer.read() == (FIN | TEXT, str(number).encode())


@pytest.mark.parametrize("bits", [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70])
@pytest.mark.parametrize("end", ["server", "client"])
def test_reserved_bits_are_refused(end: str, bits: int) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(FIN | TEXT, b"before")
            assert await peer.read() == (FIN | TEXT, b"before")
            await peer.send(FIN | bits | TEXT, b"x")
            assert await peer.closed() == 1002

    on_trio(run)()


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("end", ["server", "client"])
def test_reserved_opcodes_are_refused(end: str, opcode: int) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(FIN | opcode, b"x")
            assert await peer.closed() == 1002

    on_trio(run)()


@both_ends
async def test_a_wrong_mask_is_refused(peer: Peer) -> None:
    await peer.send(FIN | TEXT, b"x", masks=not peer._masks)
    assert await peer.closed() == 1002


# -- pings


@pytest.mark.parametrize("payload", [b"", b"Hello", bytes([0, 255, 254]), b"x" * 125])
@pytest.mark.parametrize("end", ["server", "client"])
def test_pings_are_answered_with_their_payload(end: str, payload: bytes) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(FIN | PING, payload)
            assert await peer.read() == (FIN | PONG, payload)

    on_trio(run)()


@both_ends
async def test_a_ping_that_is_too_long_is_refused(peer: Peer) -> None:
    await peer.send(FIN | PING, b"x" * 126)
    assert await peer.closed() == 1002


@both_ends
async def test_unsolicited_pongs_are_ignored(peer: Peer) -> None:
    await peer.send(FIN | PONG)
    await peer.send(FIN | PONG, b"nobody asked")
    await goes_on(peer)


@both_ends
async def test_ten_pings_have_ten_answers(peer: Peer) -> None:
    await peer.write(b"".join(peer.frame(FIN | PING, bytes([number])) for number in range(10)))
    for number in range(10):
        assert await peer.read() == (FIN | PONG, bytes([number]))


# -- fragments


@both_ends
async def test_fragments_are_put_together(peer: Peer) -> None:
    await peer.send(TEXT, b"frag")
    await peer.send(CONTINUATION)
    await peer.send(CONTINUATION, b"men")
    await peer.send(FIN | CONTINUATION, b"ted")
    assert await peer.read() == (FIN | TEXT, b"fragmented")


@both_ends
async def test_control_frames_come_between_fragments(peer: Peer) -> None:
    await peer.send(TEXT, b"frag")
    await peer.send(FIN | PING, b"between")
    assert await peer.read() == (FIN | PONG, b"between")
    await peer.send(FIN | PONG)
    await peer.send(FIN | CONTINUATION, b"mented")
    assert await peer.read() == (FIN | TEXT, b"fragmented")


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
@pytest.mark.parametrize("end", ["server", "client"])
def test_control_frames_are_no_fragments(end: str, opcode: int) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(opcode, b"")
            assert await peer.closed() == 1002

    on_trio(run)()


@both_ends
async def test_a_continuation_of_nothing_is_refused(peer: Peer) -> None:
    await peer.send(FIN | CONTINUATION, b"x")
    assert await peer.closed() == 1002


@both_ends
async def test_a_continuation_after_the_last_one_is_refused(peer: Peer) -> None:
    await peer.send(TEXT, b"a")
    await peer.send(FIN | CONTINUATION, b"b")
    assert await peer.read() == (FIN | TEXT, b"ab")
    await peer.send(CONTINUATION, b"c")
    assert await peer.closed() == 1002


@both_ends
async def test_a_new_message_within_another_is_refused(peer: Peer) -> None:
    await peer.send(TEXT, b"a")
    await peer.send(FIN | TEXT, b"b")
    assert await peer.closed() == 1002


# -- text


@both_ends
async def test_text_is_split_at_any_byte(peer: Peer) -> None:
    data = TALE.encode()
    for place in range(len(data) + 1):
        await peer.send(TEXT, data[:place])
        await peer.send(FIN | CONTINUATION, data[place:])
        assert await peer.read() == (FIN | TEXT, data)
    await peer.send(TEXT)
    for byte in data:
        await peer.send(CONTINUATION, bytes([byte]))
    await peer.send(FIN | CONTINUATION)
    assert await peer.read() == (FIN | TEXT, data)


INVALID = {
    "truncated": b"\xce",
    "surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\xaf",
    "beyond the last": b"\xf4\x90\x80\x80",
    "no start": b"\x80",
    "never used": b"\xff",
    "after good text": TALE.encode() + b"\xed\xa0\x80edited",
}


@pytest.mark.parametrize("data", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("fragments", [1, 2])
@pytest.mark.parametrize("end", ["server", "client"])
def test_what_is_no_text_is_refused(end: str, fragments: int, data: bytes) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            if fragments == 1:
                await peer.send(FIN | TEXT, data)
            else:
                await peer.send(TEXT, data[:1])
                await peer.send(FIN | CONTINUATION, data[1:])
            assert await peer.closed() == 1007

    on_trio(run)()


@both_ends
async def test_binary_messages_may_hold_anything(peer: Peer) -> None:
    data = b"".join(INVALID.values()) + bytes(range(256))
    await peer.send(FIN | BINARY, data)
    assert await peer.read() == (FIN | BINARY, data)


# -- the end


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
)
@pytest.mark.parametrize("end", ["server", "client"])
def test_good_close_codes_come_back(end: str, code: int) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(FIN | CLOSE, code.to_bytes(2, "big") + "why µ".encode())
            assert await peer.closed() == code

    on_trio(run)()


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
@pytest.mark.parametrize("end", ["server", "client"])
def test_bad_close_codes_are_refused(end: str, code: int) -> None:
    async def run() -> None:
        async with server_under_test() if end == "server" else client_under_test() as peer:
            await peer.send(FIN | CLOSE, code.to_bytes(2, "big"))
            assert await peer.closed() == 1002

    on_trio(run)()


@both_ends
async def test_a_close_frame_may_say_nothing(peer: Peer) -> None:
    await peer.send(FIN | CLOSE)
    assert await peer.read() == (FIN | CLOSE, b"")


@both_ends
async def test_a_close_frame_of_one_byte_is_refused(peer: Peer) -> None:
    await peer.send(FIN | CLOSE, b"\x03")
    assert await peer.closed() == 1002


@both_ends
async def test_a_close_frame_that_is_too_long_is_refused(peer: Peer) -> None:
    await peer.send(FIN | CLOSE, (1000).to_bytes(2, "big") + b"x" * 124)
    assert await peer.closed() == 1002


@both_ends
async def test_a_reason_that_is_no_text_is_refused(peer: Peer) -> None:
    await peer.send(FIN | CLOSE, (1000).to_bytes(2, "big") + b"\xce\xba\xe1")
    assert await peer.closed() == 1007


@both_ends
async def test_what_comes_after_a_close_frame_is_ignored(peer: Peer) -> None:
    code = (1000).to_bytes(2, "big")
    await peer.write(
        peer.frame(FIN | CLOSE, code) + peer.frame(FIN | TEXT, b"late") + peer.frame(FIN | PING, b"late")
    )
    assert await peer.closed() == 1000
    if peer._masks:  # a client of ours waits for its server to end the connection
        with pytest.raises(AssertionError, match="has ended"):
            await peer.read()
