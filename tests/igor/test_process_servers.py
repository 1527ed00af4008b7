"""The servers of a process."""

from jupyter_trame.igor.process_servers import Registry


class Runnable:
    name = "a"

    def stop(self) -> None: ...


def test_who_is_run_waits_no_more() -> None:
    registry, one, two = Registry(), Runnable(), Runnable()
    for entry in (one, two):
        registry.add(entry)
    registry.take(one)
    registry.take(one)
    assert registry.take_all() == [two]
    assert registry.take_all() == []
