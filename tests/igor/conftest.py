"""A test leaves no thread of a server, and no server that others would run."""

import threading
from collections.abc import Iterator

import pytest

from jupyter_trame.igor.process_servers import registry


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    registry.take_all()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("jupyter-trame-igor")]
