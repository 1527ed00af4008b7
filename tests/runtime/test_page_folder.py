"""Which page a server has."""

from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.files.folders import STATIC
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.app import App
from jupyter_trame.runtime.page_folder import make_folders, page_folder
from jupyter_trame.server import Server, runtime_of


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "process", registry.Process())


THEIRS = "/site-packages/trame_client/module/vue3-www"


def app(**options: Any) -> App:
    return runtime_of(Server("a", **options)).app


def with_page(app: App, www: str) -> App:
    app.server.enable_module({"www": www})
    return app


def test_ours_stands_in_for_the_one_of_trame_client() -> None:
    assert page_folder(app()) == STATIC
    assert page_folder(with_page(app(), THEIRS)) == STATIC


def test_a_compatible_server_and_other_frameworks_have_theirs() -> None:
    assert page_folder(with_page(app(compat="trame"), THEIRS)) == Path(THEIRS)
    other = app()
    other.client_type = "vue2"
    assert page_folder(with_page(other, THEIRS)) == Path(THEIRS)


def test_a_modules_own_page_and_above_it_the_command_lines(tmp_path: Path) -> None:
    paged = with_page(app(), "/some/package/www")
    assert page_folder(paged) == Path("/some/package/www")
    assert page_folder(paged, tmp_path) == tmp_path


def test_folders_are_the_servers_own_and_those_given(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("a")
    served = app()
    served.serve["own"] = (str(tmp_path), "more")
    folders = make_folders(served, folders={"given": str(tmp_path), "own": "/nowhere"})
    assert folders.find("own/a.js") == folders.find("given/a.js") == (tmp_path / "a.js").resolve()
    assert folders.root == STATIC
