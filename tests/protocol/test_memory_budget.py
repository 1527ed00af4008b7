"""Who has to go when all together hold too much."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.protocol.memory_budget import MemoryBudget


def test_who_was_silent_longest_is_given_up() -> None:
    budget: MemoryBudget[str] = MemoryBudget(100)
    assert budget.hold("a", 40) == []
    assert budget.hold("b", 40) == []
    assert budget.hold("a", 50) == []
    assert budget.owners == ["b", "a"]
    assert budget.hold("c", 30) == ["b"]
    assert (budget.owners, budget.total) == (["a", "c"], 80)


def test_who_alone_holds_too_much_goes() -> None:
    budget: MemoryBudget[str] = MemoryBudget(100)
    budget.hold("a", 10)
    assert budget.hold("b", 101) == ["a", "b"]
    assert budget.total == 0


def test_nothing_is_held_by_who_finished() -> None:
    budget: MemoryBudget[str] = MemoryBudget(100)
    budget.hold("a", 10)
    assert "a" in budget
    assert budget.hold("a", 0) == []
    assert "a" not in budget
    budget.forget("a")
    assert budget.total == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60))))
def test_the_bound_holds(steps: list[tuple[int, int]]) -> None:
    budget: MemoryBudget[int] = MemoryBudget(100)
    sizes: dict[int, int] = {}
    for owner, size in steps:
        sizes[owner] = size
        for gone in budget.hold(owner, size):
            sizes[gone] = 0
        assert budget.total == sum(sizes.values()) <= 100
