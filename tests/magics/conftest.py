"""Kernels, as in tests/kernel, and a Jupyter server, as in tests/extension."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its hooks run the coroutines of this folder

from tests.extension.conftest import apps, jp_runtime_dir, jp_server_config, options
from tests.kernel.conftest import fresh_kernel, kernel
from tests.kernel.support import TIMEOUT, Kernel

__all__ = [
    "apps",
    "complete",
    "folder",
    "fresh_kernel",
    "jp_runtime_dir",
    "jp_server_config",
    "kernel",
    "options",
]


@pytest.fixture
def folder(kernel: Kernel, tmp_path: Path) -> Iterator[Path]:
    """An empty folder, which is the kernel's current one."""
    kernel.run(f"import os\nbefore = os.getcwd()\nos.chdir({str(tmp_path)!r})")
    yield tmp_path
    kernel.run("os.chdir(before)")


@pytest.fixture
def complete(kernel: Kernel) -> Callable[[str], list[str]]:
    """What the kernel offers behind a text."""

    def complete(text: str) -> list[str]:
        reply = kernel.client.complete(text, len(text), reply=True, timeout=TIMEOUT)
        assert reply["content"]["status"] == "ok"
        return list(reply["content"]["matches"])

    return complete
