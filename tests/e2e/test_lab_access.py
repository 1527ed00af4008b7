"""What the lab shows of apps, for who sees by a screen reader and works by keys: axe, names, context menu keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import Lab
from tests.e2e.test_lab_files import FILE, answer, put, run
from tests.e2e.test_lab_running import item
from tests.e2e.test_why import ask_why
from tests.e2e.ui_programs import axe_problems

NAMED = """
from jupyter_trame import ui
with ui.app("named") as named:
    ui.slider("level", 0, 10)
named
"""
SECTION = ".jp-Launcher-section:has([data-category=Trame])"


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Lab]:
    lab.start()
    lab.set_theme(f"JupyterLab {request.param.title()}")
    yield lab
    lab.set_theme("JupyterLab Light")


def test_axe_finds_nothing_in_the_list_a_view_and_its_report(themed: Lab) -> None:
    themed.open_cells([NAMED])
    themed.run_all()
    themed.inline_view().expect_live("websocket")
    themed.execute("running:show-panel")
    expect(item(themed, "named")).to_be_visible()
    assert axe_problems(themed.page, "#jp-running-sessions .jp-mod-trame") == []
    ask_why(themed.inline_view())
    assert axe_problems(themed.page, ".jp-OutputArea [data-jupyter-trame]") == []
    themed.execute("filebrowser:activate")


def test_axe_finds_nothing_in_cards_questions_and_tabs(themed: Lab) -> None:
    put(themed, "broken.trame.py", 'raise ValueError("there is no data")\n')
    themed.execute("launcher:create")
    expect(themed.page.locator(".jp-LauncherCard:visible", has_text="broken")).to_be_visible()
    assert axe_problems(themed.page, SECTION) == []
    themed.execute("jupyter-trame:run-file", {"path": "broken.trame.py"})
    expect(themed.page.locator(".jp-Dialog")).to_be_visible()
    assert axe_problems(themed.page, ".jp-Dialog") == []
    answer(themed, "Cancel")
    themed.watch.expected.append("/starts/")
    run(themed, "broken.trame.py")
    region = themed.page.get_by_role("region", name="trame app broken")
    region.get_by_role("alert").get_by_text("Details").click()
    assert axe_problems(themed.page, "[role=region][aria-label='trame app broken']") == []


@pytest.mark.parametrize("keys", ["Shift+F10", "ContextMenu"])
def test_a_file_is_opened_by_keys_alone(lab: Lab, keys: str) -> None:
    lab.start()
    put(lab, "sales.py", FILE)
    file = lab.page.locator(".jp-DirListing-item", has_text="sales.py")
    file.click()
    lab.page.keyboard.press(keys)
    entry = lab.page.locator(".lm-Menu-item", has_text="Open as trame App")
    expect(entry).to_be_visible()
    for _ in range(20):
        if "lm-mod-active" in (entry.get_attribute("class") or ""):
            break
        lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Enter")
    expect(lab.page.locator(".jp-Dialog")).to_contain_text("Run sales.py as a trame app?")
    expect(lab.page.locator(".jp-Dialog button:focus")).to_have_text("Run")
    lab.page.keyboard.press("Enter")
    lab.tab_view().expect_live("websocket")
