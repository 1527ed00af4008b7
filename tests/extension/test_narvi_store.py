"""What stays registered is a file of the user's."""

from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.extension.narvi_store import NarviStore


def test_entries_come_back(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "narvi.json"
    assert NarviStore(path).read() == []
    entries: list[tuple[str, dict[str, Any]]] = [
        ("service", {"workspace": "w"}),
        ("app", {"roots": [["a", "b"]]}),
    ]
    NarviStore(path).write([*entries])
    assert NarviStore(path).read() == entries
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["narvi.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "entries": []}', '{"version": 1, "entries": [1]}']
)
def test_what_is_damaged_is_left_alone_and_said(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "narvi.json"
    path.write_text(text)
    assert NarviStore(path).read() == []
    assert "is left alone" in caplog.text
    assert path.read_text() == text


def test_what_others_may_write_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "narvi.json"
    NarviStore(path).write([("app", {})])
    path.chmod(0o666)
    assert NarviStore(path).read() == []
    assert "is left alone" in caplog.text
