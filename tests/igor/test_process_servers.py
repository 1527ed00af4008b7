"""The servers of a process."""

from jupyter_trame.igor.process_servers import Registry


class Runnable:
    name = "a"

    def stop(self) -> None: ...

    def wait(self, timeout: float | None = None) -> bool:
        return True


def test_who_is_run_waits_no_more() -> None:
    registry, one, two = Registry(), Runnable(), Runnable()
    two.name = "b"
    for entry in (one, two):
        registry.add(entry)
    registry.take(one)
    registry.take(one)
    assert registry.take_all() == [two]
    assert registry.take_all() == []


def test_one_of_a_name_runs() -> None:
    registry, one, two = Registry(), Runnable(), Runnable()
    assert registry.runs(one) is None
    assert registry.runs(one) is None
    assert registry.runs(two) is one
    registry.ended(one)
    assert registry.runs(one) is two
    registry.ended(one)
    assert registry.runs(two) is None


def test_a_cell_that_runs_again_makes_no_second_one_wait() -> None:
    registry, one, two, three = Registry(), Runnable(), Runnable(), Runnable()
    three.name = "b"
    for entry in (one, two, three):
        registry.add(entry)
    assert registry.take_all() == [two, three]
    one.name = two.name = "0"
    for entry in (one, two):
        registry.add(entry)
    assert registry.take_all() == [one, two]
