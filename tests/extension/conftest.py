import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its hooks run the coroutines of this folder

from jupyter_trame.extension.extension_app import TrameExtension
from jupyter_trame.extension.narvi_services import NarviServices
from jupyter_trame.extension.relay import RelayOptions
from jupyter_trame.extension.relays import Relays
from jupyter_trame.protocol import Limits
from tests.extension.narvi_support import MODULE
from tests.extension.support import Browser, KernelProcess
from tests.support.distributions import install
from tests.support.kernels import kernel_transport

APPS = {
    "good": "trame_test_apps:good",
    "failing": "trame_test_apps:failing",
    "deadly": "trame_test_apps:deadly",
    "endless": "trame_test_apps:endless",
    "missing": "trame_test_nowhere:app",
}
SOURCE = '''
    import os, threading

    def good(server):
        """Shows x."""
        server.state.x = 1
        server.state.trame__title = "Good title"

    good.title = "A good app"

    def failing(server):
        raise ValueError("no data today")

    def deadly(server):
        os._exit(3)

    def endless(server):
        threading.Event().wait()
'''


@pytest.fixture
def options() -> dict[str, Any]:
    """Of the extension; a test module may say others."""
    return {}


@pytest.fixture  # type: ignore[no-redef]
def jp_runtime_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not below `tmp_path`, which is too long for sockets of kernels."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture  # type: ignore[no-redef]
def jp_server_config(options: dict[str, Any], jp_runtime_dir: Path) -> dict[str, Any]:
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_trame": True}},
        "TrameExtension": options,
        "KernelManager": {"transport": kernel_transport(jp_runtime_dir)},
    }


@pytest.fixture
def extension(jp_serverapp: Any) -> TrameExtension:
    """The running extension; jupyter-server ends it with the test."""
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_trame"]
    assert isinstance(app, TrameExtension)
    return app


@pytest.fixture
def relays(extension: TrameExtension) -> Relays:
    return extension.relays


@pytest.fixture
def kernel(
    jp_serverapp: Any, relays: Relays, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[KernelProcess]:
    """A kernel of the server, without trame servers as yet."""
    directory = Path(jp_serverapp.runtime_dir)
    process = KernelProcess(directory, jp_serverapp.kernel_manager)

    async def end() -> None:
        process.shut_down()
        await relays.close()
        await asyncio.sleep(0)

    yield process
    jp_asyncio_loop.run_until_complete(end())


@pytest.fixture
def browse(
    jp_ws_fetch: Any, kernel: KernelProcess, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Callable[..., Awaitable[Browser]]]:
    """Opens a client: ``await browse("demo", session=..., headers=...)``."""
    browsers: list[Browser] = []

    async def open_browser(slug: str = "demo", session: Any = None, **options: Any) -> Browser:
        ws = await jp_ws_fetch("trame", kernel.id, slug, "ws", **options)
        browsers.append(Browser(ws, session))
        return browsers[-1]

    yield open_browser

    async def end() -> None:
        for browser in browsers:
            browser.ws.close()
            browser._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await browser._task

    jp_asyncio_loop.run_until_complete(end())


@pytest.fixture
def relay_options() -> RelayOptions:
    """Quick, for tests that drive relays without a server around them."""
    return RelayOptions(limits=Limits(grace=0.05), first_delay=0.001, largest_delay=0.005)


@pytest.fixture
def logger() -> logging.Logger:
    return logging.getLogger("jupyter_trame.test")


@pytest.fixture
def apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registered apps, here and in the kernels."""
    folder = tmp_path / "site"
    install(folder, "trame-test-apps", APPS, trame_test_apps=SOURCE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def narvi_module(jp_environ: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The classes of services, where kernels find them."""
    (tmp_path / "narvi_test_services.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.fixture
def narvi(
    narvi_module: None, extension: TrameExtension, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[NarviServices]:
    """The services of the running extension; nothing is registered."""
    yield extension.narvi
    jp_asyncio_loop.run_until_complete(extension.narvi.close())


@pytest.fixture
def connect_page(jp_ws_fetch: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    """Opens the socket of ``connect(service_id, app)``; it is closed with the test."""
    opened: list[Any] = []

    async def connect_page(service_id: str = "x", app_name: str = "app", **options: Any) -> Any:
        opened.append(await jp_ws_fetch("trame", "narvi", "w", app_name, service_id, "connect", **options))
        return opened[-1]

    yield connect_page

    async def end() -> None:
        for ws in opened:
            ws.close()

    jp_asyncio_loop.run_until_complete(end())
