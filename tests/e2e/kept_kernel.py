"""A kernel that outlives its Jupyter server, and the servers that take it up: one after the other, on one port."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient

from tests.e2e.servers import TOKEN, answers, isolated_environment, wait_until
from tests.support.ports import free_port

CONFIG = """
import os
from datetime import datetime, timezone
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager


class TakesUp(AsyncMappingKernelManager):
    '''Has the kernel that runs already, and leaves it alone when it ends.'''

    def __init__(self, **options):
        super().__init__(**options)
        kernel = self.kernel_manager_factory(parent=self, log=self.log, owns_kernel=False)
        kernel.load_connection_file(os.environ["KEPT_KERNEL"])
        kernel.connection_file = os.environ["KEPT_KERNEL"]
        kernel.kernel_id = os.environ["KEPT_KERNEL_ID"]
        kernel.last_activity = datetime.now(timezone.utc)
        kernel.execution_state = "idle"
        kernel.ready.set_result(None)
        self._kernels[kernel.kernel_id] = kernel
        self._kernel_connections[kernel.kernel_id] = 0


c.ServerApp.kernel_manager_class = TakesUp
c.ServerApp.jpserver_extensions = {"jupyter_trame": True}
"""


class KeptKernel:
    """The kernel, and the Jupyter server that there is now."""

    def __init__(self, home: Path) -> None:
        self.id = str(uuid.uuid4())
        self.port = free_port()
        self._home = home
        self._file = home / "run" / f"kernel-{self.id}.json"
        self._env = isolated_environment(home) | {
            "KEPT_KERNEL": str(self._file),
            "KEPT_KERNEL_ID": self.id,
        }
        (home / "config" / "jupyter_server_config.py").write_text(CONFIG)
        self._server: subprocess.Popen[bytes] | None = None
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", str(self._file)]
        self._kernel = self._start(command, "kernel")
        wait_until(lambda: self._file.exists() and self._file.stat().st_size, "the connection file", 60)
        self._client = BlockingKernelClient(connection_file=str(self._file))
        self._client.load_connection_file()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    @property
    def page(self) -> str:
        """Address of the page of the server `app`."""
        return f"http://127.0.0.1:{self.port}/trame/{self.id}/app/?token={TOKEN}"

    @property
    def socket(self) -> str:
        """Address of its websocket."""
        return f"ws://127.0.0.1:{self.port}/trame/{self.id}/app/ws?token={TOKEN}"

    def run(self, code: str) -> str:
        """Run a cell; what it printed. Raises AssertionError with the traceback."""
        printed: list[str] = []

        def hear(message: dict[str, dict[str, str]]) -> None:
            printed.append(message["content"].get("text", ""))

        reply = self._client.execute_interactive(code, timeout=60, output_hook=hear)
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))
        return "".join(printed)

    def serve(self) -> None:
        """Start a Jupyter server, and wait until it answers."""
        server = self._server = self._start(
            [
                sys.executable,
                "-m",
                "jupyter_server",
                "--no-browser",
                f"--port={self.port}",
                "--ServerApp.port_retries=0",
                f"--ServerApp.root_dir={self._home / 'root'}",
                f"--IdentityProvider.token={TOKEN}",
                *(["--allow-root"] if os.getuid() == 0 else []),
            ],
            "server",
        )
        url = f"http://127.0.0.1:{self.port}/api"
        wait_until(lambda: server.poll() is not None or answers(url), f"an answer from {url}", 60)
        assert server.poll() is None, self.log

    def end_server(self, sign: signal.Signals) -> None:
        """End the Jupyter server with a signal."""
        assert self._server is not None
        self._server.send_signal(sign)
        self._server.wait(30)
        self._server = None

    @property
    def log(self) -> str:
        """What the Jupyter servers have written."""
        return (self._home / "server.log").read_text("utf-8")

    def close(self) -> None:
        """End both."""
        self._client.stop_channels()
        for process in (self._server, self._kernel):
            if process is not None:
                process.kill()
                process.wait()

    def _start(self, command: list[str], name: str) -> subprocess.Popen[bytes]:
        with (self._home / f"{name}.log").open("a") as output:
            return subprocess.Popen(
                command,
                env=self._env,
                cwd=self._home / "root",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def kept_kernel(home: Path) -> Iterator[KeptKernel]:
    """A kernel with a Jupyter server, until the end of the block."""
    kernel = KeptKernel(home)
    try:
        kernel.serve()
        yield kernel
    finally:
        kernel.close()
