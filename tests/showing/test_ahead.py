"""What is made of objects before it is sent."""

import threading
from typing import Any

import pytest

from jupyter_trame.showing.ahead import Ahead, made_ahead, make_ahead, slow_objects, using


class Slow:
    """What takes long to be made into something."""


def is_slow(kind: type) -> bool:
    return kind is Slow


def test_objects_are_found_in_what_holds_them() -> None:
    one, other = Slow(), Slow()
    assert slow_objects(one, is_slow) == [one]
    assert slow_objects([1, {"a": (one, "x")}, other], is_slow) == [one, other]
    assert slow_objects([[[[one]]]], is_slow) == [], "that deep there is none"
    assert slow_objects([one] * 257, is_slow) == [], "to look at all members would take long"
    assert slow_objects({1, 2}, is_slow) == []


def test_what_was_made_is_there_within_the_block_and_on_its_thread() -> None:
    one, seen = Slow(), list[Any]()
    ahead: Ahead = {id(one): make_ahead(one, lambda _: "drawn")}
    assert made_ahead(one) is None
    with using(ahead):
        made = made_ahead(one)
        assert made is not None
        assert made.result() == "drawn"
        assert made_ahead(Slow()) is None
        thread = threading.Thread(target=lambda: seen.append(made_ahead(one)))
        thread.start()
        thread.join()
        with using({}):
            assert made_ahead(one) is None
        assert made_ahead(one) is made
    assert made_ahead(one) is None
    assert seen == [None]


def test_what_was_raised_is_raised_when_it_is_asked_for() -> None:
    def fail(_: Any) -> None:
        raise ValueError("no")

    made = make_ahead(Slow(), fail)
    with pytest.raises(ValueError, match="no"):
        made.result()
