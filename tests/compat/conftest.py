"""The drop-in in this process, for the length of a test."""

import sys
from collections.abc import Iterator

import pytest

from jupyter_trame import compat
from tests.kernel.conftest import fresh_kernel, kernel

__all__ = ["drop_in", "fresh_kernel", "kernel"]

STANDS_FOR = ("trame_server", "wslink")
KNOWS_THEM = ("trame", "trame_client", "trame_common", "trame_pyvista")


@pytest.fixture
def drop_in() -> Iterator[None]:
    """Installed, with modules that other tests imported put away; afterwards all is as it was."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(sys.modules):
            if name.partition(".")[0] in {*STANDS_FOR, *KNOWS_THEM}:
                patch.delitem(sys.modules, name)
        compat.install()
        try:
            yield
        finally:
            compat.uninstall()
            for name in [name for name in sys.modules if name.partition(".")[0] in KNOWS_THEM]:
                del sys.modules[name]
