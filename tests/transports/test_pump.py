"""One replica and its clients on one loop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from jupyter_trame.client.session import ClientSession, Ready, StateChanged
from jupyter_trame.protocol import Limits, Replica, pack, unpack
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.link import (
    ClientClosed,
    CloseClient,
    Commit,
    LinkOp,
    Message,
    Snapshot,
    Stopped,
    Write,
)
from jupyter_trame.transports.base import ClientTransport, close_reason
from jupyter_trame.transports.pump import ClientPort, ReplicaPump
from jupyter_trame.types import ClientId, Epoch, Packed

pytestmark = pytest.mark.asyncio

LOG = "jupyter_trame"


class Recorder(ClientTransport):
    """A transport that keeps what it is given while it has room."""

    kind = "recorder"

    def __init__(self, space: int = 1 << 30) -> None:
        self.space = space
        self.frames: list[bytes] = []
        self.closed: list[tuple[int, str]] = []

    def room(self) -> int:
        return self.space - sum(map(len, self.frames))

    def send(self, frame: Packed) -> None:
        assert self.room() > 0 or len(self.frames) < 3, "more than one message over the room"
        self.frames.append(bytes(frame))

    def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))

    def take(self) -> list[bytes]:
        taken, self.frames = self.frames, []
        return taken


class Bench:
    """A pump, its link, and any number of clients."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.sent: list[LinkOp] = []
        self.replica = Replica(limits=limits)
        self.pump = ReplicaPump(self.replica, asyncio.get_running_loop())

    def join(self, **values: Any) -> None:
        self.pump.link_attached(self.sent.append)
        pairs = [(key, 1, pack(value)) for key, value in values.items()]
        self.pump.receive_link(Snapshot(Epoch("e"), 1, {"name": "demo", "secret": "s"}, pairs))

    def commit(self, seq: int, **values: Any) -> None:
        self.pump.receive_link(Commit(seq, [(key, pack(value)) for key, value in values.items()]))

    def client(self, space: int = 1 << 30) -> tuple[ClientSession, Recorder, ClientPort]:
        session, transport = ClientSession(secret="s"), Recorder(space)
        port = self.pump.connect(transport)
        session.connected()
        talk(session, transport, port)
        return session, transport, port


def talk(session: ClientSession, transport: Recorder, port: ClientPort) -> list[object]:
    """Exchange frames until both sides are quiet."""
    events: list[object] = []
    while True:
        output, frames = session.take_output(), transport.take()
        if not output and not frames:
            return events
        for frame in output:
            port.receive(frame)
        for frame in frames:
            events += session.receive(frame)
        port.writable()


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    bench.pump.close()


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, LOG)
    return caplog


async def test_a_client_that_comes_before_the_snapshot_waits_for_it(bench: Bench) -> None:
    session, transport, port = bench.client()
    assert not session.live
    bench.join(x=1)
    assert talk(session, transport, port) == [StateChanged({"x": 1}, snapshot=True), Ready(False, "demo")]


async def test_a_large_message_is_read_while_the_loop_serves_others(bench: Bench) -> None:
    """A megabyte may take a second to decode, and the loop is everybody's."""
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.sent.clear()
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        if not bench.sent:
            loop.call_soon(turn)
        else:
            done.set()

    loop, done = asyncio.get_running_loop(), asyncio.Event()
    session.write({"x": [{} for _ in range(100_000)]})
    talk(session, transport, port)
    assert bench.sent == []
    turn()
    await done.wait()
    assert turns > 10
    (write,) = bench.sent
    assert isinstance(write, Write)
    assert len(write.values[0][1]) > 100_000


