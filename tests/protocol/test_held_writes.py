"""Writes that wait, and which of them become one."""

import random

import pytest

from jupyter_trame.protocol.held_writes import HeldWrites
from jupyter_trame.protocol.link import ClientClosed, Write, cost_of
from jupyter_trame.types import ClientId

A, B = ClientId("a"), ClientId("b")


def write(client: ClientId, number: int, keys: str, request_id: str | None = None) -> Write:
    return Write(client, number, request_id, [(key, b"1") for key in keys])


def holding(*ops: Write) -> HeldWrites:
    held = HeldWrites()
    for op in ops:
        held.add(op, joinable=True)
    return held


@pytest.mark.parametrize(
    ("waiting", "keys", "joins", "across"),
    [
        ([(A, "x")], "x", True, True),
        ([(A, "x")], "y", True, True),
        ([(A, "x"), (B, "y")], "x", True, True),
        ([(B, "x"), (A, "x")], "x", True, True),
        ([(A, "x"), (B, "x")], "x", False, True),
        ([(A, "x"), (B, "y")], "y", False, True),
        ([(A, "xy"), (B, "y")], "x", False, False),
        ([(B, "x")], "x", False, False),
        ([], "x", False, False),
    ],
)
def test_what_joins(waiting: list[tuple[ClientId, str]], keys: str, joins: bool, across: bool) -> None:
    held = holding(*[write(client, number, k) for number, (client, k) in enumerate(waiting)])
    op = write(A, 9, keys)
    assert (held.partner(op) is not None, held.partner(op, across=True) is not None) == (joins, across)


def test_what_joins_goes_to_the_end_and_leaves_under_the_newest_number() -> None:
    first, other = write(A, 1, "x"), write(B, 1, "y")
    held = holding(first, other)
    joined = write(A, 2, "x")
    held.add(joined, joinable=True, instead_of=held.partner(joined))
    assert (A, 1) not in held
    assert (A, 2) in held
    assert [held.pop(), held.pop()] == [other, joined]
    assert (len(held), held.size, held.of(A)) == (0, 0, 0)


def test_nothing_joins_what_is_to_stay_by_itself() -> None:
    held = holding(write(A, 1, "x"))
    held.add(write(A, 2, "x"), joinable=False)
    assert held.partner(write(A, 3, "x")) is None


def test_answers_that_are_due_count() -> None:
    held = holding(write(A, 1, "x", "r" * 1000))
    joined = write(A, 2, "x", "s")
    held.add(joined, joinable=True, instead_of=held.partner(joined))
    assert held.of(A) > cost_of(joined) + 1000


def test_leaving_waits_its_turn_once() -> None:
    held = holding(write(A, 1, "x"))
    held.leave(A)
    held.leave(A)
    assert [held.pop(), held.pop()] == [write(A, 1, "x"), ClientClosed(A)]
    assert not held


def test_the_books_balance_whatever_comes() -> None:
    random.seed(5)
    held, number = HeldWrites(), 0
    for _ in range(5000):
        number += 1
        if held and random.random() < 0.3:
            held.pop()
            continue
        op = write(random.choice([A, B]), number, "".join(random.sample("xyz", random.randint(0, 3))))
        partner = held.partner(op, across=random.random() < 0.5)
        if partner is not None:
            op.values = [*(dict(partner.values) | dict(op.values)).items()]
        held.add(op, joinable=random.random() < 0.8, instead_of=partner)
        assert held.size == held.of(A) + held.of(B) > 0
    while held:
        held.pop()
    assert held._writers == {} == held._newest == held._sizes == held._costs
    assert held.size == len(held._numbers) == 0
