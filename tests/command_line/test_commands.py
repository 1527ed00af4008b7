"""The commands, as far as they ask no server."""

import re
from pathlib import Path

import pytest

from jupyter_trame.command_line.commands import WrongUseError, server_path


def test_a_file_is_called_as_the_server_calls_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "app.py").write_text("")
    monkeypatch.chdir(tmp_path / "work")
    assert server_path("app.py", tmp_path) == "work/app.py"
    assert server_path("app.py", tmp_path / "work") == "app.py"
    assert server_path("folder/app.py", None) == "folder/app.py"


def test_a_file_that_the_server_does_not_reach_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_text("")
    with pytest.raises(
        WrongUseError, match=re.escape(f"copy {path} below {tmp_path / 'root'}, the folder of")
    ):
        server_path(str(path), tmp_path / "root")
    with pytest.raises(WrongUseError, match="there is no file"):
        server_path(str(tmp_path / "nothing.py"), tmp_path)
