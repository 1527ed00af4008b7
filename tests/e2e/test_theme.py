"""The app follows the theme of JupyterLab; the pictures in test-results/ are for people."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD


def test_light_and_dark(own_lab: Lab, picture: Callable[[str], Path]) -> None:
    own_lab.open_cells([LOAD, APP])
    own_lab.run_all()
    own_lab.execute("application:toggle-left-area")
    view = own_lab.inline_view()
    view.expect_text(".double", "2")
    colours = []
    for theme in ("light", "dark"):
        own_lab.set_theme(f"JupyterLab {theme.title()}")
        expect(view.find(".jt-frame")).to_have_attribute("data-theme", theme)
        own_lab.screenshot(picture(theme))
        colours.append(view.find(".n").evaluate("(element) => getComputedStyle(element).color"))
    assert colours[0] != colours[1]
