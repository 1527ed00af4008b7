"""The app follows the theme of JupyterLab; the pictures in test-results/ are for people."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD


def test_light_and_dark(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, APP])
    lab.run_all()
    lab.execute("application:toggle-left-area")
    view = lab.inline_view()
    view.expect_text(".double", "2")
    colours = []
    for theme in ("light", "dark"):
        lab.set_theme(f"JupyterLab {theme.title()}")
        expect(view.find(".jt-frame")).to_have_attribute("data-theme", theme)
        lab.screenshot(picture(theme))
        colours.append(view.find(".n").evaluate("(element) => getComputedStyle(element).color"))
    assert colours[0] != colours[1]
