"""Kernels on a Kernel Gateway, which share no folder with the Jupyter server: apps are as live as beside it.

Cells that JupyterLab runs behind a gateway do not always end, with and without us: what needs them is run by
``make test-real`` alone.
"""

import importlib
import json
import os
import pwd
import random
import subprocess
import sys
import tempfile
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.jupyter import execute, start_kernel
from jupyter_trame.transports.rendezvous import record_path
from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.gallery import HARMLESS
from tests.e2e.gateways import kernel_gateway
from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import APP, BLOCKING_LOOP, BUILD, LOAD, package_cell
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server
from tests.e2e.test_values import FORM, digest
from tests.faults.cutter import Cutter

Picture = Callable[[str], Path]


@dataclass(frozen=True)
class Far:
    """A JupyterLab whose kernels run elsewhere."""

    lab: JupyterServer
    gateway_root: Path
    """Where its kernels work."""
    road: Cutter
    """What lies between it and the gateway."""


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    home = tmp_path_factory.mktemp("gateway")
    with kernel_gateway(home) as address:
        road = Cutter(urlsplit(address).port or 0)
        try:
            with jupyter_server(
                tmp_path_factory.mktemp("far"), gateway=f"http://127.0.0.1:{road.port}"
            ) as server:
                yield Far(server, home / "root", road)
        finally:
            road.close()


@pytest.fixture
def far_lab(make_lab: MakeLab, far: Far) -> Lab:
    return make_lab(far.lab)


@pytest.mark.long
def test_an_app_in_a_cell_a_tab_and_a_page(
    far_lab: Lab, far: Far, make_page: MakePage, picture: Picture
) -> None:
    path = far_lab.open_cells([LOAD, APP, "server.open('tab')"])
    far_lab.run(0)
    far_lab.run(1)
    view = far_lab.inline_view()
    view.expect_live("websocket")
    view.exercise_controls()
    far_lab.screenshot(picture("cell"))
    far_lab.run(2)
    far_lab.tab_view().expect_live("websocket")
    far_lab.tab_view().set_slider(".slider", 12)
    far_lab.tab_view().expect_text(".double", "24")
    page, _ = make_page(far.lab)
    page.goto(f"{far.lab.url}trame/{far_lab.kernel_id()}/counter/?token={TOKEN}")
    other = View(page.locator("[data-jupyter-trame]"))
    other.expect_text(".double", "24")
    other.find(".button").click()
    far_lab.tab_view().expect_text(".double", "26")
    far_lab.save()
    far_lab.reload()
    far_lab.open(path.name)
    far_lab.inline_view().expect_live("websocket")
    far_lab.inline_view().expect_text(".double", "26")


