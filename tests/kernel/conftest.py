"""Kernels for tests: a fresh one where a test needs it alone, one a module otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.support import Kernel, running_kernel


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel a module; tests use servers of different names."""
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run("%load_ext jupyter_trame\nfrom jupyter_trame import Server")
        yield kernel


@pytest.fixture
def fresh_kernel(tmp_path: Path) -> Iterator[Kernel]:
    """A kernel of this test alone."""
    with running_kernel(tmp_path) as kernel:
        yield kernel
