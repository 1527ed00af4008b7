"""The same app as ``python app.py``, with the same client code."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.notebooks import BUILD, LOAD
from tests.e2e.servers import free_port, isolated_environment, running, wait_until

START = """
import sys
server.start(port=int(sys.argv[1]), open_browser=False)
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """What the running program told its user to open."""
    program, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    program.write_text(LOAD.removeprefix("%load_ext jupyter_trame\n") + BUILD + START)
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


def test_a_reload_keeps_the_state(address: str, make_page: MakePage) -> None:
    page, _ = make_page(None)
    page.goto(address)
    View(page.locator(HOST)).set_slider(".slider", 3)
    View(page.locator(HOST)).expect_text(".double", "6")
    page.reload()
    View(page.locator(HOST)).expect_text(".double", "6")
