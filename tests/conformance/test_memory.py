"""What a large value costs real processes: one copy beside the app's own object, however many clients have it."""

import sys

import pytest

from benchmarks.big import measure

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="peaks of other processes are Linux's to tell"
)

SIZE = 32
SLACK = 8
"""Megabytes for all the rest: sockets, modules that are loaded late, the allocator's own."""


BYTES, ARRAY = "os.urandom(%d)", "{'a': [1, __import__('numpy').ones(%d, 'u1')]}"


@pytest.mark.parametrize(("host", "value"), [("tornado", BYTES), ("aiohttp", ARRAY), ("jupyter", ARRAY)])
def test_a_large_value_takes_its_size_once_in_each_process(host: str, value: str) -> None:
    peaks = measure([host], SIZE, value)
    assert len(peaks) == (2 if host == "jupyter" else 1)
    for process, peak in peaks.items():
        assert SIZE - 1 <= peak <= SIZE + SLACK, process
