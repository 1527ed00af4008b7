"""A trame server that lives in a Jupyter kernel.

Every public name is loaded when it is first used: the notebook server imports this package for the hook
functions below and must not load what only a kernel needs, and the other way round.
"""

import sys
from typing import TYPE_CHECKING, Any

from jupyter_trame.lazy_names import lazy_names

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_trame._version import __version__
    from jupyter_trame.client import Client, ConnectionStatus, get_client
    from jupyter_trame.core import Translator
    from jupyter_trame.errors import TrameError
    from jupyter_trame.execution import asynchronous
    from jupyter_trame.execution.hot_reload import hot_reload
    from jupyter_trame.execution.state import Controller, State
    from jupyter_trame.rpc.uploaded_file import UploadedFile
    from jupyter_trame.server import (
        ClientType,
        Server,
        StateQueue,
        create_state_queue_monitor_task,
        get_server,
    )
    from jupyter_trame.typed_state import TypedState

__all__ = [
    "Client",
    "ClientType",
    "ConnectionStatus",
    "Controller",
    "Server",
    "State",
    "StateQueue",
    "TrameError",
    "Translator",
    "TypedState",
    "UploadedFile",
    "__version__",
    "asynchronous",
    "create_state_queue_monitor_task",
    "get_client",
    "get_server",
    "hot_reload",
]

_HOMES = {
    "Client": "jupyter_trame.client",
    "ClientType": "jupyter_trame.server",
    "ConnectionStatus": "jupyter_trame.client",
    "Controller": "jupyter_trame.execution.state",
    "Server": "jupyter_trame.server",
    "State": "jupyter_trame.execution.state",
    "StateQueue": "jupyter_trame.server",
    "TrameError": "jupyter_trame.errors",
    "Translator": "jupyter_trame.core",
    "TypedState": "jupyter_trame.typed_state",
    "UploadedFile": "jupyter_trame.rpc.uploaded_file",
    "__version__": "jupyter_trame._version",
    "asynchronous": "jupyter_trame.server",
    "create_state_queue_monitor_task": "jupyter_trame.server",
    "get_client": "jupyter_trame.client",
    "get_server": "jupyter_trame.server",
    "hot_reload": "jupyter_trame.execution.hot_reload",
}


if not TYPE_CHECKING:  # type checkers would take any name for one that is there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Called by jupyter_server: which extension applications this package holds."""
    from jupyter_trame.extension.extension_app import TrameExtension

    return [{"module": "jupyter_trame", "app": TrameExtension}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Called by ``jupyter labextension``: where the prebuilt JupyterLab extension lies."""
    return [{"src": "labextension", "dest": "jupyter-trame"}]


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Called by ``%load_ext jupyter_trame``, on the kernel's main thread: ``%trame`` and ``%%trame`` are there then.

    Programs and packages written for trame run on this package from then on; where trame's server was imported before,
    a message says that they do not.
    """
    from jupyter_trame import compat, kernel, magics
    from jupyter_trame.errors import ServerError

    kernel.load_ipython_extension(shell)
    magics.register(shell)
    try:
        compat.install()
    except ServerError as error:
        sys.stderr.write(f"{error}\n")


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Called by ``%unload_ext jupyter_trame``, on the kernel's main thread."""
    from jupyter_trame import kernel, magics

    magics.unregister(shell)
    kernel.unload_ipython_extension(shell)
