"""``python -m jupyter_trame run``: everything that ``python`` itself says and sets, beside the drop-in."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import jupyter_trame
from tests.compat.support import OURS, environment, started

REPORT = """
import json, os, sys, trame_server
main = sys.modules["__main__"]
json.dump({
    "argv": sys.argv, "path": os.path.realpath(sys.path[0]), "name": __name__, "file": __file__,
    "main": main.__dict__ is globals(), "names": sorted(name for name in globals() if name.startswith("_")),
    "spec": __spec__ is None or __spec__.name, "cached": __cached__, "package": __package__,
}, sys.stdout)
print("\\n", "jupyter_trame" in trame_server.__file__, file=sys.stderr)
"""
FAILS = """
def inner():
    raise ValueError("as it should")

inner()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "report.py").write_text(REPORT)
    (tmp_path / "fails.py").write_text(FAILS)
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(7)")
    (tmp_path / "hooked.py").write_text(
        "import sys\n"
        "sys.excepthook = lambda kind, error, trace: print(kind.__name__, trace.tb_frame.f_code.co_name)\n"
        "1/0"
    )
    package = tmp_path / "jt_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "app.py").write_text(REPORT)
    (package / "__main__.py").write_text(REPORT)
    (package / "lacks.py").write_text("import jt_nowhere")
    return tmp_path


def python(folder: Path, *args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *args],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "args",
    [
        ["report.py", "a", "--help", "-m", "x"],
        ["./report.py"],
        ["jt_package/app.py"],
        ["-m", "report", "--port", "0", "-h"],
        ["-m", "jt_package.app", "x"],
        ["-m", "jt_package"],
    ],
    ids=" ".join,
)
def test_a_program_sees_what_it_sees_under_python(folder: Path, args: list[str]) -> None:
    theirs, ours = python(folder, *args), python(folder, *OURS, *args)
    assert (theirs.returncode, ours.returncode) == (0, 0), ours.stderr
    assert theirs.stdout.replace(' "__annotations__",', "").replace(
        '"__annotations__", ', ""
    ) == ours.stdout.replace('"__annotations__", ', "")
    assert theirs.stderr.split() == ["False"]
    assert ours.stderr.split() == ["True"]


def test_a_folder_and_a_zip_file_run_too(folder: Path) -> None:
    with zipfile.ZipFile(folder / "app.zip", "w") as archive:
        archive.writestr("__main__.py", "import helper, sys\nprint(helper.X, sys.argv[1:], __name__)")
        archive.writestr("helper.py", "X = 'in the zip'")
    assert python(folder, *OURS, "app.zip", "a").stdout == "in the zip ['a'] __main__\n"
    assert '"argv": ["' in python(folder, *OURS, "jt_package").stdout


@pytest.mark.parametrize("name", ["fails.py", "broken.py", "leaves.py", "hooked.py"])
def test_a_program_ends_as_under_python(folder: Path, name: str) -> None:
    theirs, ours = python(folder, name), python(folder, *OURS, name)
    assert (theirs.returncode, theirs.stdout) == (ours.returncode, ours.stdout)
    assert theirs.stderr == ours.stderr


def test_a_module_that_fails_shows_its_own_frames(folder: Path) -> None:
    ours = python(folder, *OURS, "-m", "fails")
    assert ours.returncode == 1
    assert ours.stderr.count("File ") == 2
    assert "jupyter_trame" not in ours.stderr


def test_an_interrupt_ends_it_as_python_does(tmp_path: Path) -> None:
    program = tmp_path / "waits.py"
    program.write_text("import time\nprint('waiting', flush=True)\ntime.sleep(60)")
    statuses = []
    for runner in ([], OURS):
        with started(runner, program) as running:
            running.search("waiting")
            statuses.append(running.interrupt())
            assert "KeyboardInterrupt" in running.output
            assert "jupyter_trame" not in running.output
    assert statuses[0] == statuses[1]


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["nope.py"], 2, r"can't open file '/.*/nope\.py': \[Errno 2\] No such file or directory"),
        (["-m", "nope.app"], 1, r"No module named nope\.app"),
        (["-m", "jt_package.nope"], 1, r"No module named jt_package\.nope"),
        (["-m", "os.path.x"], 1, r"No module named os\.path\.x"),
        (
            ["-m", "json"],
            1,
            r"No module named json\.__main__; 'json' is a package and cannot be directly executed",
        ),
        ([], 2, r"which program\? e\.g\. run app\.py"),
    ],
)
def test_what_cannot_run_is_said_in_one_line(
    folder: Path, args: list[str], status: int, message: str
) -> None:
    ours = python(folder, *OURS, *args)
    assert ours.returncode == status
    assert "Traceback" not in ours.stderr
    assert re.search(message, ours.stderr.splitlines()[-1])


def test_a_module_whose_own_import_fails_says_that(folder: Path) -> None:
    ours = python(folder, *OURS, "-m", "jt_package.lacks")
    assert ours.returncode == 1
    assert "No module named 'jt_nowhere'" in ours.stderr
    assert "lacks.py" in ours.stderr


def test_help_and_version(tmp_path: Path) -> None:
    assert (
        python(tmp_path, "-m", "jupyter_trame", "--version").stdout
        == f"jupyter_trame {jupyter_trame.__version__}\n"
    )
    assert "run a trame program" in python(tmp_path, "-m", "jupyter_trame", "--help").stdout
    assert "run -m my_package.app" in python(tmp_path, *OURS, "--help").stdout
    unknown = python(tmp_path, "-m", "jupyter_trame", "walk")
    assert unknown.returncode == 2
    assert "invalid choice: 'walk'" in unknown.stderr


def test_test_helpers_of_trame_find_what_they_wait_for(tmp_path: Path) -> None:
    program = tmp_path / "tested.py"
    program.write_text(
        "from trame.app import get_server\nfrom trame.app.testing import enable_testing\n"
        "from trame.ui.html import DivLayout\n"
        "server = get_server(client_type='vue3')\nenable_testing(server, 'a', 'b')\n"
        "server.state.update({'a': 1, 'b': 'x'})\n"
        "with DivLayout(server): pass\nserver.start()\n"
    )
    with started(OURS, program, "--server", "--host", "127.0.0.1", "--port", "0") as running:
        running.search("App running at:")
        assert int(running.search(r"(?m)^SERVER_PORT: (\d+)$")[1]) == running.port
        running.search(r'(?m)^STATE: {.*"a": 1, "b": "x"')
