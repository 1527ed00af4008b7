"""What the environment says."""

import os
import sys

import pytest

from jupyter_trame.command_line import variables


def test_what_is_not_set_is_empty() -> None:
    assert variables.given_token({}) == variables.hub_token({}) == variables.own_server_url({}) == ""
    assert variables.hub_prefix({}) == variables.hub_public_url({}) == ""


def test_variables_of_jupyter_are_read() -> None:
    environ = {"JUPYTER_TOKEN": "t", "JUPYTERHUB_API_TOKEN": "h", "JUPYTER_SERVER_URL": "http://x/"}
    assert variables.given_token(environ) == "t"
    assert variables.hub_token(environ) == "h"
    assert variables.own_server_url(environ) == "http://x/"


@pytest.mark.parametrize(("named", "first"), [("123", [123]), ("", []), ("0x7f", [])])
def test_processes_that_may_have_started_the_kernel(named: str, first: list[int]) -> None:
    assert variables.parent_processes({"JPY_PARENT_PID": named}) == [*first, os.getppid()]


def test_the_arguments_are_those_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["jupyter-trame", "list"])
    assert variables.arguments() == ["list"]
