"""What a user sees when their code fails: the overlay, the cell's output, and an app that goes on."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD

FAILING_LISTENER = """
@state.change("choice")
def fail(choice, **_):
    raise ValueError(f"no such choice: {choice}")
"""
FAILING_TRIGGER = "\ndef press():\n    raise LookupError('nothing to press')\n"
FAILING_TEMPLATE = 'html.Span("{{ n }}"'


@pytest.fixture
def app_lab(lab: Lab) -> Lab:
    # the client logs what it shows
    lab.watch.expected += ["cannot be sent", "no such choice", "nothing to press", "reading 'name'"]
    return lab


def test_an_exception_in_a_listener(app_lab: Lab) -> None:
    app_lab.open_cells([LOAD, APP.replace("with DivLayout", f"{FAILING_LISTENER}\nwith DivLayout")])
    app_lab.run_all()
    view = app_lab.inline_view()
    view.find(".select").select_option("b")
    expect(view.find(".jt-error-message").first).to_contain_text("no such choice: b")
    app_lab.wait_output(1, "ValueError")
    view.set_slider(".slider", 3)
    view.expect_text(".double", "6")


def test_an_exception_in_an_event_handler(app_lab: Lab) -> None:
    app_lab.open_cells([LOAD, APP.replace("with DivLayout", f"{FAILING_TRIGGER}\nwith DivLayout")])
    app_lab.run_all()
    view = app_lab.inline_view()
    view.find(".button").click()
    expect(view.find(".jt-error-message").first).to_contain_text("nothing to press")
    view.find(".jt-error-close").first.click()
    expect(view.find(".jt-error")).to_have_count(0)
    view.set_slider(".slider", 3)
    view.expect_text(".double", "6")


def test_an_error_in_a_template(app_lab: Lab) -> None:
    app_lab.open_cells([LOAD, APP.replace(FAILING_TEMPLATE, 'html.Span("{{ n.missing.name }}"')])
    app_lab.run_all()
    expect(app_lab.inline_view().find(".jt-error-message").first).to_contain_text("reading 'name'")


def test_a_value_that_cannot_be_packed(app_lab: Lab) -> None:
    app_lab.open_cells([LOAD, APP, "state.update({'bad': object(), 'n': 5})"])
    app_lab.run(0)
    app_lab.run(1)
    view = app_lab.inline_view()
    view.expect_live("websocket")
    app_lab.run(2)
    view.expect_text(".double", "10")
    message = view.find(".jt-error-message").first
    expect(message).to_contain_text("bad")
    expect(message).to_contain_text("object")


UNREADABLE = """
from jupyter_trame.protocol import packing
packing.check_readable = lambda *_, **__: None  # what keeps such values from pages
state.update({"bad": {"deep": [0, {None: 1}]}, "n": 7})
"""


def test_a_value_that_a_page_cannot_read_is_named_and_the_others_are_there(
    app_lab: Lab, picture: Callable[[str], Path]
) -> None:
    app_lab.watch.expected.append("cannot be read")
    app_lab.open_cells([LOAD, APP, UNREADABLE])
    app_lab.run(0)
    app_lab.run(1)
    view = app_lab.inline_view()
    view.expect_live("websocket")
    app_lab.run(2)
    view.expect_text(".double", "14")
    message = view.find(".jt-error-message").first
    expect(message).to_contain_text('the value of "bad" cannot be read, at ["deep"][1]: a map\'s key must be')
    app_lab.screenshot(picture("lost-value"))
    view.find(".jt-error-close").first.click()
    expect(view.find(".jt-error")).to_have_count(0)
    view.set_slider(".slider", 3)
    view.expect_text(".double", "6")
    view.expect_live("websocket")


def test_the_kernel_ends(own_lab: Lab) -> None:
    own_lab.open_cells([LOAD, APP])
    own_lab.run_all()
    own_lab.inline_view().set_slider(".slider", 6)
    own_lab.inline_view().expect_text(".double", "12")
    own_lab.server.api(f"kernels/{own_lab.kernel_id()}", "DELETE")
    own_lab.watch.expected += ["trame/", "api/kernels", "Kernel"]
    view = own_lab.inline_view()
    asked = time.monotonic()
    expect(view.find(".jt-notice")).to_be_visible()
    print(f"said {time.monotonic() - asked:.2f} s after the kernel was gone")
    view.expect_text(".double", "12")
