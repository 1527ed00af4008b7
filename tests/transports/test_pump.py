"""One replica and its clients on one loop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

import pytest
import pytest_asyncio

from jupyter_trame.protocol import Limits, Replica, pack, unpack
from jupyter_trame.protocol.chunking import Assembler, Frame, split
from jupyter_trame.protocol.client_events import Ready, StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.link import (
    ClientClosed,
    CloseClient,
    Commit,
    LinkOp,
    Message,
    Resume,
    Resumed,
    Snapshot,
    Stopped,
    Write,
)
from jupyter_trame.transports.base import ClientPort, ClientTransport, close_reason
from jupyter_trame.transports.pump import ReplicaPump
from jupyter_trame.transports.turns import BUDGET, SLICE, turns_of
from jupyter_trame.types import ClientId, Epoch

pytestmark = pytest.mark.asyncio

LOG = "jupyter_trame"


R = TypeVar("R", bound="Recorder")


class Recorder(ClientTransport):
    """A transport that keeps what it is given while it has room."""

    kind = "recorder"

    def __init__(self, space: int = 1 << 30) -> None:
        self.space = space
        self.frames: list[bytes] = []
        self.closed: list[tuple[int, str]] = []

    def room(self) -> int:
        return self.space - sum(map(len, self.frames))

    def send(self, frame: Frame) -> None:
        assert self.room() > 0 or len(self.frames) < 3, "more than one message over the room"
        self.frames.append(bytes(frame))

    def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))

    def take(self) -> list[bytes]:
        taken, self.frames = self.frames, []
        return taken


class Sliced(Recorder):
    """A socket whose other end reads as fast as it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.held = 0
        self.slices = 0
        """How many were written."""

    def room(self) -> int:
        return 0 if self.held else 1 << 20

    def send_all(self, frames: Sequence[Frame]) -> None:
        self.held += sum(map(len, frames))
        self.frames += [bytes(frame) if len(frame) < SLICE else b"large" for frame in frames]
        self.send_more()

    @property
    def holds_more(self) -> bool:  # type: ignore[override] # as in the sockets
        return self.held > 0

    def send_more(self) -> int:
        sent = min(self.held, SLICE)
        self.held -= sent
        self.slices += sent > 0
        return sent


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
        return self.join_with(Recorder(space))

    def join_with(self, transport: R) -> tuple[ClientSession, R, ClientPort]:
        session = ClientSession(secret="s")
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
    bench.pump.receive_link(CloseClient(port.channel.session.client_id, 1008, "no"))
    assert transport.closed == [(1008, "no")]
    assert calls == ["resume"]


async def test_what_was_sent_before_the_goodbye_counts(bench: Bench) -> None:
    """It may be read together with the end of a large message."""
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.sent.clear()
    transport.pause = lambda: lambda: None  # type: ignore[method-assign]
    session.write({"x": [{} for _ in range(50_000)]})
    session.write({"x": 2})
    session.leave()
    talk(session, transport, port)
    port.closed()
    while len(bench.pump):  # noqa: ASYNC110 - its turns are what is waited for
        await asyncio.sleep(0)
    assert [type(op) for op in bench.sent] == [Write, Write, ClientClosed]
    assert [op.number for op in bench.sent if isinstance(op, Write)] == [1, 2]


@pytest.mark.parametrize("back", ["soon", "later"])
async def test_a_large_message_counts_once_when_its_connection_ends_meanwhile(
    bench: Bench, back: str
) -> None:
    """A client that comes back before it is read sends it again."""
    bench.join(x=1)
    session, transport, port = bench.client()
    bench.sent.clear()
    session.write({"x": [{} for _ in range(50_000)]})
    talk(session, transport, port)
    port.closed()
    if back == "later":
        while len(bench.pump):  # noqa: ASYNC110 - its turns are what is waited for
            await asyncio.sleep(0)
    transport = Recorder()
    port = bench.pump.connect(transport)
    session.connected()
    talk(session, transport, port)
    while port.channel.reading is not None or len(bench.pump) > 1:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    talk(session, transport, port)
    assert [op.number for op in bench.sent if isinstance(op, Write)] == [1]
    assert not any(isinstance(op, ClientClosed) for op in bench.sent)


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


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_goodbye_ends_the_session_and_the_end_of_a_connection_does_not(
    bench: Bench, leaves: bool
) -> None:
    bench.join()
    session, transport, port = bench.client()
    client = ClientId(session.client_id or "")
    if leaves:
        session.leave()
        talk(session, transport, port)
        assert transport.closed == [(1000, "the client left")]
    port.closed()
    port.closed()
    assert [op for op in bench.sent if isinstance(op, ClientClosed)] == [ClientClosed(client)] * leaves
    assert len(bench.pump) == 0


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_goodbye_behind_a_hello_that_is_asked_about_counts(bench: Bench, is_known: bool) -> None:
    """A page that comes back to another replica, and is closed before the server has answered."""
    bench.join(x=1)
    session, transport, port = bench.client()
    client = ClientId(session.client_id or "")
    session.disconnected()
    port.closed()
    other = Bench()
    other.join(x=1)
    transport = Recorder(1 << 30)
    port = other.pump.connect(transport)
    session.connected()
    session.leave()
    for frame in session.take_output():
        port.receive(frame)
    (asked,) = other.sent
    assert isinstance(asked, Resume)
    port.closed()
    other.pump.receive_link(Resumed(asked.request, client if is_known else None))
    closed = [op.client for op in other.sent if isinstance(op, ClientClosed)]
    assert len(closed) == 1
    assert (closed == [client]) == is_known
    assert (len(other.pump), list(other.replica.sessions)) == (0, [])
    other.pump.close()


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


