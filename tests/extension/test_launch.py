import json

from jupyter_trame.apps.entry_points import RegisteredApp
from jupyter_trame.extension.launch import launch_app, launch_file


def test_an_app() -> None:
    launch = launch_app(RegisteredApp("my app", "My app", "", "", requirement="mine[x]"))
    assert (launch.app, launch.path, launch.requirement) == ("my app", None, "mine[x]")
    assert launch.session_path.startswith("trame-my app-")
    assert "run_app('my app')" in launch.code


def test_a_file_goes_along_whatever_is_in_it() -> None:
    source = "x = '''a\"b\\n'''\n# ü\n"
    launch = launch_file("folder/plot.trame.py", source, ("--a b", "'"))
    assert (launch.app, launch.path, launch.title) == (None, "folder/plot.trame.py", "plot")
    assert launch.session_path.startswith("folder/plot.trame.py-trame-")
    got: list[dict[str, object]] = []
    code = launch.code.replace("from jupyter_trame.compat.app_file import run_file; ", "")
    exec(code, {"run_file": lambda **facts: got.append(facts), "json": json})
    assert got == [{"name": "plot.trame.py", "source": source, "args": ["--a b", "'"]}]


def test_two_of_one_file_have_sessions_of_their_own() -> None:
    one, two = (launch_file("a.py", "", ()).session_path for _ in range(2))
    assert one != two
