"""Stand-alone servers with a page, whether or not the real one is built."""

from pathlib import Path

import pytest

from jupyter_trame.runtime import page_folder, registry


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
    monkeypatch.setattr(page_folder, "STATIC", folder)
    return folder


@pytest.fixture(params=["tornado", "aiohttp"])
def web_backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a backend that listens; servers of the test are carried by it."""
    monkeypatch.setenv("TRAME_BACKEND", request.param)
    return str(request.param)
