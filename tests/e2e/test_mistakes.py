"""Mistakes that are commonly made, in one notebook: what to do stands in the cell and in the view, once."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import LOAD

MISTAKES = """\
import asyncio
server = Server("mistakes")
state = server.state
state.update({"low": 1, "picture": b""})

@state.change("low")
def on_low(low):
    raise ValueError(f"no such value: {low}")

async def press():
    await go_on.wait()

go_on = asyncio.Event()
with DivLayout(server):
    html.Span("low is {{ lwo }}", classes="text")
    html.Span("{{ unheard }}")
    html.Img(src="picture", classes="picture")
    html.Button("Go", on_click=press)
    html.Button("Run", click=press, classes="run")
    html.Button("Not now", disabled=("trame__busy",), classes="other")

server
"""
HINTS = [
    ('template "main"', "is 'low' meant? html.Span in cell In[2], line 15 names 'lwo', which nobody has set"),
    (
        'cell In[2], line 17 of template "main"',
        'write src=("picture",) for the value of state.picture: src="picture" is the text itself',
    ),
    (
        'cell In[2], line 18 of template "main"',
        "is 'click' meant? html.Button has no argument 'on_click', and leaves it out",
    ),
]
BROKEN = """\
with DivLayout(server):
    with html.Div():
        html.Span("first")
        html.Span("{{ low + }}", classes="text")
"""


def messages(view: View) -> list[str]:
    return view.find(".jt-error-message").all_inner_texts()


def test_what_a_user_sees_of_mistakes(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.watch.expected += ["ValueError: no such value", "Unexpected token", "404"]
    lab.open_cells([LOAD, MISTAKES, "state.unheard = 1", BROKEN])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    for where, hint in HINTS:
        expect(view.find(".jt-hint", hint)).to_have_count(1)
        lab.wait_output(1, json.dumps(f"Hint: {hint} ({where})")[1:-1])
    unheard = view.find(".jt-hint", "set state.unheard first, to None if it has no value yet")
    expect(unheard).to_have_count(1)
    lab.wait_output(1, "ValueError: no such value: 1")
    assert "ValueError: no such value: 1" in messages(view), "what happened before there was a view"
    lab.screenshot(picture("hints"))
    lab.run(2)
    expect(unheard).to_have_count(0)
    lab.run(3)
    expect(view.find(".jt-error-message", "html.Span in cell In[4], line 4")).to_have_count(1)
    lab.wait_output(1, "(html.Span in cell In[4], line 4)")
    expect(view.find(".jt-hint")).to_have_count(0)
    lab.screenshot(picture("broken"))


def test_a_button_shows_that_its_function_runs(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.watch.expected += ["ValueError: no such value", "404"]
    lab.open_cells([LOAD, MISTAKES, "go_on.set()"])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    run, other = view.find(".run"), view.find(".other")
    expect(other).to_be_enabled()
    run.click()
    expect(run).to_have_attribute("aria-busy", "true")
    expect(other).to_be_disabled()
    lab.screenshot(picture("busy"))
    lab.run(2)
    expect(run).not_to_have_attribute("aria-busy", "true")
    expect(other).to_be_enabled()
