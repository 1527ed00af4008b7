"""Who has asked for the cell that runs."""

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.kernel.front_end import is_console, runs_unattended


@pytest.mark.parametrize(
    ("parent", "unattended"),
    [
        ({"content": {"allow_stdin": False}, "metadata": {}}, True),  # nbclient
        ({"content": {"allow_stdin": False}}, True),
        ({"content": {"allow_stdin": True}, "metadata": {}}, False),  # jupyter console
        ({"content": {"allow_stdin": False}, "metadata": {"cellId": "a"}}, False),
        ({"content": {"allow_stdin": True}, "metadata": {"cellId": "a"}}, False),  # JupyterLab
        ({"content": {}}, False),
        ({"content": None}, False),
        (None, False),
    ],
)
def test_a_program_that_runs_a_notebook_takes_no_input_and_names_no_cell(
    parent: Any, unattended: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    kernel = SimpleNamespace(get_parent=lambda: parent)
    assert runs_unattended(kernel) is unattended
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.8")
    assert not runs_unattended(kernel)


@pytest.mark.parametrize(
    ("parent", "session", "console"),
    [
        ({"content": {"allow_stdin": True}, "metadata": {}}, "", True),  # jupyter console, qtconsole
        ({"content": {"allow_stdin": True}, "metadata": {}}, "/a.ipynb", False),
        ({"content": {"allow_stdin": True}, "metadata": {"cellId": "a"}}, "", False),  # JupyterLab
        ({"content": {"allow_stdin": False}, "metadata": {}}, "", False),  # nbclient
    ],
)
def test_a_console_names_no_cell_and_has_no_jupyter_server(
    parent: Any, session: str, console: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    assert is_console(SimpleNamespace(get_parent=lambda: parent)) is console


def test_a_kernel_that_does_not_say_who_asks() -> None:
    assert not runs_unattended(SimpleNamespace())
