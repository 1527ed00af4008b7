"""What a server hears of a replica's clients over links that break."""

import pytest

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Call, ClientClosed, ClientOpened, LinkOp, Taken, Write, cost_of
from jupyter_trame.protocol.packing import pack
from jupyter_trame.protocol.upstream import Plan, Upstream
from jupyter_trame.types import ClientId

A, B = ClientId("a"), ClientId("b")


class Line:
    """An `Upstream` and what it sent over the present link."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.up = Upstream(limits or Limits())
        self.sent: list[LinkOp] = []

    def join(self, *clients: ClientId, writes: tuple[Write, ...] = ()) -> list[LinkOp]:
        self.up.attach(self.sent.append)
        assert not self.up.live
        self.up.resume([ClientOpened(client, True) for client in clients], writes)
        assert self.up.live
        return self.take()

    def take(self) -> list[LinkOp]:
        taken, self.sent[:] = list(self.sent), []
        return taken


@pytest.fixture
def line() -> Line:
    return Line()


def write(client: ClientId, number: int = 1, key: str = "x") -> Write:
    return Write(client, number, None, [(key, pack(1))])


def send(line: Line, op: Write) -> None:
    if line.up.ready:
        line.up.write(op)
        return
    plan = line.up.plan(op, joinable=True)
    assert plan is not None
    line.up.hold(plan)


def test_nothing_leaves_before_the_snapshot(line: Line) -> None:
    send(line, write(A))
    line.up.attach(line.sent.append)
    line.up.opened(ClientOpened(A, True))
    send(line, write(A, 2))
    assert line.take() == []
    assert line.up.waits


def test_present_clients_and_open_writes_are_told_at_every_snapshot(line: Line) -> None:
    for _ in range(2):
        assert line.join(A, writes=(write(A),)) == [ClientOpened(A, True), write(A)]
        line.up.detach()


def test_another_snapshot_over_the_same_link(line: Line) -> None:
    line.join(A)
    line.up.resume([ClientOpened(A, True)], [])
    assert line.take() == [ClientOpened(A, True)]


def test_who_left_without_a_link_is_told_after_the_writes(line: Line) -> None:
    line.join(A, B)
    line.up.detach()
    line.up.closed(A)
    assert line.join(B, writes=(write(A),)) == [ClientOpened(B, True), write(A), ClientClosed(A)]


def test_who_left_is_told_again_since_the_link_may_have_broken_under_it(line: Line) -> None:
    line.join(A)
    line.up.closed(A)
    assert line.take() == [ClientClosed(A)]
    assert line.join(writes=(write(A),)) == [write(A), ClientClosed(A)]


def test_who_came_and_left_without_a_link_is_told_only_for_its_write(line: Line) -> None:
    line.join()
    line.up.detach()
    for client in (A, B):
        line.up.opened(ClientOpened(client, True))
        line.up.closed(client)
    assert line.join(writes=(write(A),)) == [ClientOpened(A, False), write(A), ClientClosed(A)]


def test_a_client_is_gone_once(line: Line) -> None:
    line.join(A)
    line.up.closed(A)
    line.up.closed(A)
    assert line.take() == [ClientClosed(A)]


def test_another_life_of_the_server_knows_nobody(line: Line) -> None:
    line.join(A, B)
    line.up.closed(A)
    line.up.forget()
    assert line.join(B)[-1] == ClientOpened(B, True)
    line.up.detach()
    line.up.closed(B)
    line.up.forget()
    assert line.join() == []


# -- the window


@pytest.fixture
def tight() -> Line:
    return Line(Limits(window=1, client_waiting=2000, waiting=4000))


def test_who_left_is_told_behind_its_writes_that_wait(tight: Line) -> None:
    tight.join(A, B)
    for number in (1, 2):
        send(tight, write(A, number))
        tight.up.closed(A) if number == 2 else None
    assert tight.take() == [write(A)]
    tight.up.taken(Taken({A: cost_of(write(A))}))
    assert tight.take() == [write(A, 2)]
    tight.up.taken(Taken({A: cost_of(write(A))}))
    assert tight.take() == [ClientClosed(A)]


def test_what_was_sent_is_sent_again_over_the_next_link_and_the_rest_still_waits(tight: Line) -> None:
    tight.join(A)
    first, second = write(A), write(A, 2)
    send(tight, first)
    send(tight, second)
    tight.up.detach()
    tight.take()
    assert tight.join(A, writes=(first, second)) == [ClientOpened(A, True), first]
    tight.up.taken(Taken({A: cost_of(first)}))
    assert tight.take() == [second]


def test_more_is_told_than_was_sent(tight: Line) -> None:
    tight.join(A)
    tight.up.taken(Taken({A: 1 << 30, B: 5}))
    send(tight, write(A))
    send(tight, write(A, 2))
    assert tight.take() == [write(A)]


def test_calls_of_all_clients_together_have_their_bound(tight: Line) -> None:
    tight.join()
    clients = [ClientId(f"c{index}") for index in range(100)]
    sent = [tight.up.call(Call(client, b"x" * 1000)) for client in clients for _ in range(2)]
    assert sum(sent) * 1000 < 2 * 4000
    assert tight.up.plan(Write(A, 1, None, [("x", pack(1))]), joinable=True) == Plan(write(A), True)


def test_decoded_values_join_as_the_packed_ones_do(tight: Line) -> None:
    tight.join(A)
    first = Write(A, 1, None, [("x", pack([1])), ("y", pack([1]))], decoded={"x": [1], "y": [1]})
    second = Write(A, 2, None, [("x", pack(2))])
    third = Write(A, 3, None, [("z", pack([3]))], decoded={"z": [3]})
    tight.up.detach()
    for op in (first, second, third):
        plan = tight.up.plan(op, joinable=True)
        assert plan is not None
        tight.up.hold(plan)
    assert plan.op.decoded == {"y": [1], "z": [3]}  # type: ignore[possibly-undefined]
