"""What a user installs: built here from the tree, opened, and looked at."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from benchmarks import sizes

ROOT = Path(__file__).parent.parent
MONITOR = ("index.html", "monitor.css", "monitor.js")
SHARED = "share/jupyter/labextensions/jupyter-trame"


def build(target: str, folder: Path) -> Path:
    built = ROOT / "jupyter_trame" / "labextension" / "package.json"
    assert built.exists(), "the browser side is not built: make build"
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert result.returncode == 0, result.stderr
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paths in the wheel, those of its data folder without their prefix."""
    with zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        return [name.rpartition(".data/data/")[2] for name in archive.namelist()]


def test_sdist_needs_no_node(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    products = {f"jupyter_trame/narvi/apps/monitor/{name}" for name in MONITOR} | {
        f"jupyter_trame/static/{name}"
        for name in (
            "client.js",
            "igor-script.js",
            "igor.js",
            "index.html",
            "narvi/narvi.js",
            "narvi/narvi.mjs",
            "page.css",
            "page.js",
            "ui/chart.js",
            "ui/code.js",
            "ui/markdown.js",
            "ui/markup.js",
            "ui/table.js",
            "widget.js",
        )
    }
    assert products | {"jupyter_trame/labextension/package.json", "LICENSE"} <= names
    assert not [name for name in names if "node_modules" in name]


def test_wheel_holds_what_a_user_needs(names: list[str]) -> None:
    needed = {f"jupyter_trame/narvi/apps/monitor/{name}" for name in MONITOR} | {
        "jupyter_trame/__init__.py",
        "jupyter_trame/py.typed",
        "jupyter_trame/static/client.js",
        "jupyter_trame/static/igor-script.js",
        "jupyter_trame/static/igor.js",
        "jupyter_trame/static/index.html",
        "jupyter_trame/static/narvi/narvi.js",
        "jupyter_trame/static/narvi/narvi.mjs",
        "jupyter_trame/static/page.css",
        "jupyter_trame/static/page.js",
        "jupyter_trame/static/ui/chart.js",
        "jupyter_trame/static/ui/code.js",
        "jupyter_trame/static/ui/markdown.js",
        "jupyter_trame/static/ui/markup.js",
        "jupyter_trame/static/ui/table.js",
        "jupyter_trame/static/widget.js",
        "jupyter_trame/templates/files/project/MODULE/__init__.py.txt",
        f"{SHARED}/package.json",
        f"{SHARED}/install.json",
        "etc/jupyter/jupyter_server_config.d/jupyter_trame.json",
    }
    missing = sorted(needed - set(names))
    assert not missing, f"the wheel lacks {missing}"


def test_wheel_holds_the_labs_settings(names: list[str]) -> None:
    assert any(name.endswith(f"{SHARED}/schemas/jupyter-trame/settings.json") for name in names)


def test_wheel_holds_the_labextension_once(names: list[str]) -> None:
    assert any(name.startswith(f"{SHARED}/static/remoteEntry.") for name in names)
    assert not [name for name in names if name.startswith("jupyter_trame/labextension/")]


def test_what_pages_load_is_small() -> None:
    large = {name: size for name, size in sizes.measure().items() if size > sizes.LIMITS[name]}
    assert not large, "bytes after gzip, over the limits of benchmarks/sizes.py"


def test_wheel_holds_nothing_else(names: list[str]) -> None:
    folders = {name.partition("/")[0] for name in names}
    (metadata,) = folders - {"jupyter_trame", "share", "etc"}
    assert metadata.endswith(".dist-info")
    assert not [name for name in names if "/node_modules/" in name or name.endswith((".ts", ".pyc"))]


def test_wheel_names_the_licenses(names: list[str]) -> None:
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "jupyter_trame/static/licenses.md" in names
