"""What something large costs real processes: a value one copy beside the app's own object, however many clients have
it; a file from a client next to nothing.
"""

import sys

import pytest

from benchmarks import big, upload

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="peaks of other processes are Linux's to tell"
)

SIZE = 32
SLACK = 8
"""Megabytes for all the rest: sockets, modules that are loaded late, the allocator's own."""
UPLOAD_SLACK = 64
"""The same, and what of a file is on its way."""


BYTES, ARRAY = "os.urandom(%d)", "{'a': [1, __import__('numpy').ones(%d, 'u1')]}"


@pytest.mark.parametrize(("host", "value"), [("tornado", BYTES), ("aiohttp", ARRAY), ("jupyter", ARRAY)])
def test_a_large_value_takes_its_size_once_in_each_process(host: str, value: str) -> None:
    peaks = big.measure([host], SIZE, value)
    assert len(peaks) == (2 if host == "jupyter" else 1)
    for process, peak in peaks.items():
        assert SIZE - 1 <= peak <= SIZE + SLACK, process


@pytest.mark.parametrize(
    ("host", "size"),
    [("jupyter", 150), ("tornado", 100), pytest.param("jupyter", upload.SIZE, marks=pytest.mark.long)],
)
def test_a_file_from_a_client_is_never_in_memory_as_a_whole(host: str, size: int) -> None:
    cost = upload.measure([host], size, rounds=1)[host]
    assert len(cost.peaks) == (2 if host == "jupyter" else 1)
    for process, peak in cost.peaks.items():
        assert peak <= UPLOAD_SLACK, process
