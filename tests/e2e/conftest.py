"""Chromium and the servers it visits.

Playwright's sync API keeps an event loop in this thread as long as it is open, so `browser` lives no longer
than a module; servers are processes and live for the whole run.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.gallery import Gallery
from tests.e2e.lab import Lab, Watch
from tests.e2e.servers import JupyterServer, jupyter_server
from tests.e2e.windows import LabWindows

FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OURS = re.compile(r"/trame/")
"""Addresses below our routes."""
RESULTS = Path(__file__).parents[2] / "test-results"
PATIENCE = 20_000
"""Milliseconds for which an expectation may come true: a machine that does other work as well takes longer."""

MakeLab = Callable[[JupyterServer], Lab]
MakePage = Callable[[JupyterServer | None], tuple[Page, Watch]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def chromium() -> str:
    """Path of the browser; `CHROMIUM` overrules what is on the path."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium: `make test-e2e` says how to get one")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own: no cookies, no storage."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def prefixed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """As a hub runs it: everything below a prefix."""
    with jupyter_server(tmp_path_factory.mktemp("prefixed"), base_url="/user/some%20one/") as server:
        yield server


@pytest.fixture(scope="session")
def saving_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab with "Save Widget State Automatically" switched on."""
    with jupyter_server(tmp_path_factory.mktemp("saving"), save_widgets=True) as server:
        yield server


@pytest.fixture(scope="session")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """No page of it may be shown in a frame, as on a hub."""
    with jupyter_server(tmp_path_factory.mktemp("strict"), policy="frame-ancestors 'none'") as server:
        yield server


@pytest.fixture(scope="session")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab with our server extension switched off."""
    with jupyter_server(tmp_path_factory.mktemp("bare"), extension=False) as server:
        yield server


@pytest.fixture(scope="session")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Notebook 7."""
    with jupyter_server(tmp_path_factory.mktemp("notebook"), flavour="notebook") as server:
        yield server


@pytest.fixture(scope="session")
def voila_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Voila on its own: a tornado application that loads no server extensions."""
    with jupyter_server(tmp_path_factory.mktemp("voila"), flavour="voila") as server:
        yield server


@pytest.fixture
def make_page(context: BrowserContext) -> Iterator[MakePage]:
    """Makes browser tabs; at the end of the test none of them may have reported an error."""
    watches = []

    def make(server: JupyterServer | None) -> tuple[Page, Watch]:
        page = context.new_page()
        watches.append(Watch(page, server.noise if server else []))
        return page, watches[-1]

    yield make
    for watch in watches:
        watch.check()


@pytest.fixture
def make_lab(context: BrowserContext) -> Iterator[MakeLab]:
    """Makes tabs with JupyterLab; at the end their kernels are shut down and their consoles checked."""
    labs: list[Lab] = []

    def make(server: JupyterServer) -> Lab:
        labs.append(Lab(context, server))
        return labs[-1]

    yield make
    context.close()
    for server in {id(lab.server): lab.server for lab in labs}.values():
        server.shut_kernels_down()
    for lab in labs:
        lab.watch.check()


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[LabWindows]:
    windows = LabWindows(browser)
    yield windows
    windows.close()


@pytest.fixture
def lab(windows: LabWindows, lab_server: JupyterServer) -> Iterator[Lab]:
    """A window that other tests have used and will use; the kernels are the test's own."""
    with windows.borrow(lab_server) as lab:
        yield lab


@pytest.fixture
def own_lab(make_lab: MakeLab, lab_server: JupyterServer) -> Lab:
    """A window that no other test uses: for what happens when the application loads."""
    return make_lab(lab_server)


def _refuse_ours(lab: Lab) -> None:
    lab.page.route(OURS, lambda route: route.abort())
    lab.page.route_web_socket(OURS, lambda socket: socket.close(code=4403))


@pytest.fixture
def bare_lab(windows: LabWindows, bare_server: JupyterServer) -> Iterator[Lab]:
    """As `lab`, but every request and socket to our routes is refused, as behind a strict proxy."""
    with windows.borrow(bare_server, _refuse_ours) as lab:
        yield lab


@pytest.fixture
def own_bare_lab(make_lab: MakeLab, bare_server: JupyterServer) -> Lab:
    """As `bare_lab`, in a window that no other test uses."""
    lab = make_lab(bare_server)
    _refuse_ours(lab)
    return lab


@pytest.fixture(scope="module")
def shown_packages(browser: Browser, strict_server: JupyterServer) -> Iterator[Gallery]:
    """One JupyterLab and one kernel for all packages, cut off from the rest of the world."""
    with Gallery(browser, strict_server) as gallery:
        yield gallery
    strict_server.shut_kernels_down()


@pytest.fixture
def gallery(shown_packages: Gallery) -> Iterator[Gallery]:
    """What all tests of a module share; what the pages report is this test's."""
    shown_packages.forget()
    yield shown_packages
    shown_packages.check()


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Names a PNG in test-results/ after the test."""
    return lambda label: RESULTS / f"{request.node.name}-{label}.png"