async def test_what_waits_for_readers_is_pending(bench: Bench) -> None:
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
    bench.pump.stalled = -1.0
    assert bench.pump.pending() == 0, "who takes nothing holds nobody back"
    idle.clear()
    slow[2].closed()
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


async def joined(
    bench: Bench,
    count: int,
    make: Callable[[], R] = Sliced,  # type: ignore[assignment] # the default decides R
) -> list[tuple[ClientSession, R, ClientPort]]:
    """Clients that have their state. Turns are short: on a slow machine it takes several until everybody has it."""
    clients = [bench.join_with(make()) for _ in range(count)]
    turns = turns_of(asyncio.get_running_loop())
    while turns.waiting or not all(session.live for session, _, _ in clients):
        await asyncio.sleep(0)
        for client in clients:
            talk(*client)
    return clients


class Steps:
    """The clock of a loop's turns: each step takes a tenth of what a turn has. The time of the wall stands still."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._now = 0.0
        now = loop.time()
        monkeypatch.setattr(loop, "time", lambda: now)
        turns = turns_of(loop)
        monkeypatch.setattr(turns, "_clock", self._clock)
        # What is left of the real time before would decide how much leaves at once.
        turns._left, turns._since, turns._large = 0.0, now, False

    def _clock(self) -> float:
        self._now += BUDGET / 10
        return self._now


async def test_a_large_value_to_a_crowd_leaves_over_many_turns(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.join(x=1)
    transports = [transport for _, transport, _ in await joined(bench, 100)]
    Steps(monkeypatch)
    for transport in transports:
        transport.take()
        transport.slices = 0

    def written() -> int:
        return sum(transport.slices for transport in transports)

    bench.commit(2, x=bytes(10_000_000))
    most, turns, before = 0, 0, written()
    assert 0 < before <= 50, "a part leaves at once"
    while any(transport.held or not transport.frames for transport in transports):
        await asyncio.sleep(0)
        turns += 1
        most = max(most, written() - before)
        before = written()
        counts = sorted(transport.slices for transport in transports)
        assert counts[-1] - counts[0] <= 2, "nobody is far ahead"
    assert most <= 12
    assert turns >= 80
    assert all(len(transport.frames) == 3 for transport in transports)


async def test_an_app_does_not_wait_while_another_one_sends_much(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its small messages leave before the call that makes them returns, the second client's within a turn."""
    bench.join(x=1)
    transports = [transport for _, transport, _ in await joined(bench, 100)]
    other = Bench()
    other.join(x=1)
    (_, near, _), (_, far, _) = await joined(other, 2)
    Steps(monkeypatch)
    bench.commit(2, x=bytes(10_000_000))
    for number in range(2, 40):
        await asyncio.sleep(0)
        near.take()
        other.commit(number, x=number)
        assert near.frames
        await asyncio.sleep(0)
        assert far.take()
    assert any(transport.held for transport in transports), "the other one still sends"
    other.pump.close()


async def test_what_changes_while_a_value_leaves_conflates_behind_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.join(x=1)
    ((_, transport, _),) = await joined(bench, 1)
    Steps(monkeypatch)
    transport.take()
    bench.commit(2, x=bytes(10_000_000))
    assert bench.pump.pending() == 0
    for number in range(3, 50):
        bench.commit(number, x=number)
    assert bench.pump.pending() == 1
    while transport.held or bench.pump.pending():  # noqa: ASYNC110 - its turns are what is waited for
        await asyncio.sleep(0)
    *large, last = transport.frames
    assert large == [b"large"] * 3
    payload = Assembler(1 << 20, 1).feed(last)
    assert payload is not None
    assert unpack(payload)["result"] == {"x": 49}


@pytest.mark.parametrize("how", ["the client", "the server", "the pump"])
async def test_a_connection_may_end_while_a_value_leaves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What was begun is sent to its end where the connection says goodbye, and nobody else is held up."""
    bench.join(x=1)
    (session, leaving, port), (_, staying, _) = await joined(bench, 2)
    Steps(monkeypatch)
    bench.commit(2, x=bytes(10_000_000))
    assert leaving.held
    if how == "the client":
        port.closed()
    elif how == "the server":
        bench.pump.receive_link(CloseClient(ClientId(session.client_id or ""), 1008, "no"))
    else:
        bench.pump.close()
    while leaving.held or staying.held:  # noqa: ASYNC110 - its turns are what is waited for
        await asyncio.sleep(0)
    assert len(leaving.closed) == (how != "the client")
    assert leaving.slices >= 10
    assert staying.slices >= 10
    assert len(bench.pump) == (how != "the pump")


async def test_a_crowd_gets_a_small_value_at_once(bench: Bench) -> None:
    """Also where the loop does not turn."""
    bench.join(x=1)
    clients = await joined(bench, 100, lambda: Recorder(1 << 30))
    turns = turns_of(asyncio.get_running_loop())
    for _, transport, _ in clients:
        transport.take()
    turns._left, turns._large = BUDGET, False  # as where nothing was sent for a while
    bench.commit(2, x=2)
    assert all(len(transport.frames) == 1 for _, transport, _ in clients)
