"""Sessions that go on over another replica."""

from typing import Any

from jupyter_trame.protocol import CallEvent, Limits, pack, unpack
from jupyter_trame.protocol.envelope import pack_request
from jupyter_trame.protocol.kept import TICKS
from jupyter_trame.protocol.link import (
    Call,
    ClientClosed,
    ClientOpened,
    Commit,
    LinkOp,
    Message,
    Resume,
    Resumed,
    Settle,
)
from jupyter_trame.types import ClientId
from tests.protocol.primary_bench import Bench, Output

A, B = ClientId("a"), ClientId("b")


class Survivor:
    """A client of ours over a replica in another process, which is dead by now."""

    def __init__(self, limits: Limits | None = None, **values: Any) -> None:
        self.bench = Bench(limits, **values)
        self.primary = self.bench.primary
        self.output = Output()
        self.end = self.primary.attach(self.output, remote=True)
        self.primary.receive(self.end, ClientOpened(A, True, b"hash", "me"))

    def call(self, number: int, index: int) -> CallEvent:
        envelope = pack_request(f"rpc:a:{number}", "m")
        self.primary.receive(self.end, Call(A, envelope, index))
        event = self.bench.events.pop()
        assert isinstance(event, CallEvent)
        return event

    def die(self) -> None:
        self.primary.detach(self.end)

    def resume(self, heard: int = 0, token: bytes = b"hash", identity: str = "me") -> list[LinkOp]:
        """What another replica is answered, and told."""
        self.end = self.primary.attach(output := Output(), remote=True)
        output.take()
        self.primary.receive(self.end, Resume(1, token, identity, heard))
        self.output = output
        return output.take()


def found(
    received: int = 0, settled: int = 0, got: int = 0, calls: list[str] | None = None, client: ClientId = A
) -> Resumed:
    """What is said of a session without open writes."""
    return Resumed(1, client, received, settled, got, calls or [], [])


def test_a_session_goes_on_over_another_replica() -> None:
    one = Survivor(x=1)
    answered, waiting = one.call(1, 1), one.call(2, 2)
    one.primary.messages.publish("t", 1)
    one.primary.messages.reply(answered, "first")
    one.primary.messages.publish("t", 2, skip=A)
    one.primary.messages.publish("t", 3, client=A)
    write = one.bench.write(one.end, A, 5, x=7, y=8)
    assert [m.number for m in one.output.ops if isinstance(m, Message)] == [1, 2, 3, 4]
    one.die()
    one.primary.messages.publish("t", 5)
    resumed, *missed = one.resume(heard=1)
    assert resumed == Resumed(1, A, 5, 0, 2, ["rpc:a:2", "rpc:a:1"], [(5, [("x", pack(7)), ("y", pack(8))])])
    assert all(isinstance(m, Message) and m.client == A for m in missed)
    assert [(m.number, unpack(m.envelope)["result"]) for m in missed] == [(2, "first"), (4, 3), (5, 5)]
    one.bench.apply(write)
    one.primary.messages.reply(waiting, "second")
    commit, settle, answer = one.output.take()
    assert commit == Commit(2, [("x", None), ("y", None)], (A, 5))
    assert settle == Settle(A, 5, 2)
    assert isinstance(answer, Message)
    assert answer.number == 6
    one.die()
    assert one.resume(heard=6) == [found(5, 5, 2)]
    assert [event for event in one.bench.events if isinstance(event, ClientOpened)] == [ClientOpened(A, True)]


def test_a_session_is_for_its_own_alone_and_for_one_replica() -> None:
    one = Survivor()
    assert one.resume() == [Resumed(1)], "its replica lives"
    one = Survivor()
    one.die()
    assert one.resume(token=b"other") == [Resumed(1)]
    assert one.resume(identity="you") == [Resumed(1)]
    assert one.resume() == [found()]
    assert one.resume() == [Resumed(1)], "it is at the other one by now"


def test_a_session_with_a_message_that_is_not_kept_is_over() -> None:
    one = Survivor(Limits(history=1000))
    one.primary.messages.publish("t", "x" * 2000)
    one.die()
    assert one.resume(heard=0) == [Resumed(1)]
    assert one.resume(heard=1) == [found()]
    one = Survivor()
    one.primary.messages.publish("t", 1, client=A)
    one.die()
    for _ in range(TICKS + 1):
        one.primary.tick()
    assert one.resume(heard=0) == [Resumed(1)]


def test_who_came_later_does_not_need_what_was_said_before() -> None:
    one = Survivor(Limits(history=1000))
    for _ in range(3):
        one.primary.messages.publish("t", "x" * 2000)
    one.primary.receive(one.end, ClientOpened(B, True, b"later", "me"))
    one.die()
    assert one.resume(token=b"later") == [found(client=B)]


def test_who_is_found_again_has_not_left_with_the_first_link() -> None:
    one = Survivor()
    first = one.end
    one.bench.events.clear()
    one.die()
    assert one.resume() == [found()]
    one.primary.abandon(first)
    one.primary.receive(first, ClientClosed(A))
    assert one.bench.events == []
    one.primary.receive(one.end, ClientClosed(A))
    assert one.bench.events == [ClientClosed(A)]


def test_a_replica_of_this_process_dies_with_the_server() -> None:
    bench = Bench()
    end = bench.primary.attach(Output())
    bench.primary.receive(end, ClientOpened(A, True, b"hash"))
    bench.primary.messages.publish("t", 1, client=A)
    known = bench.primary._audience.clients.get(A)
    assert known is not None
    assert known.kept is None
    assert bench.primary.messages._kept is None


def test_the_calls_that_are_known_to_be_open_are_bounded() -> None:
    one = Survivor()
    for number in range(4100):
        one.call(number, number + 1)
    one.die()
    (resumed,) = one.resume()
    assert isinstance(resumed, Resumed)
    assert resumed.calls == [f"rpc:a:{number}" for number in range(4, 4100)]
