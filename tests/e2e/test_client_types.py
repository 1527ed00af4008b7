"""Apps for trame's Vue 2 and React clients: on their own pages, and one line where ours stands."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import Lab, View
from tests.e2e.servers import isolated_environment, running, wait_until
from tests.support.ports import free_port

CLIENTS = {"react": "React", "vue2": "Vue 2"}

IMPORTS = """\
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_client.widgets.react import Bind, Callback
"""
APP = """\
server = Server("foreign")
server.client_type = "{client}"
state = server.state
state.update({{"n": 1, "double": 2}})

@state.change("n")
def on_n(n, **_):
    state.double = int(n) * 2

def press():
    state.n = int(state.n) + 1

with DivLayout(server):
    html.Button("more", {click}, classes="button")
    html.Span({n}, classes="n")
    html.Span({double}, classes="double")
"""
WORDS = {
    "react": {"click": "on_click=Callback(press)", "n": 'Bind("n")', "double": 'Bind("double")'},
    "vue2": {"click": "click=press", "n": '"{{ n }}"', "double": '"{{ double }}"'},
}


def app(client: str) -> str:
    """The same app in the words of a client."""
    return APP.format(client=client, **WORDS[client])


START = "import sys\nserver.start(port=int(sys.argv[1]), open_browser=False)\n"


def exercise(page: Page) -> None:
    """State goes both ways on the client's own page."""
    expect(page.locator(".double")).to_have_text("2", timeout=30_000)
    page.locator(".button").click()
    expect(page.locator(".n")).to_have_text("2")
    expect(page.locator(".double")).to_have_text("4")


@pytest.mark.parametrize("client", ["react", pytest.param("vue2", marks=pytest.mark.long)])
def test_a_program_serves_the_client_s_own_page(client: str, tmp_path: Path, make_page: MakePage) -> None:
    program, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    program.write_text(IMPORTS + app(client) + START)
    command = [sys.executable, str(program), str(port)]
    with running(command, f"http://localhost:{port}/", log, isolated_environment(tmp_path), tmp_path):
        found = wait_until(lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address")
        page, watch = make_page(None)
        watch.expected += ["/paraview/"]  # it asks for a launcher first
        page.goto(found.group())
        exercise(page)


@pytest.mark.parametrize("client", ["react", pytest.param("vue2", marks=pytest.mark.long)])
def test_a_cell_shows_the_way_to_the_page(
    client: str, lab: Lab, make_page: MakePage, picture: Callable[[str], Path]
) -> None:
    lab.open_cells([f"%load_ext jupyter_trame\n{IMPORTS}", app(client) + "server.start()\ndisplay(server)"])
    lab.run_all()
    view = lab.inline_view()
    line = view.find(".jt-elsewhere")
    expect(line).to_contain_text(f"made for trame's {CLIENTS[client]} client, which needs a page of its own")
    lab.screenshot(picture(client))
    with lab.page.context.expect_page() as opened:
        view.find(".jt-elsewhere-open").click()
    exercise(opened.value)
    view.expect_hidden(".jt-error")


def test_without_the_extension_it_says_what_is_missing(bare_lab: Lab, picture: Callable[[str], Path]) -> None:
    bare_lab.open_cells(
        [
            f"%load_ext jupyter_trame\n{IMPORTS}",
            app("react") + "server.start()\ndisplay(server)",
        ]
    )
    bare_lab.run_all()
    view = bare_lab.inline_view()
    view.expect_live("comm")
    expect(view.find(".jt-elsewhere")).to_contain_text(
        "only a Jupyter server with the jupyter_trame extension"
    )
    expect(view.find(".jt-elsewhere-open")).to_have_count(0)
    bare_lab.screenshot(picture("bare"))


def test_a_tab_of_the_lab_shows_the_same_line(lab: Lab) -> None:
    lab.open_cells(
        [
            f"%load_ext jupyter_trame\n{IMPORTS}",
            app("react") + "server.start()\ndisplay(server)",
        ]
    )
    lab.run_all()
    lab.inline_view().find(".jt-mark-open").click()
    tab: View = lab.tab_view()
    expect(tab.find(".jt-elsewhere-open")).to_be_visible()
