"""A `NarviServer` in a kernel that no Jupyter server has, and outside of one."""

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.narvi.kernel_host import JupyterHost
from jupyter_trame.narvi.narvi_host import jupyter_host
from tests.kernel.support import running_kernel

CELL = """
import warnings
from jupyter_trame.narvi import NarviServer
server = NarviServer()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    service = server.register_service("w", "s", "package.module.Class")
    server.register_app("app", service)
print([str(one.message).partition(".")[0] for one in caught])
try:
    server.start_service("w", "s", "x")
except Exception as error:
    print(type(error).__name__, str(error).partition(":")[0])
"""


def test_a_kernel_without_a_jupyter_server_keeps_entries_and_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        cell = kernel.run(CELL)
        assert "['no Jupyter server has linked to this kernel']" in cell.stream
        assert "ServerError no Jupyter server has linked to this kernel" in cell.stream
        assert kernel.record.services == ("narvi.server",)


def test_a_program_is_no_kernel() -> None:
    assert jupyter_host(None, None) is None
    with pytest.raises(ServerError, match="this is none"):
        JupyterHost(None, None)
