"""The Jupyter host of Narvi for the contract's tests: a notebook's kernel registers, and services are kernels."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.jupyter import HEADERS, execute, start_kernel
from tests.contract.narvi_hosts import Site
from tests.e2e.servers import JupyterServer, wait_until

__all__ = ["JupyterHostOfTests"]

_ROOT = Path(__file__).parent.parent.parent

_SET_UP = """
import json, sys
sys.path.insert(0, {root!r})
from jupyter_trame.narvi import NarviServer
from {module} import {name} as setup
server = NarviServer(**json.loads({server!r}))
setup(server, **json.loads({options!r}))
server.run()
"""
_CALL = """
try:
    answer = {{"result": getattr(server, {method!r})(*json.loads({args!r}))}}
except Exception as error:
    answer = {{"error": [type(error).__name__, str(error)]}}
print("answer:" + json.dumps(answer))
"""
_ERRORS: dict[str, type[Exception]] = {
    "NameTakenError": ValueError,
    "ServerError": RuntimeError,
    "ServiceFailedError": RuntimeError,
}


class JupyterSite:
    """See `Site`."""

    def __init__(self, running: JupyterServer, kernel: str) -> None:
        url = urlsplit(running.url)
        self.host = url.netloc
        self.base = f"{url.path.rstrip('/')}/trame/narvi"
        self.headers = dict(HEADERS)
        self.running = running
        self.kernel = kernel

    def call(self, method: str, *args: Any) -> Any:
        """See `Site`."""
        code = _CALL.format(method=method, args=json.dumps(args))
        printed = execute(self.running, self.kernel, code)
        answer = json.loads(printed.rpartition("answer:")[2])
        if "error" in answer:
            kind, text = answer["error"]
            known: dict[str, type[Exception]] = {"ValueError": ValueError, "TypeError": TypeError, **_ERRORS}
            raise known[kind](text)
        return answer["result"]


class JupyterHostOfTests:
    """See `HostOfTests`."""

    name = "jupyter"

    def __init__(self, running: JupyterServer) -> None:
        self.running_server = running

    @contextmanager
    def running(self, setup: Callable[..., Any], options: Any = None, **server: Any) -> Iterator[Site]:
        """See `HostOfTests`."""
        kernel = start_kernel(self.running_server)
        try:
            code = _SET_UP.format(
                root=str(_ROOT),
                module=setup.__module__,
                name=setup.__name__,
                server=json.dumps(server),
                options=json.dumps(options or {}),
            )
            execute(self.running_server, kernel, code)
            yield JupyterSite(self.running_server, kernel)
        finally:
            self.running_server.api(f"kernels/{kernel}", "DELETE")
            # Its services end with it, and their kernels.
            wait_until(lambda: not self.running_server.kernels(), "the end of all kernels")
