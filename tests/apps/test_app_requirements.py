from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from jupyter_trame.apps.app_requirements import install_command, requirement_of
from jupyter_trame.names import APP_GROUP
from tests.support.distributions import install


def entry_of(folder: Path, value: str, *requires: str) -> EntryPoint:
    install(folder, "x-apps", {"x": value})
    (info,) = folder.glob("*.dist-info")
    lines = "".join(f"Requires-Dist: {each}\n" for each in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: x-apps\nVersion: 1.0\n{lines}")
    return next(each for each in entry_points(group=APP_GROUP) if each.name == "x")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_what_is_there_needs_no_command(folder: Path) -> None:
    entry = entry_of(
        folder, "x:app [plots]", "msgpack", "pytest>=1; extra == 'plots'", "nowhere; extra == 'y'"
    )
    assert install_command(entry) == ""
    assert requirement_of(entry) == "x-apps[plots]"


@pytest.mark.parametrize(
    ("value", "requires", "command"),
    [
        ("x:app", ["jt-nowhere"], "pip install 'x-apps'"),
        ("x:app", ["msgpack>=1000"], "pip install 'x-apps'"),
        ("x:app [b,a]", ["jt-nowhere; extra == 'a'"], "pip install 'x-apps[a,b]'"),
        ("x:app", ["jt-nowhere; extra == 'a'", "not a requirement !"], ""),
        ("x:app", ["jt-nowhere; python_version < '3'"], ""),
    ],
)
def test_what_is_missing(folder: Path, value: str, requires: list[str], command: str) -> None:
    assert install_command(entry_of(folder, value, *requires)) == command


def test_an_app_of_no_package() -> None:
    entry = EntryPoint("x", "x:app", APP_GROUP)
    assert (install_command(entry), requirement_of(entry)) == ("", "")
