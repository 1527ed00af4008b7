"""What mypy says about the public API, from outside: in a folder of its own, against the installed package."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXPECTED = re.compile(r"  # E: ([a-z-]+)$")
FOUND = re.compile(r"^([a-z]+)\.py:(\d+): error: .*\[([a-z-]+)\]$")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int, str]]:
    """File, line and kind of each error; both files in one run, which reads the package once."""
    folder = tmp_path_factory.mktemp("app")
    for name in ("app", "wrong"):
        (folder / f"{name}.py").write_text((HERE / f"{name}.py").read_text("utf-8"), "utf-8")
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--cache-dir=cache",
            "app.py",
            "wrong.py",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert result.returncode == 1, result.stdout + result.stderr
    lines = [line for line in result.stdout.splitlines() if ": error: " in line]
    matches = [FOUND.match(line) for line in lines]
    assert None not in matches, result.stdout
    return {(match[1], int(match[2]), match[3]) for match in matches if match is not None}


def test_an_app_needs_no_casts(found: set[tuple[str, int, str]]) -> None:
    assert {error for error in found if error[0] == "app"} == set()


def test_mistakes_are_found(found: set[tuple[str, int, str]]) -> None:
    lines = (HERE / "wrong.py").read_text("utf-8").splitlines()
    expected = {
        ("wrong", number, match[1])
        for number, line in enumerate(lines, start=1)
        if (match := EXPECTED.search(line)) is not None
    }
    assert len(expected) > 10
    assert {error for error in found if error[0] == "wrong"} == expected
