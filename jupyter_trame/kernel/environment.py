"""The kernel that this process is, or the prompt that it has."""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_trame.kernel.python_prompt import find_python_prompt
from jupyter_trame.runtime.settings import behind_gateway
from jupyter_trame.transports.rendezvous import kernel_name

__all__ = ["KernelEnvironment", "detect_kernel", "find_prompt"]


@dataclass(frozen=True, slots=True)
class KernelEnvironment:
    """What is known of the running kernel."""

    kernel: Any
    """ipykernel's `Kernel`; None in a host that has another one."""
    loop: asyncio.AbstractEventLoop
    """The loop on which cells run: of the main thread, or of the thread of a session."""
    thread: int
    """The identifier of that thread."""
    connection_file: Path | None
    """None where the kernel has none, e.g. inside another program: it is reached over its comms alone then."""
    behind_gateway: bool = False
    """Whether a gateway says that it started the kernel."""

    @property
    def at_work(self) -> bool:
        """Whether a cell runs, one that waits for something included, as far as IPython tells. Any thread."""
        hook = getattr(getattr(self.kernel, "shell", None), "displayhook", None)
        return getattr(hook, "exec_result", None) is not None

    @property
    def speaks_jupyter(self) -> bool:
        """Whether Jupyter's pages and servers reach the kernel; else the comms of widgets are all there is."""
        return True

    def cell(self) -> str | None:
        """The id of the cell that runs; None where there is none, or nobody says. Any thread."""
        # Front ends send it with the request to run the cell.
        get_parent = getattr(self.kernel, "get_parent", None)
        parent = get_parent() if get_parent is not None else None
        metadata = parent.get("metadata") if isinstance(parent, dict) else None
        found = metadata.get("cellId") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else None

    def view_owner(self) -> str | None:
        """The running cell, where the host ends widgets with the cell that made them; None elsewhere, as in Jupyter."""
        return None

    def before_rerun(self, call: Callable[[], object], /) -> None:
        """Have `call()` run before the running cell runs again, and when it is deleted; never where nobody says so.

        The thread of the cells.
        """

    @property
    def kernel_id(self) -> str:
        """The id that jupyter-server knows the kernel by, or finds it by where it did not start it.

        Empty where there is no connection file.
        """
        return "" if self.connection_file is None else kernel_name(self.connection_file)


def detect_kernel() -> KernelEnvironment | None:
    """The kernel of this process; None when it is none. Any thread."""
    if "ipykernel" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    loop = getattr(getattr(kernel, "io_loop", None), "asyncio_loop", None)
    thread = threading.main_thread().ident
    if kernel is None or loop is None or thread is None:
        return None
    return KernelEnvironment(kernel, loop, thread, _connection_file(), behind_gateway())


def find_prompt() -> Any:
    """The shell whose prompt a user types at, IPython's or Python's own; None in a kernel and in a script."""
    shell = None
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
    if shell is None:
        return find_python_prompt()
    if getattr(shell, "kernel", None) is not None:
        return None
    # `ipython app.py` has a shell, and ends with the script.
    return shell if getattr(shell.parent, "interact", True) else None


def _connection_file() -> Path | None:
    """Where it lies, or should: it may be gone."""
    from ipykernel.connect import get_connection_file
    from ipykernel.kernelapp import IPKernelApp

    if not IPKernelApp.initialized():
        return None
    try:
        path = Path(get_connection_file())
    except OSError:
        file = IPKernelApp.instance().abs_connection_file
        if not file:
            return None
        path = Path(file).absolute()
    # A file that jupyter_client makes for a kernel without a Jupyter server lies among the temporary ones.
    temporary = str(path.parent) == tempfile.gettempdir() and not path.name.startswith("kernel-")
    return None if temporary else path
