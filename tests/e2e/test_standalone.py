"""The same app as ``python app.py``, with the same client code."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from jupyter_trame.program.redirect import RedirectFile
from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.notebooks import BUILD, LOAD
from tests.e2e.servers import isolated_environment, running, wait_until
from tests.support.ports import free_port

START = """
import sys
server.start(port=int(sys.argv[1]), open_browser=False)
"""


BUSY = """
import pathlib, time
def press():
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
"""
"""Holds the program's loop until the test makes a file."""


@pytest.fixture
def build() -> str:
    """The lines of the program that make the app; a test may say others."""
    return BUILD


@pytest.fixture
def address(tmp_path: Path, build: str) -> Iterator[str]:
    """What the running program told its user to open."""
    program, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    program.write_text(LOAD.removeprefix("%load_ext jupyter_trame\n") + build + START)
    command = [sys.executable, str(program), str(port)]
    with running(command, f"http://localhost:{port}/", log, isolated_environment(tmp_path), tmp_path):
        found = wait_until(lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address")
        yield found.group()


def test_the_program_serves_the_app(address: str, make_page: MakePage) -> None:
    page, watch = make_page(None)
    page.goto(address)
    view = View(page.locator(HOST))
    view.expect_live("websocket")
    view.exercise_controls()
    assert not [url for url in watch.requests if not url.startswith(("http://localhost:", "blob:", "data:"))]


def test_two_pages_stay_equal(address: str, make_page: MakePage) -> None:
    views = []
    for _ in range(2):
        page, _watch = make_page(None)
        page.goto(address)
        views.append(View(page.locator(HOST)))
    views[0].set_slider(".slider", 8)
    views[1].expect_text(".double", "16")
    views[1].find(".button").click()
    views[0].expect_text(".double", "18")


NO_ANSWER = re.compile(r"^no answer for \d+ s: the server is busy or the connection is slow$")


@pytest.mark.parametrize("build", [BUILD.replace("with DivLayout", f"{BUSY}\nwith DivLayout")], ids=["busy"])
def test_a_busy_program_is_told_on_the_page(address: str, make_page: MakePage, tmp_path: Path) -> None:
    """Nothing but its loop hears of the page, and it has no kernel to interrupt."""
    page, watch = make_page(None)
    page.goto(address)
    view = View(page.locator(HOST))
    view.expect_text(".double", "2")
    expect(view.find(".jt-mark")).to_be_hidden()
    view.find(".button").click()
    expect(view.find(".jt-mark-text")).to_have_text(NO_ANSWER)
    expect(view.find(".jt-mark")).to_be_in_viewport()
    expect(view.find(".jt-mark-interrupt")).to_have_count(0)
    (tmp_path / "go").touch()
    expect(view.find(".jt-mark")).to_be_hidden()
    assert not [url for url in watch.requests if "/api/" in url]


def test_a_reload_keeps_the_state(address: str, make_page: MakePage) -> None:
    page, _ = make_page(None)
    page.goto(address)
    View(page.locator(HOST)).set_slider(".slider", 3)
    View(page.locator(HOST)).expect_text(".double", "6")
    page.reload()
    View(page.locator(HOST)).expect_text(".double", "6")


@pytest.mark.parametrize("first", ["the address", "the private page"])
def test_a_page_without_the_secret_lives_by_the_cookie(first: str, address: str, make_page: MakePage) -> None:
    page, _ = make_page(None)
    redirect = RedirectFile()
    page.goto(address if first == "the address" else redirect.lead_to(address))
    view = View(page.locator(HOST))
    view.expect_live("websocket")
    redirect.remove()
    assert "secret" not in page.url
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert cookie["expires"] == -1
    assert page.evaluate("document.cookie") == ""
    page.reload()
    view.expect_live("websocket")
    view.exercise_controls()
    assert page.context.browser is not None
    with page.context.browser.new_context() as stranger:
        other = stranger.new_page()
        answer = other.goto(page.url)
        assert answer is not None
        assert answer.status == 403
        expect(other.locator("body")).to_contain_text("holds the secret")
