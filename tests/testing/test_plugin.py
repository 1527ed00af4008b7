"""The plugin in pytest: it brings a fixture, and is in nobody's way."""

import subprocess
import sys
from pathlib import Path

import pytest

_ASYNCIO = ("-o", "asyncio_default_fixture_loop_scope=function")


def run_pytest(folder: Path, text: str, *arguments: str) -> str:
    (folder / "test_it.py").write_text(text, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "--rootdir=."]
    done = subprocess.run(
        [*command, *_ASYNCIO, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.stdout + done.stderr


def test_who_does_not_use_it_loads_nothing(tmp_path: Path) -> None:
    text = """
import sys

def test_modules():
    ours = {name for name in sys.modules if name.startswith("jupyter_trame")}
    lazy = {"jupyter_trame", "jupyter_trame.lazy_names", "jupyter_trame.testing"}
    assert ours <= {*lazy, "jupyter_trame.testing.plugin"}
    assert not {"tornado", "msgpack", "traitlets", "trame_client", "IPython", "jupyter_server"} & set(sys.modules)
"""
    quiet = [f"-pno:{name}" for name in ("hypothesispytest", "xdist", "anyio", "jupyter_server")]
    assert "1 passed" in run_pytest(tmp_path, text, *quiet)


def test_settings_and_the_end_of_a_test(tmp_path: Path) -> None:
    text = """
import pytest

def app(server):
    server.state.n = 1
    server.trigger("bad")(lambda: 1 / 0)

def test_time_out(trame):
    with trame(app) as session:
        session.until(lambda: False)

def test_forgotten(trame):
    trame(app)

def test_error(trame):
    from jupyter_trame.errors import RemoteError
    with trame(app) as session:
        with pytest.raises(RemoteError):
            session.client().trigger("bad")
"""
    output = run_pytest(tmp_path, text, "-o", "trame_timeout=1.5")
    assert "NotReachedError: after 1.5 s still not: the condition holds" in output
    assert "ERROR test_it.py::test_forgotten" in output
    assert "does nothing by itself" in output
    assert "AppFailedError: the app had an error that the test did not expect" in output
    assert "ZeroDivisionError" in output
    assert "2 failed, 1 passed, 1 error" in output


def test_a_fixture_of_the_same_name_wins(tmp_path: Path) -> None:
    text = """
import pytest

@pytest.fixture
def trame():
    return "mine"

def test_it(trame):
    assert trame == "mine"
"""
    assert "1 passed" in run_pytest(tmp_path, text)


def test_the_fixture_here(trame: object, pytestconfig: pytest.Config) -> None:
    assert type(trame).__name__ == "AppLauncher"
    assert pytestconfig.getini("trame_timeout") == "5"
