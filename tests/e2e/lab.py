"""A JupyterLab page, driven through its own commands: menus and buttons move between versions."""

import json
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, FrameLocator, Locator, Page, Request, expect

from tests.e2e.notebooks import write_notebook
from tests.e2e.servers import JupyterServer, wait_until

HOST = "[data-jupyter-trame]"
"""The element that holds a view's shadow root; Playwright's CSS looks into open shadow roots by itself."""

PACKAGE_TIMEOUT = 30_000
"""Milliseconds for code of a package to arrive and to draw."""

TAB_HOST = f"#jp-main-content-panel {HOST}:not(.jp-OutputArea {HOST})"
"""A host in a tab of any area, also at the side."""

PANEL = (
    """const panel = [...window.jupyterapp.shell.widgets("main")].find((w) => w.context?.path === name);"""
)
"""Finds the notebook `name`, whatever is in front of it."""

NOTEBOOK_READY = f"""(name) => {{
    if (!window.jupyterapp?.shell) return false;
    {PANEL}
    return panel?.sessionContext.isReady && panel.sessionContext.session?.kernel?.status === "idle"
        && panel.content.widgets.length > 0;
}}"""
CELL_DONE = f"""([name, index]) => {{
    {PANEL}
    return panel.content.widgets[index].model.executionCount !== null
        && panel.sessionContext.session.kernel.status === "idle";
}}"""
ALL_DONE = f"""(name) => {{
    {PANEL}
    const cells = panel.content.widgets.filter((cell) => cell.model.type === "code");
    return cells.every((cell) => cell.model.executionCount !== null || cell.model.sharedModel.source === "")
        && panel.sessionContext.session.kernel.status === "idle";
}}"""
START_CELL = f"""([name, index]) => {{
    {PANEL}
    window.jupyterapp.shell.activateById(panel.id);
    panel.content.activeCellIndex = index;
    panel.content.deselectAll();
    panel.content.widgets[index].model.executionCount = null;
    window.jupyterapp.commands.execute("notebook:run-cell");
}}"""


