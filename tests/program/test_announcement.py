"""What a program says at its start."""

import argparse
from typing import Any

import pytest

from jupyter_trame.program.announcement import page_url, print_banner, show
from jupyter_trame.runtime.backend import StartRequest
from jupyter_trame.runtime.settings import DEFAULT_SECRET, Settings, make_parser, read_settings


def settings(host: str = "localhost", *arguments: str) -> Settings:
    parser: argparse.ArgumentParser = make_parser()
    return read_settings(parser, StartRequest(), ["--host", host, *arguments], {})


@pytest.mark.parametrize(
    ("host", "arguments", "url"),
    [
        ("localhost", [], "http://localhost:80/?secret=s"),
        ("0.0.0.0", [], "http://localhost:80/?secret=s"),
        ("::1", [], "http://[::1]:80/?secret=s"),
        ("app.example", ["--ssl", "adhoc"], "https://app.example:80/?secret=s"),
    ],
)
def test_the_address_of_the_page(host: str, arguments: list[str], url: str) -> None:
    assert page_url(settings(host, *arguments), 80, "s") == url


def test_a_secret_that_all_know_is_left_out() -> None:
    assert page_url(settings(), 80, DEFAULT_SECRET) == "http://localhost:80/"


def test_the_network_address_is_shown_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    show(settings(), 80, "s")
    local = capsys.readouterr().out.splitlines()
    assert local[:3] == ["", "App running at:", " - Local:   http://localhost:80/?secret=s"]
    assert not any("Network" in line for line in local)
    show(settings("0.0.0.0"), 80, "s")
    found: Any = [line for line in capsys.readouterr().out.splitlines() if "Network" in line]
    assert len(found) == 1
    assert "0.0.0.0" not in found[0]


def test_a_greeting(capsys: pytest.CaptureFixture[str]) -> None:
    print_banner(anything=1)
    assert len(capsys.readouterr().out.splitlines()) == 6
