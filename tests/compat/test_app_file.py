"""A file as an app, in kernels; over the REST interface in tests/extension/test_app_control.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.support import Kernel, running_kernel

TRAME = """
import sys
from trame.app import get_server
server = get_server("mine")
server.state.args = sys.argv[1:]
server.state.file = __file__
if __name__ == "__main__":
    server.start()
"""
LEFT = """
from jupyter_trame import Server
server = Server("left")
"""
FUNCTION = """
def app(server):
    server.state.x = 1
"""


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    with running_kernel(tmp_path) as kernel:
        kernel.run(
            f"import os; os.chdir({str(tmp_path)!r})\nfrom jupyter_trame.compat.app_file import run_file"
        )
        yield kernel


def test_a_program_of_trame_with_arguments(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(f"ran = run_file('mine.py', {TRAME!r}, ['--one', 'two'])")
    assert kernel.value("(ran.name, ran.running)") == ("mine", True)
    assert kernel.value("ran.state.args") == ["--one", "two"]
    assert kernel.value("ran.state.file") == str(tmp_path / "mine.py")


def test_a_server_that_was_left_is_started_and_a_function_is_an_app(kernel: Kernel) -> None:
    kernel.run(f"ran = run_file('left.trame.py', {LEFT!r})")
    assert kernel.value("(ran.name, ran.running)") == ("left", True)
    kernel.run(f"ran = run_file('shown.trame.py', {FUNCTION!r})")
    assert kernel.value("(ran.name, ran.running, ran.state.x)") == ("shown", True, 1)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("x = 1\ndef f():\n    raise ValueError('no\\nmore')\nf()\n", "ValueError: no (bad.py, line 3)"),
        ("x = 1\ndef f(:\n", "SyntaxError: invalid syntax (bad.py, line 2)"),
        ("import sys\nsys.exit(3)\n", "SystemExit: the file ends the process with 3 (bad.py, line 2)"),
        (
            "x = 1\n",
            "ServerError: bad.py makes no server: it is to call server.start(), or to define app(server)",
        ),
        ("x = 1\nraise KeyboardInterrupt\n", "KeyboardInterrupt (bad.py, line 2)"),
        ("raise ValueError\n", "ValueError (bad.py, line 1)"),
        (
            "class E(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise E\n",
            "E: its text cannot be made (bad.py, line 4)",
        ),
        ("import jt_nowhere", "ModuleNotFoundError: No module named 'jt_nowhere' (bad.py, line 1)"),
    ],
)
def test_what_goes_wrong_is_one_line_with_the_place(source: str, sentence: str, shared: Kernel) -> None:
    shared.run(
        f"try:\n    run_file('bad.py', {source!r})\nexcept Exception as error:\n    caught = str(error).split('\\n')"
    )
    assert shared.value("caught[0]") == sentence
    assert shared.value("any('run_file' in line for line in caught)") is False


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run("from jupyter_trame.compat.app_file import run_file")
        yield kernel


def test_the_traceback_has_the_lines_of_a_file_that_is_not_on_this_disk(shared: Kernel) -> None:
    shared.run(
        "try:\n    run_file('far.py', 'raise ValueError(7)  # here')\nexcept Exception as error:\n    text = str(error)"
    )
    assert shared.value("'# here' in text") is True
