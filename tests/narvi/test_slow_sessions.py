"""Who waits for whom."""

import threading
from collections.abc import Callable

from jupyter_trame.narvi.slow_sessions import SlowSessions
from jupyter_trame.services.instance import InstanceKey
from tests.narvi.support import KEY

OTHER = InstanceKey("w", "service", "y")


def waits(call: Callable[[], object], free: Callable[[], object]) -> bool:
    """Whether `call` blocks until `free` is called."""
    done = threading.Event()
    thread = threading.Thread(target=lambda: (call(), done.set()))
    thread.start()
    blocked = not done.wait(0.05)
    free()
    thread.join(10)
    assert not thread.is_alive()
    return blocked


def test_who_sends_to_one_waits_for_it() -> None:
    slow = SlowSessions()
    slow.wait_for(KEY, "s1")
    slow.put(KEY, "s1", reads=False)
    slow.wait_for(KEY, "s2")
    slow.wait_for(OTHER, "s1")
    assert waits(lambda: slow.wait_for(KEY, "s1"), lambda: slow.discard(KEY, "s1"))
    slow.wait_for(KEY, "s1")


def test_who_sends_to_all_waits_for_those_that_read() -> None:
    slow = SlowSessions()
    slow.put(KEY, "s1", reads=True)
    slow.wait_for_all(OTHER)
    slow.wait_for_all(KEY, but="s1")
    assert waits(lambda: slow.wait_for_all(KEY), lambda: slow.put(KEY, "s1", reads=False))
    slow.wait_for_all(KEY)
    slow.put(KEY, "s2", reads=True)
    assert waits(lambda: slow.wait_for_all(KEY), lambda: slow.discard(KEY, "s2"))
    slow.discard(KEY, "nobody")
