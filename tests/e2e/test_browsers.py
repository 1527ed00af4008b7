"""One scenario in every browser that `BROWSERS` names: apps in a cell, after a reload, in a tab and on a page.

`make test-browsers` runs it in Firefox ESR, in WebKitGTK and, as control, in Chromium.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.browsers import PATIENCE, Driver, opened_browser
from tests.e2e.conftest import FLAGS, chromium
from tests.e2e.lab import HOST, TAB_HOST
from tests.e2e.notebooks import LOAD, package_cell, write_notebook
from tests.e2e.servers import JupyterServer, wait_until

BROWSERS = os.environ.get("BROWSERS", "chromium").split()

README = """\
server = Server("app")
server.state.name = "world"

with DivLayout(server):
    html.Input(v_model=("name",))
    html.H2("Hello, {{ name }}!")

server
"""
UPLOAD = """\
from jupyter_trame import ui

with ui.app("app") as server:
    ui.upload("file")
    ui.output(lambda file: f"{len(file['content'])} bytes of {file['name']}" if file else "no file")

server
"""
BYTES = bytes(range(256)) * 400
OPEN = "server.open('tab')"

CELL = f".jp-OutputArea {HOST}"
PANEL = "window.jupyterapp.shell.currentWidget"
READY = f"""Boolean(window.jupyterapp?.shell && {PANEL}?.sessionContext?.isReady
    && {PANEL}.sessionContext.session?.kernel?.status === "idle" && {PANEL}.content.widgets.length)"""
KERNEL = f"{PANEL}.sessionContext.session.kernel.id"


class Place:
    """An app at one place of a browser."""

    def __init__(self, driver: Driver, host: str, folder: Path) -> None:
        self._driver = driver
        self._host = host
        self.folder = folder

    def click(self, css: str) -> None:
        self.wait(css)
        self._driver.click(self._host, css)

    def write(self, css: str, text: str) -> None:
        self.wait(css)
        self._driver.write(self._host, css, text)

    def upload(self, css: str, path: Path) -> None:
        self.wait(css)
        self._driver.upload(self._host, css, path)

    def change(self, css: str, value: str) -> None:
        """Gives a slider or a choice another value, with the events that a hand makes."""
        self.wait(css)
        self._ask(
            css,
            f"(one.value = {json.dumps(value)},"
            " ['input', 'change'].forEach((type) => one.dispatchEvent(new Event(type, { bubbles: true }))))",
        )

    def wait(self, css: str, of: str = "true") -> None:
        """Until there is such an element, and the JavaScript expression `of` about it, `one`, is true."""
        wait_until(lambda: self._ask(css, of), f"{css} of {self._host}: {of}", PATIENCE)

    def wait_text(self, css: str, text: str) -> None:
        """Until the element shows exactly `text`."""
        self.wait(css, f"one.textContent.trim() === {json.dumps(text)}")

    def _ask(self, css: str, expression: str) -> object:
        host, within = json.dumps(self._host), json.dumps(css)
        return self._driver.evaluate(
            f"((host) => {{ const one = (host?.shadowRoot ?? host)?.querySelector({within});"
            f" return one ? ({expression}) ?? null : null; }})(document.querySelector({host}))"
        )


def use_readme(place: Place) -> None:
    name = uuid.uuid4().hex[:6]
    place.write("input", name)
    place.wait_text("h2", f"Hello, {name}!")


def use_upload(place: Place) -> None:
    path = place.folder / f"{uuid.uuid4().hex[:6]}.bin"
    path.write_bytes(BYTES)
    place.upload("input[type=file]", path)
    place.wait(".jt-output", f"one.textContent.includes('{len(BYTES)} bytes of {path.name}')")


def use_vuetify(place: Place) -> None:
    place.click(".ask")
    place.wait(".question")
    place.click(".yes")
    place.wait_text(".answer", "python: 10")


def use_plotly(place: Place) -> None:
    place.wait(".modebar")
    place.click(".main-svg")
    place.wait_text(".answer", "python: ['b']")


def use_pyvista(place: Place) -> None:
    place.wait(".plot img", "one.complete && one.naturalWidth > 0")
    for sides in ("5", "10"):
        place.change(".sides", sides)
        place.wait_text(".answer", f"python: {int(sides) + 1} points")


@dataclass(frozen=True)
class Program:
    """Cells that show an app, and what a user does with it."""

    cells: list[str]
    slug: str
    use: Callable[[Place], None]


def package(name: str) -> list[str]:
    return [LOAD, package_cell(name, "app"), OPEN]


PROGRAMS = {
    "readme": Program([LOAD, README, OPEN], "app", use_readme),
    "upload": Program([LOAD, UPLOAD, OPEN], "app", use_upload),
    "vuetify": Program(package("vuetify3"), "app", use_vuetify),
    "plotly": Program(package("plotly"), "app", use_plotly),
    "pyvista": Program(package("pyvista_plot"), "app", use_pyvista),
}


@pytest.fixture(scope="module", params=BROWSERS)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with opened_browser(request.param, chromium() if request.param == "chromium" else "", FLAGS) as driver:
        yield driver


@pytest.fixture
def server(lab_server: JupyterServer) -> Iterator[JupyterServer]:
    yield lab_server
    lab_server.shut_kernels_down()


def show_notebook(driver: Driver, server: JupyterServer, name: str) -> None:
    address = f"{server.url}lab/workspaces/{uuid.uuid4().hex}/tree/{name}?token={server.token}"
    driver.open(address)
    wait_until(lambda: driver.evaluate(READY), f"a kernel for {name}", PATIENCE)


def run_cell(driver: Driver, index: int) -> None:
    """Runs a cell of the notebook in front and waits for its end."""
    cell = f"{PANEL}.content.widgets[{index}].model.executionCount"
    driver.evaluate(
        f"void ({PANEL}.content.activeCellIndex = {index},"
        " window.jupyterapp.commands.execute('notebook:run-cell'))"
    )
    wait_until(lambda: driver.evaluate(f"{cell} !== null"), f"the end of cell {index}", PATIENCE)


@pytest.mark.parametrize(
    "name", [name if name == "readme" else pytest.param(name, marks=pytest.mark.long) for name in PROGRAMS]
)
def test_an_app_in_a_cell_a_tab_and_on_a_page(
    driver: Driver, server: JupyterServer, name: str, tmp_path: Path
) -> None:
    program = PROGRAMS[name]
    path = write_notebook(server.root / f"{uuid.uuid4().hex[:8]}.ipynb", program.cells)
    show_notebook(driver, server, path.name)
    for index in range(len(program.cells) - 1):
        run_cell(driver, index)
    program.use(Place(driver, CELL, tmp_path))
    kernel = driver.evaluate(KERNEL)
    driver.evaluate(
        f"void ({PANEL}.content.activeCellIndex = {len(program.cells) - 1},"
        " window.jupyterapp.commands.execute('notebook:run-cell'))"
    )
    program.use(Place(driver, TAB_HOST, tmp_path))
    driver.open(f"{server.url}trame/{kernel}/{program.slug}/?token={server.token}")
    page = Place(driver, "body", tmp_path)  # a package puts its pop-ups beside the app
    program.use(page)
    driver.reload()
    program.use(page)