@pytest.mark.parametrize("can_pause", [True, False])
async def test_what_comes_behind_a_large_message_does_not_pile_up(bench: Bench, can_pause: bool) -> None:
    """The transport reads no further meanwhile; where it cannot wait, the message is read to its end at once."""
    bench.join(x=1)
    session, transport, port = bench.client()
    calls: list[str] = []

    def pause() -> Callable[[], object]:
        calls.append("pause")
        return lambda: calls.append("resume")

    if can_pause:
        transport.pause = pause  # type: ignore[method-assign]
    bench.sent.clear()
    session.write({"x": [{} for _ in range(50_000)]})
    talk(session, transport, port)
    assert calls == ["pause"] * can_pause
    session.write({"x": 2})
    talk(session, transport, port)
    assert len(bench.sent) == (0 if can_pause else 2)
    while len(bench.sent) < 2:  # noqa: ASYNC110 - its turns are what is waited for
        await asyncio.sleep(0)
    assert calls == ["pause", "resume"] * can_pause
    assert [op.number for op in bench.sent if isinstance(op, Write)] == [1, 2]


async def test_a_client_that_is_refused_meanwhile_is_read_again(bench: Bench) -> None:
    """So that it can say goodbye."""
    bench.join(x=1)
    session, transport, port = bench.client()
    calls: list[str] = []
    transport.pause = lambda: lambda: calls.append("resume")  # type: ignore[method-assign]
    session.write({"x": [{} for _ in range(50_000)]})
    talk(session, transport, port)
    bench.pump.receive_link(CloseClient(port.channel.session.client_id, 1008, "no"))  # type: ignore[union-attr]
    assert transport.closed == [(1008, "no")]
    assert calls == ["resume"]


async def test_what_was_sent_before_the_goodbye_counts(bench: Bench) -> None:
    """Its close frame may be read together with the end of a large message."""
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.sent.clear()
    transport.pause = lambda: lambda: None  # type: ignore[method-assign]
    session.write({"x": [{} for _ in range(50_000)]})
    session.write({"x": 2})
    talk(session, transport, port)
    port.closed(1000)
    while len(bench.pump):  # noqa: ASYNC110 - its turns are what is waited for
        await asyncio.sleep(0)
    assert [type(op) for op in bench.sent] == [Write, Write, ClientClosed]
    assert [op.number for op in bench.sent if isinstance(op, Write)] == [1, 2]


async def test_a_large_message_counts_for_nothing_when_its_connection_breaks(bench: Bench) -> None:
    """The client comes back and sends it again."""
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.sent.clear()
    session.write({"x": [{} for _ in range(50_000)]})
    talk(session, transport, port)
    port.closed(None)
    await asyncio.sleep(0)
    assert len(bench.pump) == 0
    assert bench.sent == []