@pytest.fixture(scope="module")
def bare_far_server(far: Far, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Without our server extension, so that views have the comm alone."""
    home, gateway = tmp_path_factory.mktemp("bare-far"), f"http://127.0.0.1:{far.road.port}"
    with jupyter_server(home, extension=False, gateway=gateway) as server:
        yield server


SECRETIVE = "import os; os.environ.pop('KERNEL_GATEWAY')"
"""The kernel does not know that it is behind a gateway, as where that is a plain Jupyter server."""
PICTURE = "state.picture = bytes(range(256)) * 4000; state.flush(); state.n = 7; state.flush()"


@pytest.mark.long
@pytest.mark.parametrize("begin", ["", SECRETIVE], ids=["told", "found-out"])
def test_without_the_extension_views_are_live_over_text(
    make_lab: MakeLab, bare_far_server: JupyterServer, begin: str
) -> None:
    lab = make_lab(bare_far_server)
    lab.open_cells([f"{begin}\n{LOAD}", APP, PICTURE])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("comm")
    view.exercise_controls()
    lab.run(2)
    view.expect_text(".n", "7")
    view.find(".button").click()
    view.expect_text(".n", "8")


@pytest.mark.long
def test_progress_is_seen_while_the_cell_blocks(far_lab: Lab, far: Far) -> None:
    far_lab.open_cells([LOAD, APP, BLOCKING_LOOP])
    far_lab.run(0)
    far_lab.run(1)
    view = far_lab.inline_view()
    view.expect_live("websocket")
    far_lab.run(2, wait=False)
    for step in range(1, 6):
        view.expect_text(".progress-text", str(step))
        (far.gateway_root / f"go-{step}").touch()
    far_lab.wait_idle()


@pytest.mark.long
@pytest.mark.parametrize("name", ["vuetify3", "pyvista_plot"])
def test_packages_of_a_kernel_there(far: Far, make_page: MakePage, name: str) -> None:
    kernel = start_kernel(far.lab)
    execute(far.lab, kernel, package_cell(name, "packed", ""))
    page, watch = make_page(far.lab)
    watch.expected += HARMLESS
    page.goto(f"{far.lab.url}trame/{kernel}/packed/?token={TOKEN}")
    view = View(page.locator("body"), page)
    view.expect_visible(".answer")
    importlib.import_module(f"tests.e2e.packages.{name}").drive(view)
    far.lab.shut_kernels_down()


@pytest.mark.long
def test_a_file_of_ten_megabytes_and_two_browsers(
    far: Far, make_page: MakePage, browser: Browser, tmp_path: Path
) -> None:
    kernel = start_kernel(far.lab)
    execute(far.lab, kernel, LOAD.partition("\n")[2] + FORM + "server.start()")
    address = f"{far.lab.url}trame/{kernel}/values/?token={TOKEN}"
    page, _ = make_page(far.lab)
    page.goto(address)
    other = browser.new_context()
    try:
        second = other.new_page()
        second.goto(address)
        views = View(page.locator("[data-jupyter-trame]")), View(second.locator("[data-jupyter-trame]"))
        for view in views:
            view.expect_text(".size", "0")
        file = tmp_path / "large.bin"
        file.write_bytes(random.Random(1).randbytes(10_000_000))
        views[0].find(".file").set_input_files(file)
        for view in views:
            view.expect_text(".size", "10000000")
            view.expect_text(".name", "large.bin")
        views[1].set_slider(".slider", 21)
        views[0].expect_text(".double", "42")
    finally:
        other.close()
    same = f"import hashlib; print(hashlib.sha256(state.doc['content']).hexdigest() == {digest(file)!r})"
    assert execute(far.lab, kernel, same) == "True\n"
    far.lab.shut_kernels_down()


def test_twenty_cuts_of_the_way_to_the_gateway_lose_nothing(far: Far, make_page: MakePage) -> None:
    kernel = start_kernel(far.lab)
    execute(far.lab, kernel, LOAD.partition("\n")[2] + BUILD + "server.start()")
    page, _ = make_page(far.lab)
    page.goto(f"{far.lab.url}trame/{kernel}/counter/?token={TOKEN}")
    view = View(page.locator("[data-jupyter-trame]"))
    view.expect_live("websocket")
    for number in range(1, 21):
        view.find(".button").click()
        far.road.cut_all()
        view.expect_text(".n", str(1 + number))
    far.lab.shut_kernels_down()


def test_a_kernel_that_is_started_again_brings_the_app_back(far: Far, make_page: MakePage) -> None:
    """Without JupyterLab, whose cells do not run behind a gateway after a restart, with and without us."""
    kernel = start_kernel(far.lab)
    code = LOAD.partition("\n")[2] + BUILD + "server.start()"
    execute(far.lab, kernel, code)
    page, _ = make_page(far.lab)
    page.goto(f"{far.lab.url}trame/{kernel}/counter/?token={TOKEN}")
    view = View(page.locator("[data-jupyter-trame]"))
    view.set_slider(".slider", 21)
    view.expect_text(".double", "42")
    far.lab.api(f"kernels/{kernel}/restart", "POST")
    execute(far.lab, kernel, code)
    view.expect_text(".double", "2")
    view.set_slider(".slider", 30)
    view.expect_text(".double", "60")
    far.lab.shut_kernels_down()


def test_kernels_of_others_on_the_gateway_have_no_address_here(far: Far, tmp_path: Path) -> None:
    kernel = start_kernel(far.lab)
    execute(far.lab, kernel, LOAD.partition("\n")[2] + BUILD + "server.start()")
    assert [each["name"] for each in far.lab.fetch("trame/api/v1/servers")] == ["counter"]
    with jupyter_server(tmp_path, flavour="server", gateway=f"http://127.0.0.1:{far.road.port}") as other:
        assert other.fetch("trame/api/v1/servers") == []
        for path in (f"trame/{kernel}/counter/", f"trame/{kernel}/counter/ws"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                other.fetch(path)
    far.lab.shut_kernels_down()


TOUCH = """
import socket, sys
try:
    open(sys.argv[1])
except PermissionError:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(sys.argv[2])
"""
"""Whoever cannot read the first file tries the second, a socket."""


def run_as(user: int, code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run Python as another user."""
    command = [sys.executable, "-c", code, *args]
    return subprocess.run(
        command, user=user, group=user, extra_groups=[], capture_output=True, text=True, check=False
    )


@pytest.fixture
def nobody() -> int:
    """The number of another user."""
    if os.getuid() != 0:
        pytest.skip("who is not root starts no server as somebody else")
    user = pwd.getpwnam("nobody").pw_uid
    try:
        reason = run_as(user, "import jupyter_trame").stderr
    except PermissionError as error:
        reason = str(error)
    if reason:
        pytest.skip(f"somebody else may not run this Python: {reason}")
    return user


def test_another_user_on_the_gateway_reaches_nothing(far: Far, nobody: int) -> None:
    kernel = start_kernel(far.lab)
    execute(far.lab, kernel, LOAD.partition("\n")[2] + BUILD + "server.start()")
    address = f"http://127.0.0.1:{far.road.port}"
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_server(Path(folder), flavour="server", gateway=address, user=nobody) as other,
    ):
        assert Path(f"/proc/{other.pid}").stat().st_uid == nobody
        for path in (f"trame/{kernel}/counter/", f"trame/{kernel}/counter/ws", f"trame/narvi/{kernel}/"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                other.fetch(path)
        own = start_kernel(other)
        execute(other, own, LOAD.partition("\n")[2] + BUILD + "server.start()")
        for server, id_, theirs in ((far.lab, kernel, own), (other, own, kernel)):
            assert [each["kernel_id"] for each in server.fetch("trame/api/v1/servers")] == [id_]
            with pytest.raises(urllib.error.HTTPError, match="404"):
                server.fetch(f"trame/{theirs}/counter/")
        other.shut_kernels_down()
    record = record_path(far.gateway_root.parent / "run" / f"kernel-{kernel}.json")
    listening = json.loads(record.read_text())["address"].removeprefix("unix:")
    touched = run_as(nobody, TOUCH, str(record), listening)
    assert touched.stderr.splitlines()[-1] == "PermissionError: [Errno 13] Permission denied"
    far.lab.shut_kernels_down()


def test_a_card_of_the_launcher_starts_the_app_there(far_lab: Lab) -> None:
    far_lab.start()
    card = far_lab.page.locator(".jp-LauncherCard", has_text="Cars demo").first
    expect(card).to_be_visible()
    card.click()
    view = far_lab.tab_view()
    view.expect_live("websocket")
    view.expect_text(".shown", "392")
