from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its hooks run the coroutines of this folder

from tests.apps.support import install

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


@pytest.fixture(autouse=True)
def apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Registered apps, here and in the kernels."""
    folder = tmp_path / "site"
    install(folder, "trame-test-apps", APPS, trame_test_apps=SOURCE)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def options() -> dict[str, Any]:
    """Of the extension."""
    return {}


@pytest.fixture
def jp_server_config(options: dict[str, Any]) -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"jupyter_trame": True}}, "TrameExtension": options}
