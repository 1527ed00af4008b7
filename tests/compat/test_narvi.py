"""Names of the original: where they lead, and a program that knows no other."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from websockets.sync.client import connect

import jupyter_trame.narvi
from jupyter_trame.compat import dropin
from tests.compat.support import OURS, started
from tests.kernel.support import running_kernel

NAMES = {
    "narvi": "NarviServer",
    "narvi.api.narvi_server": "NarviServer",
    "narvi.api.server": "NarviServer",
    "narvi.services.webapp_services": "WebAppServices",
    "narvi.utils.resource_loader": "ResourceLoader",
    "narvi.utils.process_metrics": "ProcessMetrics",
    "narvi.apps.monitor": "MonitorApp",
}
"""Module of the original -> the name that it has."""


@pytest.mark.parametrize("module", NAMES)
def test_names_are_those_of_the_package(module: str, drop_in: None) -> None:
    name = NAMES[module]
    assert getattr(import_module(module), name) is getattr(jupyter_trame.narvi, name)
    narvi = import_module("narvi")
    assert narvi.__file__ == str(dropin.COMPANIONS["narvi"] / "__init__.py")
    dropin.uninstall()
    assert not [name for name in sys.modules if name.partition(".")[0] == "narvi"]


def test_files_of_the_monitor_are_found_by_its_package(drop_in: None) -> None:
    find = import_module("narvi.utils.resource_loader").ResourceLoader.get_path_of_resource
    assert Path(find("narvi.apps.monitor", "index.html")).is_file()


SERVICE = """
class Echo:
    def __init__(self, services):
        services.add_message_listener(lambda msg, session_id: services.send(msg, for_session_id=session_id))
"""

PROGRAM = """
from narvi.api.narvi_server import NarviServer

server = NarviServer(port=0)
service = server.register_service("w", "echo", "service.Echo", fixed_service_id="1")
server.register_app("echo", service)
server.run(lambda: print("at", server.port, flush=True))
"""


def test_a_program(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text(SERVICE)
    (tmp_path / "program.py").write_text(PROGRAM)
    with started(OURS, tmp_path / "program.py") as program:
        port = program.search(r"at (\d+)")[1]
        with connect(f"ws://localhost:{port}/narvi/w/echo/1/connect", proxy=None) as socket:
            assert json.loads(socket.recv())["action"] == "session_connected"
            for message in ("hé", b"\x00\xff"):
                socket.send(message)
                assert socket.recv() == message


def test_in_a_notebook(tmp_path: Path) -> None:
    with running_kernel(tmp_path) as kernel:
        kernel.run("%load_ext jupyter_trame")
        kernel.run("from narvi.api.narvi_server import NarviServer")
        kernel.run("import jupyter_trame.narvi; assert NarviServer is jupyter_trame.narvi.NarviServer")


def test_a_package_of_that_name_is_never_shadowed(tmp_path: Path) -> None:
    (tmp_path / "narvi").mkdir()
    (tmp_path / "narvi" / "__init__.py").write_text("WHO = 'somebody else'")
    (tmp_path / "program.py").write_text("import narvi; print(narvi.WHO)")
    command = [sys.executable, *OURS, str(tmp_path / "program.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "somebody else"
