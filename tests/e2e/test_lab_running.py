"""The section of running apps in JupyterLab's list, and the commands that stop and restart them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import wait_until

ITEM = "#jp-running-sessions .jp-RunningSessions-item.jp-mod-trame"


@pytest.fixture
def list_(lab: Lab) -> Iterator[Lab]:
    """The lab with its list of what runs in front of the file browser."""
    lab.start()
    lab.execute("running:show-panel")
    yield lab
    lab.execute("filebrowser:activate")


def item(lab: Lab, title: str) -> Locator:
    """The item of the app with this title."""
    return lab.page.locator(ITEM, has_text=title)


def choose(lab: Lab, title: str, entry: str) -> None:
    """Picks an entry of the context menu of an item."""
    item(lab, title).click(button="right")
    lab.page.locator(".lm-Menu-item", has_text=re.compile(f"^{entry}$")).click()


def pick(lab: Lab, command: str) -> None:
    """Runs a command of the palette by keys alone."""
    lab.page.keyboard.press("Control+Shift+C")
    expect(lab.page.locator(".lm-CommandPalette-input:focus")).to_have_count(1)
    lab.page.keyboard.type(command)
    expect(lab.page.locator(".lm-CommandPalette-item")).to_have_count(1)
    lab.page.keyboard.press("Enter")


def test_an_app_of_a_notebook_is_listed_opened_restarted_and_stopped(
    list_: Lab, picture: Callable[[str], Path]
) -> None:
    list_.open_cells([LOAD, APP])
    list_.run_all()
    list_.inline_view().expect_live("websocket")
    list_.execute("running:show-panel")
    expect(item(list_, "counter")).to_contain_text("1 viewer, 0 min")
    expect(list_.page.get_by_role("treeitem", name="counter 1 viewer")).to_be_visible()
    list_.screenshot(picture("light"))
    list_.set_theme("JupyterLab Dark")
    list_.screenshot(picture("dark"))
    list_.set_theme("JupyterLab Light")

    choose(list_, "counter", "Open on the Right Side")
    tab = list_.tab_view()
    tab.set_slider(".slider", 12)
    tab.expect_text(".double", "24")
    assert list_.app_areas() == {"counter": "right"}
    choose(list_, "counter", "Open in a Tab")
    wait_until(lambda: list_.app_areas() == {"counter": "main"}, "the app in a tab")
    list_.tab_view().expect_text(".double", "24")

    with list_.page.expect_response(re.compile("/restart")):
        choose(list_, "counter", "Restart")
    list_.tab_view().expect_live("websocket")
    list_.tab_view().find(".button").click()
    list_.tab_view().expect_text(".double", "26")
    item(list_, "counter").hover()
    item(list_, "counter").get_by_title("Stop").click()
    expect(item(list_, "counter")).to_have_count(0)
    expect(list_.page.get_by_role("region", name="trame app counter")).to_contain_text("The app has ended")
    assert list_.server.kernels() == [list_.kernel_id()], "the notebook keeps its kernel"


def test_an_app_of_the_launcher_is_stopped_with_its_kernel_by_keys_alone(list_: Lab) -> None:
    list_.execute("jupyter-trame:launch", {"name": "demo", "title": "Cars demo"})
    list_.tab_view().expect_live("websocket")
    expect(item(list_, "Cars")).to_be_visible()
    pick(list_, "Stop trame App")
    expect(list_.page.locator(".jp-Dialog select")).to_be_focused()
    list_.page.keyboard.press("Enter")
    expect(item(list_, "Cars")).to_have_count(0)
    wait_until(lambda: list_.server.kernels() == [], "the end of the app's kernel")
    panel = list_.page.get_by_role("region", name="trame app Cars demo")
    expect(panel.get_by_role("alert")).to_contain_text("The kernel of this app was shut down.")
    panel.get_by_role("button", name="Start again").press("Enter")
    list_.tab_view().expect_live("websocket")


def test_all_are_stopped_after_a_question(list_: Lab) -> None:
    list_.open_cells([LOAD, APP, 'Server("second").start()'])
    list_.run_all()
    list_.execute("running:show-panel")
    expect(list_.page.locator(ITEM)).to_have_count(2)
    toolbar = list_.page.get_by_role("toolbar", name="Trame Apps toolbar")
    toolbar.get_by_role("button", name="Stop All").click()
    dialog = list_.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("all 2 trame apps")
    dialog.get_by_role("button", name="Stop All").click()
    expect(list_.page.locator(ITEM)).to_have_count(0)


def test_two_windows_that_stop_one_app(list_: Lab) -> None:
    list_.open_cells([LOAD, APP])
    list_.run_all()
    target = {"kernelId": list_.kernel_id(), "slug": "counter", "title": "counter"}
    list_.watch.expected.append("404")
    for _ in range(2):
        list_.page.evaluate(
            "(target) => window.jupyterapp.commands.execute('jupyter-trame:stop', target)", target
        )
    said = list_.page.get_by_role("alert").get_by_text("counter is not running any more.")
    expect(said).to_be_visible()
    expect(said).to_be_hidden()


def test_the_settings_say_where_apps_open(own_lab: Lab, picture: Callable[[str], Path]) -> None:
    own_lab.open_cells([LOAD, APP, "server.open()"])
    own_lab.execute("settingeditor:open", {"query": "Trame"})
    where = own_lab.page.locator("select[name$=settings_openIn]")
    where.select_option(label="On the right side")
    own_lab.screenshot(picture("settings"))
    settings = "lab/api/settings/jupyter-trame:settings"
    wait_until(lambda: "right" in own_lab.server.fetch(settings)["raw"], "the setting on the server")
    own_lab.run(0)
    own_lab.run(1)
    own_lab.run(2)
    own_lab.tab_view().expect_text(".double", "2")
    assert own_lab.app_areas() == {"counter": "right"}
    own_lab.execute("settingeditor:open", {"query": "Trame"})
    where.select_option(label="In a window of the browser")
    wait_until(lambda: "window" in own_lab.server.fetch(settings)["raw"], "the next setting")
    own_lab.wait_layout_saved("/counter/main")
    own_lab.reload()
    own_lab.tab_view().expect_text(".double", "2")
    assert own_lab.app_areas() == {"counter": "right"}
    assert len(own_lab.page.context.pages) == 1, "a reload opens no windows"
    own_lab.execute("settingeditor:open", {"query": "Trame"})
    where.select_option(label="In a tab")
    wait_until(lambda: "window" not in own_lab.server.fetch(settings)["raw"], "the first setting")


def test_an_expired_login_is_said_in_one_line(own_lab: Lab) -> None:
    own_lab.open_cells([LOAD, APP])
    own_lab.run_all()
    target = {"kernelId": own_lab.kernel_id(), "slug": "counter", "title": "counter"}
    own_lab.watch.expected.append("403")
    for address in ("**/trame/api/v1/**", "**/api/me*"):
        own_lab.page.route(address, lambda route: route.fulfill(status=403, json={}))
    own_lab.execute("jupyter-trame:stop", target)
    said = own_lab.page.get_by_role("alert").get_by_text("counter: Sign in again to go on.")
    expect(said).to_be_visible()
