"""Stand-alone servers with a page, whether or not the real one is built."""

from pathlib import Path

import pytest

from jupyter_trame.server import registry
from jupyter_trame.server.backends import handlers


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> registry.Process:
    """A registry whose servers carry themselves."""
    process = registry.Process()
    monkeypatch.setattr(registry, "process", process)
    return process


@pytest.fixture(autouse=True)
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the client's files."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "index.html").write_text("<title>page</title>")
    (folder / "page.js").write_text("export {}")
    monkeypatch.setattr(handlers, "STATIC", folder)
    return folder
