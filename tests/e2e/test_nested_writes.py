"""Handlers and `v-model` that change a part of a dict or list of the state: Python and the other views see it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import LOAD
from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

APP = """\
server = Server("nested")
state = server.state
seen = []
state.update({
    "form": {"name": "a", "tags": [1], "list": [{"y": 0}], "drop": 1},
    "todos": [{"text": "one", "done": False}, {"text": "two", "done": False}],
    "report": "", "mine": {"n": 0}, "trame__client_only": ["mine"],
})

@state.change("form", "todos")
def changed(form, todos, **_):
    names = ",".join(sorted(form))
    done = [item["text"] for item in todos if item["done"]]
    state.report = f"{form['name']} {form['tags']} {form['list'][0]['y']} {names} {done}"

@server.trigger("write")
def write(name):
    form = dict(state.form)
    form["name"] = name
    state.form = form

@server.trigger("seen")
def note():
    seen.append(dict(state.form))

with DivLayout(server):
    html.Input(classes="name", v_model=("form.name",))
    html.Button("push", classes="push", click="form.tags.push(2)")
    html.Button("flush", classes="flush", click="form.tags.splice(0, 1); flushState('form')")
    html.Button("sort", classes="sort", click="form.tags.sort((a, b) => b - a)")
    html.Button("delete", classes="delete", click="delete form.drop; form.list[0].y = 1")
    html.Button("call", classes="call", click="form.name = 'called'; trigger('seen')")
    html.Button("write", classes="write", click="trigger('write', ['python'])")
    html.Button("mine", classes="mine", click="mine.n += 1")
    html.Span("{{ mine.n }}", classes="mine-shown")
    with html.Div(v_for="item in todos"):
        html.Button("{{ item.text }}", classes="todo", click="item.done = !item.done")
        html.Span("{{ item.done }}", classes="done")
    html.Span("{{ form.name }}", classes="shown")
    html.Span("{{ report }}", classes="report")
"""
PROGRAM = """\
import sys
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
"""
START = "server.start(port=int(sys.argv[1]), open_browser=False, timeout=0, args=['--authKey', 's'])\n"


def _exercise(view: View, other: View) -> None:
    """Every kind of write by `view`; `other` sees what Python makes of it."""

    def expect_report(text: str) -> None:
        for one in (view, other):
            one.expect_text(".report", text)

    view.find(".name").fill("b")
    expect_report("b [1] 0 drop,list,name,tags []")
    other.expect_text(".shown", "b")
    view.find(".push").click()
    expect_report("b [1, 2] 0 drop,list,name,tags []")
    view.find(".sort").click()
    expect_report("b [2, 1] 0 drop,list,name,tags []")
    view.find(".flush").click()
    expect_report("b [1] 0 drop,list,name,tags []")
    view.find(".delete").click()
    expect_report("b [1] 1 list,name,tags []")
    view.find(".todo").nth(1).click()
    expect_report("b [1] 1 list,name,tags ['two']")
    expect(other.find(".done").nth(1)).to_have_text("true")
    # Who wrote last is who is seen, and nobody writes because of it.
    view.find(".write").click()
    expect_report("python [1] 1 list,name,tags ['two']")
    expect(view.find(".name")).to_have_value("python")
    other.find(".todo").nth(1).click()
    expect_report("python [1] 1 list,name,tags []")
    view.find(".mine").click()
    view.expect_text(".mine-shown", "1")
    other.expect_text(".mine-shown", "0")


def test_in_a_cell(lab: Lab) -> None:
    lab.open_cells([LOAD, f"{APP}server.start()\ndisplay(server)", "display(server)", "print(seen)"])
    for index in range(3):
        lab.run(index)
    view = lab.inline_view()
    _exercise(view, lab.inline_view(1))
    view.find(".call").click()
    view.expect_text(".report", "called [1] 1 list,name,tags []")
    lab.run(3)
    assert "'name': 'called'" in lab.text_output(3), "the write left before the call"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the same app on trame's own page."""
    home: Path = tmp_path_factory.mktemp("nested")
    program = home / "app.py"
    stock_app = APP.replace('Server("nested")', 'Server("nested", compat="trame")')
    program.write_text(PROGRAM + stock_app + START)
    url = f"http://127.0.0.1:{free_port()}/"
    command = [sys.executable, str(program), url.rpartition(":")[2].strip("/")]
    with running(command, url, home / "log", isolated_environment(home), home):
        yield f"{url}?secret=s"


@pytest.fixture
def stock_context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def test_trames_own_page_writes_what_it_flushes(stock: str, stock_context: BrowserContext) -> None:
    page = stock_context.new_page()
    page.goto(stock)
    page.locator(".flush").click()
    expect(page.locator(".report")).to_contain_text("a [] 0")


def test_on_a_page(lab: Lab) -> None:
    lab.open_cells([LOAD, f"{APP}server.start()\ndisplay(server)\nserver.open('tab')"])
    lab.run_all()
    tab = View(lab.page.locator(f"#jp-main-content-panel {HOST}:not(.jp-OutputArea {HOST})").first)
    expect(tab.find(".report")).to_be_attached()
    tab.find(".push").click()
    tab.expect_text(".report", "a [1, 2] 0 drop,list,name,tags []")
