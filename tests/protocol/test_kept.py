"""What is kept of a server's messages, and what is known of those that are not."""

from jupyter_trame.protocol.kept import TICKS, Kept
from jupyter_trame.protocol.link import Message
from jupyter_trame.types import ClientId

A, B = ClientId("a"), ClientId("b")


def message(number: int, size: int = 10, skip: ClientId | None = None) -> Message:
    return Message(bytes(size), skip=skip, number=number)


def numbers(kept: Kept, after: int = 0, client: ClientId = A) -> list[int]:
    return [message.number for message in kept.after(after, client)]


def test_the_newest_messages_are_kept() -> None:
    kept = Kept(3000)
    for number in range(1, 6):
        kept.add(message(number, 700))
    assert numbers(kept) == [3, 4, 5]
    assert numbers(kept, 4) == [5]
    assert kept.floor(A) == 2


def test_one_that_is_too_large_is_not_kept_and_that_is_known() -> None:
    kept = Kept(1000)
    kept.add(message(1))
    kept.add(message(2, 2000))
    assert (numbers(kept), kept.floor(A)) == ([], 2)
    kept.add(message(3))
    assert numbers(kept) == [3]


def test_time_goes_by() -> None:
    kept = Kept(1000)
    kept.add(message(1))
    for _ in range(TICKS):
        kept.tick()
    kept.add(message(2))
    assert (numbers(kept), kept.floor(A)) == ([1, 2], 0)
    kept.tick()
    assert (numbers(kept), kept.floor(A)) == ([2], 1)


def test_what_is_for_all_but_one_is_not_missed_by_that_one() -> None:
    kept = Kept(1000)
    kept.add(message(1, skip=A))
    assert (numbers(kept), numbers(kept, client=B)) == ([], [1])
    for number in range(2, 4):
        kept.add(message(number, 900, skip=A))
    assert (kept.floor(A), kept.floor(B)) == (0, 3)
    kept.add(message(4, 900))
    assert (kept.floor(A), kept.floor(B)) == (4, 4)
    kept.add(message(5, 900, skip=B))
    assert (kept.floor(A), kept.floor(B)) == (5, 4)
    kept.add(message(6, 900, skip=A))
    assert (kept.floor(A), kept.floor(B)) == (5, 6)
