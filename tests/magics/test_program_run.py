"""Programs that run in a kernel."""

from pathlib import Path

from tests.kernel.support import WIDGET_TYPE, Kernel

PROGRAM = """
import sys
from jupyter_trame import Server

server = Server("program")
server.cli.add_argument("--count", type=int, default=0)
server.state.given = sys.argv[1:]
server.state.main = __name__
server.start()
server.state.count = server.server_options.count
"""


def test_a_program_is_shown_and_has_its_arguments(kernel: Kernel, folder: Path) -> None:
    (folder / "app.py").write_text(PROGRAM)
    cell = kernel.run("%trame run app.py --count 3 '*.py' 'a b'")
    assert [WIDGET_TYPE in data for data in cell.data] == [True]
    assert kernel.value("server.state.given") == ["--count", "3", "*.py", "a b"]
    assert kernel.value("(server.state.main, server.state.count, server.running)") == ("__main__", 3, True)
    assert "app.py" not in kernel.value("__import__('sys').argv[0]")


def test_a_server_that_is_looked_up_by_its_name_is_shown_again(kernel: Kernel, folder: Path) -> None:
    (folder / "again.py").write_text(
        "from jupyter_trame import get_server\ns = get_server('again')\ns.start()\n"
    )
    for _ in range(2):
        cell = kernel.run("%trame run again.py")
        assert "<Server 'again', running>" in [data["text/plain"].splitlines()[0] for data in cell.data]


def test_the_function_of_a_registered_app_is_called(kernel: Kernel, folder: Path) -> None:
    (folder / "clock.trame.py").write_text("def app(server):\n    server.state.hour = 12\n")
    cell = kernel.run("%trame run clock.trame.py")
    assert "<Server 'clock', running>" in [data["text/plain"].splitlines()[0] for data in cell.data]
    assert kernel.value("__import__('jupyter_trame').get_server('clock').state.hour") == 12


def test_a_program_that_raises_shows_its_own_lines(kernel: Kernel, folder: Path) -> None:
    (folder / "bad.py").write_text("def fail():\n    raise ValueError('no data today')\n\nfail()\n")
    cell = kernel.finish(kernel.start("%trame run bad.py"))
    assert cell.error is not None
    assert "no data today" in cell.error
    assert "bad.py" in cell.error
    assert "program_run.py" not in cell.error
    assert "UsageError" not in cell.stream
    assert cell.data == []


def test_a_program_that_exits_is_told(kernel: Kernel, folder: Path) -> None:
    (folder / "exits.py").write_text("import sys\nsys.exit(3)\n")
    cell = kernel.finish(kernel.start("%trame run exits.py"))
    assert "SystemExit" in f"{cell.error}{cell.stream}"
    assert "UsageError" not in cell.stream
    assert kernel.value("1 + 1") == 2


def test_a_file_without_an_app_and_one_that_is_not_there(kernel: Kernel, folder: Path) -> None:
    (folder / "plain.py").write_text("x = 1\n")
    assert kernel.run("%trame run plain.py").stream == (
        "UsageError: plain.py makes no server: it is to call server.start(), or to define app(server)\n"
    )
    assert kernel.run("%trame run plian.py").stream == (
        "UsageError: is 'plain.py' meant? there is no file plian.py\n"
    )
    assert kernel.run("%trame run nowhere/x.py").stream == "UsageError: there is no file nowhere/x.py\n"
