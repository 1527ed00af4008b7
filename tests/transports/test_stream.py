import asyncio
import contextlib
import gc
import logging
import os
import socket
import struct
import threading
import tracemalloc
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.link import Commit, LinkOp, Message, Settle, Stopped
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.transports import stream
from jupyter_trame.transports.stream import StreamLink
from jupyter_trame.transports.turns import BUDGET
from jupyter_trame.types import ClientId
from tests.transports.ends import End, make_end
from tests.transports.support import until
from tests.transports.tunnels import TunnelPair, tunnel_sockets

pytestmark = pytest.mark.asyncio

MEGABYTE = 1 << 20


@pytest_asyncio.fixture(params=["socket", "messages", "messages as text"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[End, End]]:
    """A link over a socket, and over the messages of a kernel."""
    loop = asyncio.get_running_loop()
    tunnels = None
    if request.param == "socket":
        sockets = socket.socketpair()
    else:
        tunnels = TunnelPair(loop, as_text=request.param.endswith("text"))
        sockets = await tunnel_sockets(tunnels)
    left, right = (make_end(sock, loop) for sock in sockets)
    yield left, right
    for end in (left, right):
        end.link.close()
    await until(lambda: left.reasons and right.reasons)
    if tunnels is not None:
        tunnels.close()
        await until(lambda: not len(tunnels.near) and not len(tunnels.far))


@pytest.fixture
def collector_off() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def test_operations_arrive_in_order(pair: tuple[End, End]) -> None:
    left, right = pair
    ops = [Commit(seq, [("x", bytes([seq]))]) for seq in range(100)]
    for op in ops:
        assert left.link.send(op)
    await until(lambda: len(right.ops) == 100)
    assert right.ops == ops


async def test_small_operation_leaves_in_the_call() -> None:
    """The loop does not turn between `send` and the arrival: a blocking cell's pushes do not wait for it."""
    near, far = socket.socketpair()
    end = make_end(near, asyncio.get_running_loop())
    end.link.send(Stopped(1001, "now"))
    far.settimeout(5)
    assert far.recv(1000) == b"".join(encode_op(Stopped(1001, "now")))
    end.link.close()
    far.close()
    await until(lambda: end.reasons)


async def test_ten_megabytes(pair: tuple[End, End]) -> None:
    left, right = pair
    value = os.urandom(10 * MEGABYTE)
    assert not left.link.send(Commit(1, [("small", b"\x01"), ("big", value), ("after", b"\x02")]))
    left.link.send(Stopped(1000, "next"))
    await until(lambda: len(right.ops) == 2)
    first = right.ops[0]
    assert isinstance(first, Commit)
    assert [(key, bytes(packed or b"")) for key, packed in first.values] == [
        ("small", b"\x01"),
        ("big", value),
        ("after", b"\x02"),
    ]
    assert right.ops[1] == Stopped(1000, "next")
    assert left.link._outgoing.size == 0


async def test_a_large_frame_is_read_over_several_turns(
    pair: tuple[End, End], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is the test's: a read takes a third of what a turn has."""
    left, right = pair
    turns = right.link._turns
    now = 0.0

    def read(link: StreamLink) -> bool:
        nonlocal now
        now += BUDGET / 3
        reads.append(turn)
        return original(link)

    original, reads, turn = StreamLink._read, list[int](), 0
    monkeypatch.setattr(StreamLink, "_read", read)
    monkeypatch.setattr(turns, "_clock", lambda: now)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: 0.0)
    left.link.send(Commit(1, [("big", bytes(10 * MEGABYTE))]))
    while not right.ops:
        await asyncio.sleep(0)
        turn += 1
    assert len(reads) >= 40
    assert max(Counter(reads).values()) <= 4, "of both ends"


async def test_many_small_operations_are_handled_over_several_turns(
    pair: tuple[End, End], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All came with one read; the socket has nothing more that would call."""
    left, right = pair
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: 0.0)
    ops = [Settle(ClientId("c"), number, 1) for number in range(3000)]
    left.link.send(*ops)
    handled, turns = 0, 0
    while len(right.ops) < 3000:
        await asyncio.sleep(0)
        turns += len(right.ops) > handled
        handled = len(right.ops)
    assert right.ops == ops
    assert turns >= 6


async def test_more_segments_than_a_system_call_takes(pair: tuple[End, End]) -> None:
    left, right = pair
    values = [(f"k{n}", os.urandom(20_000 if n % 2 else 10)) for n in range(3000)]
    left.link.send(Commit(1, values))
    await until(lambda: right.ops)
    first = right.ops[0]
    assert isinstance(first, Commit)
    assert [(key, bytes(packed or b"")) for key, packed in first.values] == values


async def test_both_directions_at_once(pair: tuple[End, End]) -> None:
    left, right = pair
    value = bytes(MEGABYTE)
    for seq in range(8):
        left.link.send(Commit(seq, [("x", value)]))
        right.link.send(Commit(seq, [("x", value)]))
    await until(lambda: len(left.ops) == len(right.ops) == 8)
    assert [op.seq for op in left.ops if isinstance(op, Commit)] == list(range(8))


async def test_threads_send_concurrently(pair: tuple[End, End]) -> None:
    """Frames of several threads never mix, and each thread's frames keep their order."""
    left, right = pair

    def work(thread: int) -> None:
        for number in range(200):
            size = 300_000 if number % 50 == 0 else 50
            left.link.send(Message(bytes([thread]) * size + struct.pack("<I", number)))

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    await until(lambda: len(right.ops) == 800)
    for thread in threads:
        thread.join()
    seen: dict[int, list[int]] = {thread: [] for thread in range(4)}
    for op in right.ops:
        assert isinstance(op, Message)
        body = bytes(op.envelope)
        assert set(body[:-4]) == {body[0]}
        seen[body[0]].append(struct.unpack("<I", body[-4:])[0])
    assert all(numbers == list(range(200)) for numbers in seen.values())


async def test_send_returns_false_over_the_high_water_and_drains_once() -> None:
    near, far = socket.socketpair()
    end = make_end(near, asyncio.get_running_loop(), high_water=100_000)
    far.setblocking(False)
    while end.link.send(Message(bytes(50_000))):
        pass
    assert end.link._outgoing.size > 100_000
    assert not end.link.send(Message(b"small")), "still full"
    await asyncio.sleep(0)
    assert end.drains == 0

    def drain() -> bool:
        with contextlib.suppress(BlockingIOError):
            far.recv(MEGABYTE)
        return end.link._outgoing.size == 0

    await until(drain)
    assert end.drains == 1
    assert end.link.send(Message(b"small"))
    end.link.close()
    far.close()
    await until(lambda: end.reasons)


async def test_reader_that_never_reads_costs_bounded_memory() -> None:
    near, far = socket.socketpair()
    end = make_end(near, asyncio.get_running_loop(), queue_limit=MEGABYTE)
    while not end.link.closed:
        end.link.send(Message(bytes(300_000)))
    assert end.link._outgoing.size == 0
    await until(lambda: end.reasons)
    assert "over 1048576 bytes wait" in end.reasons[0]
    far.close()


async def test_one_frame_over_the_queue_limit_is_sent() -> None:
    """A large value is no sign of a slow reader."""
    loop = asyncio.get_running_loop()
    left, right = (make_end(sock, loop, queue_limit=MEGABYTE) for sock in socket.socketpair())
    left.link.send(Message(bytes(5 * MEGABYTE)))
    await until(lambda: right.ops)
    left.link.close()
    await until(lambda: left.reasons and right.reasons)


async def test_close_reaches_both_ends_once(pair: tuple[End, End]) -> None:
    left, right = pair
    left.link.send(Stopped(1001, "bye"))
    left.link.close("enough")
    left.link.close("again")
    await until(lambda: left.reasons and right.reasons)
    assert left.reasons == ["enough"]
    assert right.reasons == ["the other side closed the link"]
    assert right.ops == [Stopped(1001, "bye")]
    assert left.link.send(Stopped(1001, "late")), "dropped without a complaint"


async def test_close_from_another_thread_while_the_queue_is_full(pair: tuple[End, End]) -> None:
    left, right = pair
    left.link.send(Message(bytes(20 * MEGABYTE)))
    thread = threading.Thread(target=left.link.close, args=("cut",))
    thread.start()
    await until(lambda: left.reasons and right.reasons)
    thread.join()
    assert left.reasons == ["cut"]
    assert right.ops == []


async def test_peer_vanishes_while_threads_send(pair: tuple[End, End]) -> None:
    left, right = pair
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            left.link.send(Message(bytes(1000)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    await until(lambda: len(right.ops) > 100)
    right.link.close()
    await until(lambda: left.reasons)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(left.reasons) == 1


async def test_a_link_that_ended_gives_its_memory_back_at_once(collector_off: None) -> None:
    """Whoever connects over and over would otherwise decide how much waits for the collector of circles."""

    class Owner:
        def __init__(self, sock: socket.socket) -> None:
            loop = asyncio.get_running_loop()
            self.reasons: list[str] = []
            self.link = StreamLink(
                sock, loop, on_ops=self.came, on_closed=self.reasons.append, on_drained=self.drained
            )

        def came(self, ops: list[LinkOp]) -> None: ...

        def drained(self) -> None: ...

    near, far = socket.socketpair()
    owner = Owner(near)
    gone = weakref.ref(owner)
    reasons = owner.reasons
    del owner
    far.close()
    await until(lambda: reasons)
    await until(lambda: gone() is None)


async def test_who_keeps_a_link_that_ended_keeps_no_buffers() -> None:
    near, far = socket.socketpair()
    reasons: list[str] = []
    tracemalloc.start()
    try:
        loop = asyncio.get_running_loop()
        link = StreamLink(near, loop, on_ops=lambda _: None, on_closed=reasons.append)
        assert tracemalloc.get_traced_memory()[0] > 200_000
        far.sendall(struct.pack("<I", 64 * MEGABYTE) + bytes(1000))
        await until(lambda: link._decoder._large is not None)
        assert link._decoder._large is not None
        gone = weakref.ref(link._decoder._large.obj)  # from the system, so that it is not traced
        far.close()
        await until(lambda: reasons)
        assert link.closed
        assert gone() is None
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()


async def test_link_that_broke_says_so() -> None:
    near, far = socket.socketpair()
    end = make_end(near, asyncio.get_running_loop())
    far.close()
    end.link.send(Stopped(1001, "x"))
    await until(lambda: end.reasons)
    assert end.reasons[0]


async def test_operations_of_one_read_come_together() -> None:
    near, far = socket.socketpair()
    batches: list[list[LinkOp]] = []
    link = StreamLink(near, asyncio.get_running_loop(), on_ops=batches.append, on_closed=lambda _: None)
    ops: list[LinkOp] = [Settle(ClientId("c1"), 1, 2), Stopped(1, "x")]
    far.sendall(b"".join(buffer for op in ops for buffer in encode_op(op)))
    await until(lambda: batches)
    assert batches == [ops]
    link.close()
    far.close()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LinkError("not a server"), "not a server"),
        (KeyError("x"), "an operation was not handled: KeyError('x')"),
    ],
)
async def test_failing_handler_ends_the_link_with_the_reason(
    error: Exception, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    near, far = socket.socketpair()
    reasons: list[str] = []

    def fail(ops: list[LinkOp]) -> None:
        raise error

    StreamLink(near, asyncio.get_running_loop(), on_ops=fail, on_closed=reasons.append)
    far.sendall(b"".join(encode_op(Stopped(1, "x"))))
    await until(lambda: reasons)
    assert reasons == [reason]
    assert "a link is dropped" in caplog.text
    far.close()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (struct.pack("<II", 4, 100), "longer than the frame"),
        (struct.pack("<I", 2) + b"xx", "without a header"),
        (struct.pack("<I", 5000), "over the limit of 4096 bytes"),
        (struct.pack("<II", 5, 1) + b"\xc1", "msgpack"),
        (struct.pack("<II", 6, 2) + b"\x91\x63", "99 is not known"),
    ],
)
async def test_malformed_data_ends_the_link(
    data: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    near, far = socket.socketpair()
    with caplog.at_level(logging.WARNING):
        end = make_end(near, asyncio.get_running_loop(), frame_limit=4096)
        far.sendall(data)
        await until(lambda: end.reasons)
    assert reason in end.reasons[0]
    assert reason in caplog.text
    assert not end.ops
    far.close()


async def feed(data: bytes) -> None:
    near, far = socket.socketpair()
    end = make_end(near, asyncio.get_running_loop(), frame_limit=4096)
    far.sendall(data)
    far.close()
    await until(lambda: end.reasons)
    assert len(end.reasons) == 1


@pytest.mark.asyncio(loop_scope="module")
@given(st.binary(max_size=300))
async def test_no_data_stalls_the_link(data: bytes) -> None:
    await feed(data)


async def test_systems_without_sendmsg() -> None:
    """Windows has no scattered send."""
    near, far = socket.socketpair()
    with near, far:
        bare = _WithoutSendmsg(near)
        assert stream._send_vector(bare, [b"ab", b"cd"]) == 2  # type: ignore[arg-type]
        assert far.recv(10) == b"ab"


class _WithoutSendmsg:
    def __init__(self, sock: socket.socket) -> None:
        self.send = sock.send


async def test_loop_that_is_gone_does_not_fail_senders() -> None:
    near, far = socket.socketpair()
    done = threading.Event()
    links: list[StreamLink] = []

    def turn() -> None:
        loop = asyncio.new_event_loop()
        links.append(make_end(near, loop).link)
        loop.close()
        done.set()

    threading.Thread(target=turn).start()
    await until(done.is_set)
    links[0].send(Message(bytes(20 * MEGABYTE)))
    links[0].close()
    assert near.fileno() == -1
    far.close()
