"""Which apps another process finds; `tests/extension/test_narvi_trame.py` runs one."""

import pytest

from jupyter_trame.demo.dashboard import build
from jupyter_trame.narvi.trame_app import app_path, load_app
from jupyter_trame.services.instance import ServiceFailedError


def test_the_path_of_an_app() -> None:
    assert app_path(build) == "jupyter_trame.demo.dashboard:build"
    assert app_path("a.b:c") == "a.b:c"
    assert load_app(app_path(build)) is build


@pytest.mark.parametrize("given", ["a.b", "a.b:", ":c", "a.b:c d", lambda server: None])
def test_what_no_other_process_finds(given: object) -> None:
    with pytest.raises(ValueError, match="app"):
        app_path(given)


def test_what_is_no_app() -> None:
    with pytest.raises(TypeError, match="import path"):
        app_path(7)
    with pytest.raises(ServiceFailedError, match="cannot be imported"):
        load_app("no_such_module:app")
    with pytest.raises(ServiceFailedError, match="has no app"):
        load_app("jupyter_trame.names:app")
