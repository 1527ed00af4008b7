"""Makes servers of this process live in its kernel, or beside its prompt.

That is ``%load_ext jupyter_trame``, or the first `Server` in a process of IPython.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_trame.kernel.environment import detect_kernel, find_prompt
from jupyter_trame.kernel.host import KernelHost
from jupyter_trame.runtime import registry

if TYPE_CHECKING:
    from jupyter_trame.kernel.prompt import PromptHost

__all__ = ["install", "load_ipython_extension", "unload_ipython_extension"]


def install() -> bool:
    """Have the kernel or the prompt of this process carry its servers; False where there is neither.

    Again is harmless.
    """
    process = registry.process
    if _host() is not None:
        return True
    environment = detect_kernel()
    if environment is not None:
        process.make_backend = KernelHost(environment).make_backend
    elif find_prompt() is not None:
        # A kernel loads no web server.
        process.make_named_backend = import_module("jupyter_trame.kernel.prompt").PromptHost().make_backend
    else:
        return False
    return True


def load_ipython_extension(shell: Any) -> None:  # noqa: ARG001 - IPython's signature
    """Called by ``%load_ext``. In a script of IPython servers are a program's, as they are without it."""
    install()


def unload_ipython_extension(shell: Any) -> None:  # noqa: ARG001 - IPython's signature
    """Called by ``%unload_ext``: stops the servers. Those made afterwards carry themselves."""
    host = _host()
    if host is None:
        return
    for server in list(registry.process.servers.values()):
        server.stop()
    host.close()
    registry.process.make_backend = registry.process.make_named_backend = None


def _host() -> "KernelHost | PromptHost | None":
    makers = (registry.process.make_backend, registry.process.make_named_backend)
    return next((host for make in makers if (host := getattr(make, "__self__", None)) is not None), None)
