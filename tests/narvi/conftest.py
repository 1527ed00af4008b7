"""A test leaves no loop of a server and no thread of an instance."""

import threading
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while left := [
        thread.name
        for thread in set(threading.enumerate()) - before
        if thread.name.startswith("jupyter-trame-narvi")
    ]:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)
