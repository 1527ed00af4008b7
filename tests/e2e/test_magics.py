"""Pages written in cells, and apps by their names, in a real JupyterLab."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import Lab

LOAD = "%load_ext jupyter_trame"
PAGE = """\
%%trame greeting --title Greeting
<input class="name" v-model="name" placeholder="Your name">
<p class="out">Hello, {{ name }}!</p>
<p class="tall">{{ note }}</p>"""
READ = "from jupyter_trame import get_server\nserver = get_server('greeting')\n(server.state.name, server.state.note)"
PROGRAM = """
import argparse
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

parser = argparse.ArgumentParser()
parser.add_argument("--who")
options = parser.parse_args()
server = Server("program")
server.state.who = options.who
with DivLayout(server):
    html.P("Hello, {{ who }}", classes="who")
    html.Button("Louder", classes="louder", click="who = who.toUpperCase()")
server.start()
"""


def test_a_page_in_a_cell_is_patched_where_it_is_used(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, PAGE, "%trame open greeting right", READ])
    lab.run_all()
    assert "(None, None)" in lab.text_output(3)
    cell, tab = lab.inline_view(), lab.tab_view()
    tab.expect_live("websocket")
    tab.find(".name").click()
    tab.type("Ada")
    cell.expect_text(".out", "Hello, Ada!")
    lab.screenshot(picture("before"))

    lab.run_beside(PAGE.replace("Hello", "Good evening").replace('class="tall"', 'class="tall" v-if="note"'))
    tab.expect_text(".out", "Good evening, Ada!")
    tab.type(" Lovelace")
    tab.expect_text(".out", "Good evening, Ada Lovelace!")
    cell.expect_text(".out", "Good evening, Ada Lovelace!")
    expect(cell.find(".name")).to_have_value("Ada Lovelace")
    lab.screenshot(picture("after"))


def test_the_cell_itself_runs_again_with_its_state(lab: Lab) -> None:
    lab.open_cells([LOAD, PAGE, READ])
    lab.run_all()
    lab.inline_view().find(".name").fill("Ada")
    lab.inline_view().expect_text(".out", "Hello, Ada!")
    lab.run(1)
    lab.inline_view().expect_text(".out", "Hello, Ada!")
    lab.run(2)
    assert "('Ada', None)" in lab.text_output(2)


def test_a_mistake_is_told_with_the_line_of_the_cell(lab: Lab) -> None:
    wrong = "%%trame wrong\n<p>fine</p>\n<p class='bad'>{{ name +* 2 }}</p>"
    lab.open_cells([LOAD, "%%trame wrong\n<p>\n<b>x</p>", wrong])
    for cell in range(3):
        lab.run(cell)
    assert "UsageError: cell In[2], line 3: </p> closes <b>" in lab.text_output(1)
    lab.watch.expected.append("name +* 2")
    lab.wait_output(2, "(cell In[3], line 3)")
    expect(lab.inline_view().find(".jt-error", "cell In[3], line 3")).to_be_visible()


def test_a_program_runs_with_its_arguments(lab: Lab) -> None:
    (lab.server.root / "app.py").write_text(PROGRAM)
    lab.open_cells([LOAD, "%trame run app.py --who 'Ada Lovelace'", "server.state.who"])
    lab.run_all()
    lab.inline_view().expect_text(".who", "Hello, Ada Lovelace")
    lab.inline_view().find(".louder").click()
    lab.inline_view().expect_text(".who", "Hello, ADA LOVELACE")
    lab.run(2)
    assert "ADA LOVELACE" in lab.text_output(2)
