"""A Jupyter server is killed, kernels that outlive it go on, and the next server has their services again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import ClientConnection, connect

from benchmarks.jupyter import HEADERS, execute, socket_url, start_kernel
from tests.e2e.servers import JupyterServer, jupyter_server, wait_until

CONFIG = """
from datetime import datetime, timezone
from pathlib import Path
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager


class Outlived(AsyncMappingKernelManager):
    '''Its kernels end by themselves only, and it has those of the server before it.'''

    def __init__(self, **options):
        super().__init__(**options)
        for file in Path(jupyter_runtime_dir()).glob("kernel-*.json"):
            kernel = self.kernel_manager_factory(parent=self, log=self.log, owns_kernel=False)
            kernel.load_connection_file(str(file))
            kernel.connection_file = str(file)
            kernel.kernel_id = file.stem.removeprefix("kernel-")
            kernel.last_activity = datetime.now(timezone.utc)
            kernel.execution_state = "idle"
            kernel.ready.set_result(None)
            self._kernels[kernel.kernel_id] = kernel
            self._kernel_connections[kernel.kernel_id] = 0

    async def start_kernel(self, **options):
        return await super().start_kernel(independent=True, **options)


c.ServerApp.kernel_manager_class = Outlived
"""
SERVICE = """
import os

class Count:
    def __init__(self, services):
        self.services, self.heard = services, 0
        services.add_message_listener(self.hear)

    def hear(self, message, session_id):
        self.heard += 1
        self.services.send(f"{os.getpid()} {self.heard}", session_id)
"""
REGISTER = """
from jupyter_trame.narvi import NarviServer
server = NarviServer()
for name, persist in (("own", False), ("kept", True)):
    service = server.register_service("w", name, "counting.Count", persist=persist)
    server.register_app(name, service, resource_roots={"index.html": "page.html"})
server.run()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Of both servers; what has outlived them is ended."""
    (tmp_path / "root").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.py").write_text(CONFIG)
    (tmp_path / "root" / "counting.py").write_text(SERVICE)
    (tmp_path / "root" / "page.html").write_text("<!doctype html><title>count</title>")
    yield tmp_path
    for process in kernels_of(tmp_path):
        process.kill()
        process.wait(20)


def kernels_of(home: Path) -> list[psutil.Process]:
    """The processes of all kernels whose connection files are below `home`."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or ())
        if "ipykernel_launcher" in command and f"{home}/" in command:
            found.append(process)
    return found


@contextmanager
def page(server: JupyterServer, name: str) -> Iterator[ClientConnection]:
    url = socket_url(server, f"trame/narvi/w/{name}/x/connect")
    with connect(url, additional_headers=HEADERS, open_timeout=60) as ws:
        assert "session_connected" in str(ws.recv(timeout=30))
        yield ws


def said(ws: ClientConnection) -> str:
    ws.send("again")
    return str(ws.recv(timeout=30))


def test_services_go_on_with_the_next_server(home: Path) -> None:
    pids = {}
    with jupyter_server(home, flavour="server") as first:
        execute(first, notebook := start_kernel(first), REGISTER)
        for name in ("own", "kept"):
            with page(first, name) as ws:
                pids[name], count = said(ws).split()
                assert count == "1"
        started = set(first.kernels())
        assert len(started) == 3
        os.kill(first.pid, signal.SIGKILL)
        psutil.Process(first.pid).wait(20)
    with jupyter_server(home, flavour="server") as second:
        assert set(second.kernels()) == started
        for name in ("own", "kept"):
            wait_until(lambda name=name: answers(second, name), f"the service {name}")
            with page(second, name) as ws:
                assert said(ws) == f"{pids[name]} 2"
        assert set(second.kernels()) == started
        os.kill(int(execute(second, notebook, "import os; print(os.getpid())")), signal.SIGKILL)
        wait_until(lambda: not answers(second, "own"), "the end of what the notebook has registered")
        with page(second, "kept") as ws:
            assert said(ws) == f"{pids['kept']} 3"


def answers(server: JupyterServer, name: str) -> bool:
    """Whether an instance runs that the server knows."""
    overview = server.fetch("trame/narvi-admin")
    return bool(overview.get("w", {}).get(name, {}).get("instances"))
