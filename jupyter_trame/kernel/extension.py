"""Makes servers of this process live in its kernel, or beside its prompt.

That is ``%load_ext jupyter_trame``, or the first `Server` in a process of IPython.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from jupyter_trame.kernel.environment import detect_kernel, find_prompt
from jupyter_trame.kernel.host import KernelHost
from jupyter_trame.kernel.marimo_session import begin, detect_session
from jupyter_trame.runtime import registry

__all__ = ["install", "load_ipython_extension", "shielded", "unload_ipython_extension"]

T = TypeVar("T")


def install() -> bool:
    """Have the kernel, the notebook of marimo or the prompt around carry the servers; False where there is none.

    Again is harmless.
    """
    process = registry.current()
    if process.host is not None:
        return True
    environment = detect_kernel()
    session = detect_session() if environment is None else None
    if environment is not None:
        process.host = KernelHost(environment)
    elif session is not None:
        begin(session).host = KernelHost(session)
    elif find_prompt() is not None:
        # A kernel loads no web server.
        process.host = import_module("jupyter_trame.kernel.prompt").PromptHost()
    else:
        return False
    return True


def shielded(call: Callable[[], T]) -> T:
    """The result of `call`, which an interrupt of the kernel does not leave half done; without a kernel as it is."""
    host = registry.current().host
    return host.interrupts.shield(call) if isinstance(host, KernelHost) else call()


def load_ipython_extension(shell: Any) -> None:  # noqa: ARG001 - IPython's signature
    """Called by ``%load_ext``. In a script of IPython servers are a program's, as they are without it."""
    install()


def unload_ipython_extension(shell: Any) -> None:  # noqa: ARG001 - IPython's signature
    """Called by ``%unload_ext``: stops the servers. Those made afterwards carry themselves."""
    process = registry.current()
    process.looks_for_host = False
    if process.host is None:
        return
    for server in list(process.servers.values()):
        server.stop()
    process.host.close()
    process.host = None
