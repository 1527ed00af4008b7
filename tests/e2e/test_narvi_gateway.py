"""Services whose kernels are on a Kernel Gateway (contract c.5, rows 1, 3, 5, 7 and 8), which shares no folder."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from benchmarks.jupyter import HEADERS, execute, socket_url, start_kernel
from tests.e2e.gateways import kernel_gateway
from tests.e2e.servers import JupyterServer, jupyter_server, wait_until

MODULE = """
import json, os

class Echo:
    def __init__(self, services, **parameters):
        self.services = services
        self.closed = []
        services.add_message_listener(self.message)
        services.add_session_open_listener(self.opened)
        services.add_session_close_listener(self.closed.append)

    def opened(self, app_name, session_id, query, headers):
        self.services.send("opened", session_id)

    def message(self, message, session_id):
        found = {"pid": str(os.getpid()), "closed": json.dumps(self.closed)}
        self.services.send(found.get(message, message) if isinstance(message, str) else message, session_id)
"""
REGISTER = """
import warnings
warnings.simplefilter("ignore", RuntimeWarning)  # the Jupyter server looks when somebody asks
from jupyter_trame.narvi import NarviServer
server = NarviServer()
open("page.html", "w").write("<!doctype html><title>far</title>")
shared = server.register_service("w", "echo", "narvi_far_service.Echo")
own = server.register_service("w", "own", "narvi_far_service.Echo", shared_service=False)
server.register_app("app", shared, {"a": 1}, {"index.html": "page.html"})
server.register_app("own", own)
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway whose kernels find the module of the services."""
    home = tmp_path_factory.mktemp("gateway")
    (home / "root").mkdir()
    (home / "root" / "narvi_far_service.py").write_text(MODULE)
    with kernel_gateway(home) as address:
        yield address


@pytest.fixture(scope="module")
def far(gateway: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A Jupyter server whose kernels are there, with a notebook that has registered services."""
    with jupyter_server(tmp_path_factory.mktemp("far"), flavour="server", gateway=gateway) as server:
        execute(server, start_kernel(server), REGISTER)
        yield server
        server.shut_kernels_down()


def page(server: JupyterServer, service_id: str = "x", app: str = "app") -> Any:
    url = socket_url(server, f"trame/narvi/w/{app}/{service_id}/connect")
    return connect(url, additional_headers=HEADERS, max_size=None, open_timeout=60)


@contextmanager
def greeted(server: JupyterServer, service_id: str = "x", app: str = "app") -> Iterator[ClientConnection]:
    with page(server, service_id, app) as ws:
        assert json.loads(ws.recv())["action"] == "session_connected"
        assert ws.recv() == "opened"
        yield ws


def said(ws: ClientConnection, message: str | bytes) -> str | bytes:
    ws.send(message)
    return ws.recv(timeout=30)


def test_rows_1_and_3_the_page_comes_from_the_kernel_and_messages_pass(far: JupyterServer) -> None:
    request = urllib.request.Request(f"{far.url}trame/narvi/w/app/x/index.html", headers=HEADERS)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert b"<title>far</title>" in answer.read()
    with page(far) as ws:
        hello = json.loads(ws.recv())
        assert hello["app_parameters"] == {"a": 1}
        assert ws.recv() == "opened"
        assert said(ws, "é") == "é"
        large = bytes(range(256)) * 4096
        assert said(ws, large) == large


def test_row_5_shared_and_not(far: JupyterServer) -> None:
    with greeted(far) as one, greeted(far) as two:
        assert said(one, "pid") == said(two, "pid")
    before = len(far.kernels())
    with greeted(far, app="own") as one, greeted(far, app="own") as two:
        assert said(one, "pid") != said(two, "pid")
        assert len(far.kernels()) == before + 2
    wait_until(lambda: len(far.kernels()) == before, "the end of the kernels of both sessions")


def test_rows_7_and_8_sessions_end_and_services_start_again(far: JupyterServer) -> None:
    with greeted(far, "y") as one:
        with greeted(far, "y"):
            status = far.fetch("trame/narvi/w/app/y/status")
            assert status["session_count"] == 2
        wait_until(lambda: json.loads(said(one, "closed")), "the close listener")
        pid = said(one, "pid")
        (notebook, *_) = far.kernels()
        execute(far, notebook, "server.restart_service('w', 'echo', 'y')")
        with pytest.raises(ConnectionClosed) as closed:
            one.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
    with greeted(far, "y") as again:
        assert said(again, "pid") != pid
    execute(far, notebook, "server.stop_service('w', 'echo', 'y')")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        far.fetch("trame/narvi/w/app/y/status")


def test_another_user_of_the_gateway_reaches_nothing(
    far: JupyterServer, gateway: str, tmp_path: Path
) -> None:
    with greeted(far), jupyter_server(tmp_path, flavour="server", gateway=gateway) as other:
        for path in ("trame/narvi/w/app/x/index.html", "trame/narvi/w/app/x/status"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                other.fetch(path)
        with pytest.raises(InvalidStatus, match="404"), page(other):
            pass
        assert other.fetch("trame/narvi-admin") == {}
