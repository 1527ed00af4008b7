"""The examples of docs/testing.md are a folder of tests: each is a file, named by its first line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
_BLOCK = re.compile(r"^```(?:python|ini)\n# ([\w.]+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    for name, text in _BLOCK.findall(PAGE.read_text("utf-8")):
        assert not (folder / name).exists(), f"the page has two files {name}"
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def outcome(folder: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-W", "error", "--rootdir=."]
    command += ["-o", "asyncio_default_fixture_loop_scope=function"]  # pytest-asyncio warns without it
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=100)
    return done.stdout + done.stderr


def test_every_block_is_a_file(folder: Path) -> None:
    blocks = PAGE.read_text("utf-8").count("```") // 2
    assert len(list(folder.iterdir())) == blocks
    assert {"orders.py", "pytest.ini"} < {path.name for path in folder.iterdir()}


def test_they_pass(folder: Path, outcome: str) -> None:
    tests = sum(path.read_text("utf-8").count("def test_") for path in folder.glob("test_*.py"))
    assert re.search(rf"= {tests} passed in ", outcome), outcome
