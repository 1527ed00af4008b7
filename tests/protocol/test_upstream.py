"""What a server hears of a replica's clients over links that break."""

import pytest

from jupyter_trame.protocol.link import ClientClosed, ClientOpened, LinkOp, Write
from jupyter_trame.protocol.packing import pack
from jupyter_trame.protocol.upstream import Upstream
from jupyter_trame.types import ClientId

A, B = ClientId("a"), ClientId("b")


class Line:
    """An `Upstream` and what it sent over the present link."""

    def __init__(self) -> None:
        self.up = Upstream()
        self.sent: list[LinkOp] = []

    def join(self, *clients: ClientId, writes: tuple[Write, ...] = ()) -> list[LinkOp]:
        self.up.attach(self.sent.append)
        assert not self.up.live
        self.up.resume([(client, True) for client in clients], writes)
        assert self.up.live
        return self.take()

    def take(self) -> list[LinkOp]:
        taken, self.sent[:] = list(self.sent), []
        return taken


@pytest.fixture
def line() -> Line:
    return Line()


def write(client: ClientId) -> Write:
    return Write(client, 1, None, [("x", pack(1))])


def test_nothing_leaves_before_the_snapshot(line: Line) -> None:
    line.up.send(write(A))
    line.up.attach(line.sent.append)
    line.up.opened(A, native=True)
    line.up.send(write(A))
    assert line.take() == []


def test_present_clients_and_open_writes_are_told_at_every_snapshot(line: Line) -> None:
    for _ in range(2):
        assert line.join(A, writes=(write(A),)) == [ClientOpened(A, True), write(A)]
        line.up.detach()


def test_another_snapshot_over_the_same_link(line: Line) -> None:
    line.join(A)
    line.up.resume([(A, True)], [])
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
        line.up.opened(client, native=True)
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
