"""Where a fault happens: a real Jupyter server, a kernel of it with an app, and the proxy in front of both."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.jupyter import execute, start_kernel
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server
from tests.faults.cutter import Cutter

__all__ = ["Place", "place", "serving"]


class Place:
    """The processes, and the ways to them."""

    def __init__(self, server: JupyterServer, cutter: Cutter) -> None:
        self.server = server
        self.cutter = cutter
        self.kernel = start_kernel(server)

    @property
    def kernel_pid(self) -> int:
        """Of the kernel's process."""
        return int(self.run("import os\nprint(os.getpid())"))

    @property
    def url(self) -> str:
        """The app's websocket, through the proxy."""
        return self._url(self.cutter.port)

    @property
    def straight(self) -> str:
        """The same past the proxy."""
        return self._url(self.cutter.target)

    def _url(self, port: int) -> str:
        return f"ws://127.0.0.1:{port}/trame/{self.kernel}/faults/ws?token={TOKEN}"

    def run(self, code: str) -> str:
        """Run a cell; what it printed. Raises `RuntimeError` with its traceback."""
        return execute(self.server, self.kernel, code)


@contextmanager
def serving(
    home: Path, config: str = "", extensions: Sequence[str] = (), gateway: str | None = None
) -> Iterator[JupyterServer]:
    """A Jupyter server without pages; `config` is Python for its configuration. `gateway`: where its kernels are."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "jupyter_server_config.py").write_text(config)
    with jupyter_server(home, flavour="server", extensions=extensions, gateway=gateway) as server:
        yield server


@contextmanager
def place(server: JupyterServer, code: str, seed: int = 0) -> Iterator[Place]:
    """A place where the app `code` runs, whose server is called ``faults``."""
    cutter = Cutter(int(server.url.rpartition(":")[2].strip("/")), seed)
    try:
        found = Place(server, cutter)
        found.run(code)
        yield found
    finally:
        cutter.close()
        server.shut_kernels_down()
