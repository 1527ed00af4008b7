"""Who has to go when all together hold too much."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.protocol.holdings import Holdings


def test_who_was_silent_longest_is_given_up() -> None:
    holdings: Holdings[str] = Holdings(100)
    assert holdings.hold("a", 40) == []
    assert holdings.hold("b", 40) == []
    assert holdings.hold("a", 50) == []
    assert holdings.owners == ["b", "a"]
    assert holdings.hold("c", 30) == ["b"]
    assert (holdings.owners, holdings.total) == (["a", "c"], 80)


def test_who_alone_holds_too_much_goes() -> None:
    holdings: Holdings[str] = Holdings(100)
    holdings.hold("a", 10)
    assert holdings.hold("b", 101) == ["a", "b"]
    assert holdings.total == 0


def test_nothing_is_held_by_who_finished() -> None:
    holdings: Holdings[str] = Holdings(100)
    holdings.hold("a", 10)
    assert "a" in holdings
    assert holdings.hold("a", 0) == []
    assert "a" not in holdings
    holdings.forget("a")
    assert holdings.total == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60))))
def test_the_bound_holds(steps: list[tuple[int, int]]) -> None:
    holdings: Holdings[int] = Holdings(100)
    sizes: dict[int, int] = {}
    for owner, size in steps:
        sizes[owner] = size
        for gone in holdings.hold(owner, size):
            sizes[gone] = 0
        assert holdings.total == sum(sizes.values()) <= 100