class Watch:
    """What a page reported that it should not, and what it asked the network for."""

    def __init__(self, page: Page, noise: list[str]) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.sockets: list[str] = []
        self._noise = noise
        self.expected = list(noise)
        """Parts of messages that the test provokes, or that are none of ours."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("websocket", lambda socket: self.sockets.append(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def forget(self) -> None:
        """What was reported so far, and what was expected, is no concern of the next test."""
        self.problems.clear()
        self.requests.clear()
        self.sockets.clear()
        self.expected = list(self._noise)

    def surprises(self) -> list[str]:
        """Problems that the test did not expect."""
        return [text for text in self.problems if not any(part in text for part in self.expected)]

    def check(self) -> None:
        """Fails with every surprise."""
        surprises = self.surprises()
        assert not surprises, "the page reported:\n" + "\n".join(surprises)


class View:
    """One mounted view of an app, inline, in a tab or on a page."""

    def __init__(self, host: Locator | FrameLocator, page: Page | None = None) -> None:
        self.host = host
        self._page = page

    def find(self, css: str, text: str | None = None) -> Locator:
        """An element of the app, one that contains `text` if that is given."""
        return self.host.locator(css, has_text=text)

    @property
    def page(self) -> Page:
        """The page that it is on."""
        return self._page or self.find(":root, *").first.page

    def press(self, key: str) -> None:
        """Presses a key where the focus is."""
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Types where the focus is."""
        self.page.keyboard.type(text)

    def expect_visible(self, css: str) -> None:
        """Waits until the first such element is seen."""
        expect(self.find(css).first).to_be_visible(timeout=PACKAGE_TIMEOUT)

    def expect_hidden(self, css: str) -> None:
        """Waits until no such element is seen."""
        expect(self.find(css).filter(visible=True)).to_have_count(0)

    def point(self, css: str, x: float, y: float) -> tuple[float, float]:
        """A point of the page: `x` and `y` are parts of the element's width and height."""
        element = self.find(css).first
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        assert box is not None, f"{css} has no box"
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def click_at(self, css: str, x: float, y: float) -> None:
        """Clicks with the mouse, whatever is there."""
        self.page.mouse.click(*self.point(css, x, y))

    def drag(self, css: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Moves the mouse with its button held."""
        mouse = self.page.mouse
        mouse.move(*self.point(css, *start))
        mouse.down()
        mouse.move(*self.point(css, *end), steps=8)
        mouse.up()

    def wait_picture(self, css: str) -> None:
        """Waits until an image has something to show."""
        image = self.find(css).first
        expect(image).to_be_attached(timeout=PACKAGE_TIMEOUT)
        expect(image).to_have_js_property("complete", True)
        wait_until(lambda: image.evaluate("(image) => image.naturalWidth > 0"), f"a picture in {css}")

    def expect_in_window(self, css: str) -> None:
        """Waits until a part of the first such element lies within the window."""
        expect(self.find(css).first).to_be_in_viewport()

    def wait_other_picture(self, css: str, before: bytes) -> bytes:
        """Waits until the element looks unlike `before`, its screenshot; gives the new one."""
        wait_until(lambda: self.find(css).screenshot() != before, f"another look of {css}")
        return self.find(css).screenshot()

    def expect_other_source(self, css: str, before: str) -> None:
        """Waits until the first such image is another than that of the address `before`, and has arrived."""
        expect(self.find(css).first).not_to_have_attribute("src", before)
        self.wait_picture(css)

    def expect_text(self, css: str, text: str) -> None:
        """Waits until the element shows exactly `text`."""
        expect(self.find(css)).to_have_text(text)

    def set_slider(self, css: str, value: int) -> None:
        """Moves a range input, with the events that a hand makes."""
        self.find(css).fill(str(value))

    def expect_live(self, kind: str) -> None:
        """Waits until the status mark says that the view is connected, by ``websocket`` or ``comm``."""
        expect(self.find(".jt-mark")).to_have_attribute("data-state", "live")
        expect(self.find(".jt-mark")).to_have_attribute("data-transport", kind)

    def exercise_controls(self) -> None:
        """Uses every control of `notebooks.APP`; Python's answer to each must come back."""
        self.set_slider(".slider", 21)
        self.expect_text(".double", "42")
        self.find(".button").click()
        self.expect_text(".double", "44")
        self.find(".text").fill("héllo")
        self.expect_text(".echo", "héllo/a")
        self.find(".select").select_option("b")
        self.expect_text(".echo", "héllo/b")


class Lab:
    """One browser tab with JupyterLab."""

    def __init__(self, context: BrowserContext, server: JupyterServer, *, shared: bool = False) -> None:
        """With `shared`, tests use it one after the other, and it is loaded once."""
        self.server = server
        self.loaded = False
        """Whether the application is there."""
        self._shared = shared
        self.page = context.new_page()
        self.watch = Watch(self.page, server.noise)
        self._workspace = uuid.uuid4().hex
        self._notebook = ""

    def start(self) -> None:
        """Opens the application without a document: the launcher."""
        if not (self._shared and self.loaded):
            self._load(f"lab/workspaces/{self._workspace}")

    def visit(self, path: str) -> None:
        """Opens an address below the server's, and waits until the application has restored itself."""
        self._check_own()
        self._load(path)

    def _load(self, path: str) -> None:
        token = self.server.token
        self.page.goto(f"{self.server.url}{path}{token and f'?token={token}'}")
        self._wait_restored()

    def reload(self) -> None:
        """As F5 does. What was open is only sure to come back after `wait_layout_saved`, or by `open`."""
        self._check_own()
        self.page.reload()
        self._wait_restored()

    def _check_own(self) -> None:
        assert not self._shared, "tests that load the window again need one of their own: `own_lab`"

    def _wait_restored(self) -> None:
        # Unlike `evaluate` this outlives a navigation, which a hub may answer the first visit with.
        self.page.wait_for_function("() => window.jupyterapp?.restored?.then(() => true)")
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)
        self.loaded = True

    def execute(self, command: str, arguments: dict[str, Any] | None = None) -> None:
        """Runs a command of the application without waiting for its end."""
        self.page.evaluate(
            "([id, args]) => { window.jupyterapp.commands.execute(id, args); }", [command, arguments or {}]
        )

    def open(self, name: str) -> None:
        """Shows a notebook of the server's folder and waits for its kernel."""
        self.execute("docmanager:open", {"path": name, "factory": "Notebook"})
        self.wait_open(name)

    def wait_open(self, name: str) -> None:
        """Until the notebook is there and its kernel idle; what follows is about this notebook."""
        self._notebook = name
        self.page.wait_for_function(NOTEBOOK_READY, arg=name, timeout=60_000)

    def open_cells(self, cells: list[str], name: str | None = None) -> Path:
        """Writes a notebook of these cells and opens it."""
        path = write_notebook(self.server.root / (name or f"{uuid.uuid4().hex[:8]}.ipynb"), cells)
        self.start()
        self.open(path.name)
        return path

    def run_all(self, timeout: float = 60.0) -> None:
        """Runs every cell; returns when the kernel is idle again."""
        self.execute("notebook:run-all-cells")
        self.page.wait_for_function(ALL_DONE, arg=self._notebook, timeout=timeout * 1000)

    def run(self, index: int, *, wait: bool = True, timeout: float = 60.0) -> None:
        """Brings the notebook to the front and runs one cell."""
        self.page.evaluate(START_CELL, [self._notebook, index])
        if wait:
            self.page.wait_for_function(CELL_DONE, arg=[self._notebook, index], timeout=timeout * 1000)

    def wait_idle(self, timeout: float = 60.0) -> None:
        """Until the notebook's kernel has nothing to do."""
        self.page.wait_for_function(
            f"(name) => {{ {PANEL} return panel.sessionContext.session.kernel.status === 'idle'; }}",
            arg=self._notebook,
            timeout=timeout * 1000,
        )

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Outputs of a cell, as the notebook file holds them."""
        found: list[dict[str, Any]] = self._ask("panel.content.widgets[index].model.outputs.toJSON()", index)
        return found

    def cell_count(self) -> int:
        """How many cells the notebook has now."""
        return int(self._ask("panel.content.widgets.length"))

    def select(self, index: int) -> None:
        """Makes a cell the active one."""
        self.page.evaluate(
            f"([name, index]) => {{ {PANEL} window.jupyterapp.shell.activateById(panel.id);"
            " panel.content.activeCellIndex = index; panel.content.deselectAll(); }",
            [self._notebook, index],
        )

    def scroll_to(self, index: int) -> None:
        """Brings a cell to the upper edge."""
        self._ask("panel.content.scrollToItem(index, 'start')", index)

    def place(self) -> list[Any]:
        """How many cells there are, which is the active one, and whether its text is being edited."""
        found: list[Any] = self._ask(
            "[panel.content.widgets.length, panel.content.activeCellIndex, panel.content.mode]"
        )
        return found

    def append_cell(self, source: str) -> int:
        """Puts a code cell at the end of the notebook; gives its index."""
        cell = json.dumps({"cell_type": "code", "source": source})
        return int(
            self._ask(f"panel.content.model.sharedModel.addCell({cell}) && panel.content.widgets.length - 1")
        )

    def cell_host(self, index: int) -> Locator:
        """The host of the view in the outputs of a cell."""
        return self.page.locator(
            f".jp-Notebook [data-windowed-list-index='{index}'] .jp-OutputArea {HOST}"
        ).first

    def restart_kernel(self) -> None:
        """Starts the notebook's kernel again, as its menu does; returns when it is there."""
        self._ask("panel.sessionContext.session.kernel.restart()")

    def kernel_id(self) -> str:
        """Of the notebook."""
        return str(self._ask("panel.sessionContext.session.kernel.id"))

    def run_beside(self, code: str) -> None:
        """Runs code in the notebook's kernel as another page does: no cell of this one runs, and the focus stays."""
        request = json.dumps({"code": code, "store_history": False})
        self._ask(f"panel.sessionContext.session.kernel.requestExecute({request}).done.then(() => null)")

    def save(self) -> None:
        """Writes the notebook to its file."""
        self._ask("panel.context.save()")

    def _ask(self, expression: str, index: int = 0) -> Any:
        """The value of a JavaScript expression about the notebook, `panel`; awaited where it is a promise."""
        return self.page.evaluate(
            f"([name, index]) => {{ {PANEL} return {expression}; }}", [self._notebook, index]
        )

    def wait_output(self, index: int, text: str) -> None:
        """Until `text` stands somewhere in the outputs of a cell."""
        self.page.wait_for_function(
            f"""([name, index, text]) => {{
                {PANEL}
                return JSON.stringify(panel.content.widgets[index].model.outputs.toJSON()).includes(text);
            }}""",
            arg=[self._notebook, index, text],
        )

    def save_until(self, text: str) -> None:
        """Saves again and again, until `text` stands in the file: the models of widgets are collected late."""

        def saved() -> bool:
            self.save()
            return text in (self.server.root / self._notebook).read_text("utf-8")

        wait_until(saved, f"{text} in {self._notebook}")

    def text_output(self, index: int) -> str:
        """What a cell printed and showed as plain text."""
        texts = []
        for output in self.outputs(index):
            text = (
                output.get("text") or output.get("data", {}).get("text/plain") or output.get("traceback", "")
            )
            texts.append(text if isinstance(text, str) else "".join(text))
        return "".join(texts)

    def wait_layout_saved(self, text: str) -> None:
        """Until the workspace, which JupyterLab saves a moment after a change, speaks of `text`."""
        path = f"lab/api/workspaces/{self._workspace}"
        wait_until(lambda: text in json.dumps(self.server.fetch(path)), f"{text} in the workspace")

    def inline_view(self, nth: int = 0) -> View:
        """A view in a cell's output."""
        return self._view(f".jp-OutputArea {HOST}", nth)

    def tab_view(self, nth: int = 0) -> View:
        """A view that fills a tab of the application."""
        return self._view(TAB_HOST, nth)

    def app_areas(self) -> dict[str, str]:
        """The area of each tab of an app, by its title."""
        found: dict[str, str] = self.page.evaluate(
            """() => Object.fromEntries(["main", "left", "right"].flatMap((area) =>
                [...window.jupyterapp.shell.widgets(area)].filter(({ id }) => id.startsWith("jupyter-trame-"))
                    .map(({ title }) => [title.label, area])))"""
        )
        return found

    def _view(self, css: str, nth: int) -> View:
        host = self.page.locator(css).nth(nth)
        expect(host).to_be_attached(timeout=30_000)
        return View(host)

    def set_theme(self, name: str) -> None:
        """``JupyterLab Light`` or ``JupyterLab Dark``; returns when it is what is seen."""
        self.execute("apputils:change-theme", {"theme": name})
        expect(self.page.locator(f"body[data-jp-theme-name='{name}']")).to_be_attached(timeout=30_000)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def screenshot(self, path: Path) -> None:
        """The whole window, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