async def test_a_pump_that_ends_reads_no_further(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.join(x=1)
    session, transport, port = bench.client()
    calls: list[str] = []
    transport.pause = lambda: lambda: calls.append("resume")  # type: ignore[method-assign]
    session.write({"x": [{} for _ in range(100_000)]})
    bench.sent.clear()
    talk(session, transport, port)
    bench.pump.close()
    assert calls == ["resume"], "the client's goodbye is heard"
    bench.commit(2, x=2)  # the link may end after the clients
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert bench.sent == []
    assert caplog.text == ""


async def test_a_commit_reaches_all_clients_at_once_and_as_the_same_frame(bench: Bench) -> None:
    bench.join(x=1)
    clients = [bench.client() for _ in range(3)]
    bench.commit(2, x=2)
    frames = [transport.frames for _, transport, _ in clients]
    assert all(len(sent) == 1 for sent in frames)
    assert len({sent[0] for sent in frames}) == 1


async def test_operations_of_one_turn_are_one_publication(bench: Bench) -> None:
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.pump.receive_link(*(Commit(seq, [("x", pack(seq))]) for seq in range(2, 50)))
    assert len(transport.frames) == 1
    assert talk(session, transport, port) == [StateChanged({"x": 49}, snapshot=False)]


async def test_what_has_no_room_waits_and_conflates(bench: Bench) -> None:
    bench.join(x=0)
    session, transport, port = bench.client()
    transport.space = 0
    for seq in range(2, 200):
        bench.commit(seq, x=seq)
    assert transport.frames == []
    transport.space = 1 << 20
    port.writable()
    assert talk(session, transport, port) == [StateChanged({"x": 199}, snapshot=False)]


async def test_messages_leave_one_by_one_as_room_comes(bench: Bench) -> None:
    bench.join()
    session, transport, port = bench.client()
    transport.space = 1
    for number in range(5):
        bench.pump.receive_link(Message(pack({"wslink": "1.0", "id": "publish:t:0", "result": number})))
    got: list[Any] = []
    while transport.frames:
        assert len(transport.frames) == 1
        for frame in transport.take():
            got += session.receive(frame)
        port.writable()
    assert [event.data for event in got] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [
        (b"short", 1002, "12 bytes, this one has 5 bytes"),
        (split([b"\xc1"], 1, 100)[0], 1007, "not a request"),
        (split([bytes(513)], 1, 1000)[0], 1009, "a message of 513 bytes is over the limit of 512 bytes"),
    ],
)
async def test_a_broken_frame_ends_its_connection_only(
    bench: Bench, quiet: pytest.LogCaptureFixture, frame: bytes, code: int, reason: str
) -> None:
    bench.join(x=1)
    other = bench.client()
    transport = Recorder()
    port = bench.pump.connect(transport)
    port.receive(frame)
    ((closed, why),) = transport.closed
    assert closed == code
    assert reason in why
    assert str(code) in quiet.text
    assert len(bench.pump) == 1
    port.receive(frame)
    port.writable()
    port.closed()
    assert len(transport.closed) == 1
    bench.commit(2, x=2)
    assert other[1].frames


