"""“Why?” of a view: what is known of its connection, and what the server knows, in each place and theme."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import APP, LOAD

REPORT = "server.doctor()"


def ask_why(view: View) -> None:
    """Opens the report by the mark of a view in a cell, and waits for all of it."""
    view.find(".jt-mark-state").hover()
    view.find(".jt-mark-why").click()
    expect(view.find(".jt-why-state")).to_have_text("")
    expect(view.find(".jt-why dt").first).to_be_visible()


def labels(view: View) -> list[str]:
    return view.find(".jt-why dt").all_text_contents()


def test_a_view_says_how_it_is_connected(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, APP, REPORT])
    lab.run_all()
    view = lab.inline_view()
    view.expect_live("websocket")
    ask_why(view)
    assert labels(view)[0] == "healthy"
    assert {"Jupyter server", "kernel", "page", "page: websocket"} <= set(labels(view))
    assert {"page and Jupyter server", "page and the kernel's loop"} <= set(labels(view))
    lab.screenshot(picture("light"))
    lab.set_theme("JupyterLab Dark")
    lab.screenshot(picture("dark"))
    lab.set_theme("JupyterLab Light")
    expect(view.find(".jt-mark-why")).to_have_attribute("aria-expanded", "true")
    view.find(".jt-why-close").click()
    expect(view.find(".jt-why")).to_be_hidden()
    expect(view.find(".jt-mark-why")).to_be_focused()
    view.press("Enter")
    expect(view.find(".jt-why")).to_be_visible()
    view.press("Escape")
    expect(view.find(".jt-why")).to_be_hidden()


def test_the_report_of_a_cell_has_room_for_its_words(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, APP, REPORT])
    lab.run_all()
    healthy = lab.page.locator(".jt-doctor dt", has_text="healthy")
    healthy.scroll_into_view_if_needed()
    lab.screenshot(picture("light"))
    line = healthy.evaluate("element => parseFloat(getComputedStyle(element).lineHeight)")
    box = healthy.bounding_box()
    assert box is not None
    assert box["height"] < 1.5 * line


def test_a_view_on_the_comm_says_why_not_the_websocket(bare_lab: Lab, picture: Callable[[str], Path]) -> None:
    bare_lab.open_cells([LOAD, APP, REPORT])
    bare_lab.run_all()
    view = bare_lab.inline_view()
    view.expect_live("comm")
    ask_why(view)
    assert "page: comm of the widget" in labels(view)
    assert "page and kernel" in labels(view)
    bare_lab.execute("application:toggle-left-area")
    bare_lab.page.set_viewport_size({"width": 480, "height": 900})
    bare_lab.screenshot(picture("narrow"))
    bare_lab.page.set_viewport_size({"width": 1280, "height": 900})
    bare_lab.execute("application:toggle-left-area")


@pytest.mark.long
def test_a_lost_view_says_why(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.watch.expected += ["trame/", "api/kernels", "Kernel", "Canceled future"]
    lab.open_cells([LOAD, APP])
    lab.run_all()
    view = lab.inline_view()
    view.expect_live("websocket")
    lab.restart_kernel()
    view.find(".jt-notice-why").click()
    expect(view.find(".jt-why dt").first).to_have_text("error")
    expect(view.find(".jt-why dd").first).to_contain_text("run its cell again")
    lab.screenshot(picture("lost"))


@pytest.mark.parametrize(
    ("version", "severity", "effect"),
    [
        ("0.2.0", "warning", "what the newer one has added does not work with the older one"),
        ("1.0.0", "error", "they may not understand each other"),
    ],
)
def test_a_kernel_of_another_version(lab: Lab, version: str, severity: str, effect: str) -> None:
    lab.open_cells([f"import jupyter_trame._version as own; own.__version__ = {version!r}", LOAD, APP])
    lab.run_all()
    view = lab.inline_view()
    view.exercise_controls()
    ask_why(view)
    assert labels(view)[0] == severity
    found = view.find(".jt-why dd").first
    expect(found).to_contain_text(f"{version} in the kernel")
    expect(found).to_contain_text(effect)
    expect(found.locator("code")).to_contain_text(f'-m pip install "jupyter-trame=={version}"')
    expect(found).to_contain_text("start the Jupyter server again")
