"""Makes servers of this process live in its kernel: ``%load_ext jupyter_trame``, or the first `Server` in a kernel."""

from typing import Any

from jupyter_trame.errors import ServerError
from jupyter_trame.kernel.environment import detect_kernel
from jupyter_trame.kernel.host import KernelHost
from jupyter_trame.server import registry

__all__ = ["install", "load_ipython_extension", "unload_ipython_extension"]


def install() -> bool:
    """Have the kernel of this process carry its servers; False when the process is no kernel. Again is harmless."""
    process = registry.process
    if _host() is not None:
        return True
    environment = detect_kernel()
    if environment is None:
        return False
    process.make_backend = KernelHost(environment).make_backend
    return True


def load_ipython_extension(shell: Any) -> None:  # noqa: ARG001 - IPython's signature
    """Called by ``%load_ext``. Raises `ServerError` outside a kernel, where ``server.start()`` needs no extension."""
    if not install():
        raise ServerError("%load_ext jupyter_trame works in a Jupyter kernel; elsewhere call server.start()")


def unload_ipython_extension(shell: Any) -> None:  # noqa: ARG001 - IPython's signature
    """Called by ``%unload_ext``: stops the kernel's servers. Those made afterwards carry themselves."""
    host = _host()
    if host is None:
        return
    for server in list(registry.process.servers.values()):
        server.stop()
    host.close()
    registry.process.make_backend = registry.make_default_backend


def _host() -> KernelHost | None:
    host = getattr(registry.process.make_backend, "__self__", None)
    return host if isinstance(host, KernelHost) else None
