"""Which page a server has."""

from pathlib import Path

import pytest

from jupyter_trame.runtime import registry
from jupyter_trame.runtime.page import STATIC, make_folders, page_folder
from jupyter_trame.server import Server


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "process", registry.Process())


THEIRS = "/site-packages/trame_client/module/vue3-www"


def with_page(server: Server, www: str) -> Server:
    server.enable_module({"www": www})
    return server


def test_ours_stands_in_for_the_one_of_trame_client() -> None:
    assert page_folder(Server("a")) == STATIC
    assert page_folder(with_page(Server("b"), THEIRS)) == STATIC


def test_a_compatible_server_and_other_frameworks_have_theirs() -> None:
    assert page_folder(with_page(Server("a", compat="trame"), THEIRS)) == Path(THEIRS)
    other = Server("b")
    other.client_type = "vue2"
    assert page_folder(with_page(other, THEIRS)) == Path(THEIRS)


def test_a_modules_own_page_and_above_it_the_command_lines(tmp_path: Path) -> None:
    server = with_page(Server("a"), "/some/package/www")
    assert page_folder(server) == Path("/some/package/www")
    assert page_folder(server, tmp_path) == tmp_path


def test_folders_are_the_servers_own_and_those_given(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("a")
    server = Server("a")
    server.serve["own"] = (str(tmp_path), "more")
    folders = make_folders(server, folders={"given": str(tmp_path), "own": "/nowhere"})
    assert folders.find("own/a.js") == folders.find("given/a.js") == (tmp_path / "a.js").resolve()
    assert folders.root == STATIC