async def test_a_defect_ends_one_connection_and_is_logged(
    bench: Bench, quiet: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.join(x=1)
    _, transport, port = bench.client()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(bench.replica, "receive", fail)
    port.receive(b"")
    assert transport.closed == [(1011, "internal error; the server's log has the traceback")]
    assert "ZeroDivisionError: a defect" in quiet.text
    assert len(bench.pump) == 0


async def test_the_reason_of_a_close_fits_a_websocket(bench: Bench) -> None:
    bench.join()
    session, transport, _ = bench.client()
    bench.pump.receive_link(CloseClient(ClientId(session.client_id or ""), 1008, "é" * 200))
    ((_, reason),) = transport.closed
    assert reason == "é" * 61
    assert close_reason("short") == "short"


async def test_what_waits_leaves_before_the_connection_ends(bench: Bench) -> None:
    bench.join()
    session, transport, _port = bench.client()
    client = ClientId(session.client_id or "")
    message = Message(pack({"wslink": "1.0", "id": "publish:t:0", "result": 1}))
    bench.pump.receive_link(message, CloseClient(client, 1008, "no"))
    assert len(transport.frames) == 1
    assert transport.closed == [(1008, "no")]
    assert len(bench.pump) == 0


@pytest.mark.parametrize(
    ("code", "ends"), [(1000, True), (1001, True), (None, False), (1006, False), (1005, False)]
)
async def test_a_goodbye_ends_the_session_and_a_break_does_not(
    bench: Bench, code: int | None, ends: bool
) -> None:
    bench.join()
    session, _, port = bench.client()
    port.closed(code)
    port.closed(code)
    closings = [op for op in bench.sent if isinstance(op, ClientClosed)]
    assert closings == [ClientClosed(ClientId(session.client_id or ""))] * ends
    assert len(bench.pump) == 0


async def test_the_grace_time_is_over_by_itself() -> None:
    bench = Bench(Limits(grace=0.01))
    ended, left = asyncio.Event(), set[ClientId]()

    def hear(op: LinkOp) -> None:
        if isinstance(op, ClientClosed):
            left.add(op.client)
            if len(left) == 3:
                ended.set()

    bench.pump.link_attached(hear)
    bench.pump.receive_link(Snapshot(Epoch("e"), 1, {"name": "demo", "secret": "s"}, []))
    for port in [bench.client()[2] for _ in range(3)]:
        port.closed()
    assert len(list(bench.replica.sessions)) == 3
    await ended.wait()
    assert list(bench.replica.sessions) == []
    bench.pump.close()


async def test_a_lost_link_is_told_to_native_clients(bench: Bench) -> None:
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.pump.link_lost("the kernel died")
    (event,) = talk(session, transport, port)
    assert (event.state, event.message) == ("lost", "the kernel died")  # type: ignore[attr-defined]


async def test_closing_sends_what_waits_and_says_why() -> None:
    bench = Bench()
    bench.join()
    _session, transport, port = bench.client()
    transport.space = 0
    bench.pump.receive_link(Stopped(1001, "Server shutdown"))
    assert transport.frames == []
    transport.space = 1
    bench.pump.close()
    ((frame,), closed) = transport.frames, transport.closed
    payload = Assembler(1 << 20, 1).feed(frame)
    assert payload is not None
    assert unpack(payload)["result"] == {"state": "stopped", "message": "Server shutdown"}
    assert closed == [(1001, "Server shutdown")]
    port.receive(split([pack_request("i", "m")], 1, 1 << 20)[0])
    assert len(bench.pump) == 0


async def test_what_waits_for_readers_is_pending(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    idle: list[int] = []
    bench.pump.on_idle = lambda: idle.append(bench.pump.pending())
    bench.join(x=1)
    slow, quick = bench.client(), bench.client()
    assert bench.pump.pending() == 0
    slow[1].space = 0
    for number in range(3):
        bench.pump.receive_link(Message(pack({"wslink": "1.0", "id": "publish:t:0", "result": number})))
    bench.commit(2, x=2)
    assert bench.pump.pending() == 3
    assert len(quick[1].take()) == 4
    idle.clear()
    slow[1].space = 1 << 30
    slow[2].writable()
    assert idle == [0]
    slow[1].space = 0
    bench.commit(3, x=3)
    assert bench.pump.pending() == 1, "changed keys count as one"
    monkeypatch.setattr("jupyter_trame.transports.pump._STALLED", -1.0)
    assert bench.pump.pending() == 0, "who takes nothing holds nobody back"
    idle.clear()
    slow[2].closed(1000)
    assert idle == [0]


async def test_a_connection_that_is_gone_lags_no_more_whatever_its_transport_says(bench: Bench) -> None:
    idle: list[int] = []
    bench.join()
    transport = Recorder(space=0)
    port = bench.pump.connect(transport)
    session = ClientSession(secret="s")
    session.connected()
    for frame in session.take_output():
        port.receive(frame)
    assert bench.pump.pending() == 1, "the answer to the hello waits"
    port.closed()
    port.writable()
    assert bench.pump.pending() == 0
    bench.pump.on_idle = lambda: idle.append(bench.pump.pending())
    _, slow, other = bench.client(space=100)
    bench.commit(2, x=bytes(1000))
    bench.commit(3, x=bytes(2000))
    slow.space = 1 << 30
    other.writable()
    assert idle == [0]


@pytest.mark.parametrize(
    "place", ["broken frame", "text frame", "violation", "close of the server", "defect"]
)
async def test_clients_neither_flood_nor_forge_the_log(
    bench: Bench, quiet: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    bench.join(x=1)
    forged = "x\nERROR root: \x1b[2J" + "y" * 100_000

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    if place == "defect":
        monkeypatch.setattr(bench.replica, "receive", fail)
    for _ in range(200):
        if place == "close of the server":
            session, _, _ = bench.client()
            bench.pump.receive_link(CloseClient(ClientId(session.client_id or ""), 1008, forged))
            continue
        port = bench.pump.connect(Recorder())
        if place == "text frame":
            port.ignored_text()
        elif place == "violation":
            port.violated(1002, forged)
        else:
            port.receive(b"short")
    lines = [record.getMessage() for record in quiet.records if record.name == LOG]
    assert 1 <= len(lines) < 100
    assert all(line.isprintable() and len(line) < 400 for line in lines)
