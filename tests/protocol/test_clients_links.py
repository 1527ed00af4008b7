"""One replica as the server sees it."""

from jupyter_trame.protocol.clients import LinkEnd
from jupyter_trame.protocol.link import LinkOp, Settle, Stopped, Taken
from jupyter_trame.types import ClientId

SETTLE = Settle(ClientId("c1"), 1, 1)
STOPPED = Stopped(1001, "bye")


class Output:
    """Takes everything, and says that it is full when it is."""

    def __init__(self) -> None:
        self.sends: list[tuple[LinkOp, ...]] = []
        self.full = False

    def send(self, *ops: LinkOp) -> bool:
        self.sends.append(ops)
        return not self.full

    def close(self, reason: str) -> None: ...


def test_what_is_held_leaves_first_and_in_one_go() -> None:
    output = Output()
    link = LinkEnd(output, 100)
    link.held.append(SETTLE)
    assert link.queue(STOPPED)
    assert output.sends == [(SETTLE, STOPPED)]
    assert not link.held


def test_a_full_output_blocks_the_link() -> None:
    output = Output()
    link = LinkEnd(output, 100)
    output.full = True
    link.send(SETTLE)
    assert link.blocked
    assert link.queue(STOPPED)
    assert output.sends == [(SETTLE,)]
    assert link.outbox.pop() == STOPPED


def test_too_much_that_waits_is_told() -> None:
    link = LinkEnd(Output(), 100)
    link.blocked = True
    assert link.queue(STOPPED, 100)
    assert not link.queue(STOPPED, 1)


def test_what_was_taken_is_told_when_it_is_worth_a_message() -> None:
    link, a, b = LinkEnd(Output(), 100), ClientId("a"), ClientId("b")
    assert link.taken(a, 4, 10) is None
    assert link.taken(b, 4, 10) is None
    assert link.taken(a, 4, 10) == Taken({a: 8, b: 4})
    assert link.taken(a, 4, 10) is None
