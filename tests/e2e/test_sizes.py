"""How high a view is: what its widget, its cell, its frame or its tab say."""

from playwright.sync_api import Locator, expect

from tests.e2e.lab import HOST, TAB_HOST, Lab, View
from tests.e2e.notebooks import LOAD, package_cell
from tests.e2e.servers import wait_until

APP = """\
server = Server("tall")
with DivLayout(server) as layout:
    layout.root.style = "height: 100%"
    html.Div("filled", style="height: 100%; background: #1769d233", classes="filled")
    html.Div("more", style="height: 900px", classes="more")
server.start()
"""
WRAP = ".v-application__wrap"
STRIP = 20
"""What a view in a cell says of itself stands below the app."""


def _height(element: Locator) -> float:
    box = element.bounding_box()
    return box["height"] if box else 0.0


def _wait_height(element: Locator, height: float, within: float = 2.0) -> None:
    wait_until(
        lambda: abs(_height(element) - height) <= within, f"{height} pixels, not {_height(element)}", 10
    )


def test_a_view_is_as_high_as_its_widget_says_and_follows(lab: Lab) -> None:
    show = "view = server.view(); view.layout.height = '300px'; display(view)"
    lab.open_cells([LOAD, f"{APP}{show}", "view.layout.height = '220px'", "view.layout.height = None"])
    for index in range(2):
        lab.run(index)
    host = lab.page.locator(HOST).first
    _wait_height(host, 300)
    _wait_height(View(host).find(".filled"), 280 - STRIP)
    assert (
        View(host).find(".jt-frame").evaluate("(e) => e.style.getPropertyValue('--jt-app-height')") == "300px"
    )
    lab.run(2)
    _wait_height(host, 220)
    _wait_height(View(host).find(".filled"), 200 - STRIP)
    lab.run(3)
    wait_until(lambda: _height(host) > 900, "the height of the content")


def test_a_full_page_fills_its_widget(lab: Lab) -> None:
    show = "view = server.view(); view.layout.height = '400px'; display(view)"
    lab.open_cells([LOAD, package_cell("single_page", show=show), "view.layout.height = '330px'"])
    for index in range(2):
        lab.run(index)
    view = lab.inline_view()
    view.expect_visible(".answer")
    _wait_height(view.find(WRAP), 400 - STRIP)
    lab.run(2)
    _wait_height(view.find(WRAP), 330 - STRIP)


def test_a_frame_is_as_high_as_its_widget_says(lab: Lab) -> None:
    show = "view = server.view(embed='frame'); view.layout.height = '300px'; display(view)"
    lab.open_cells([LOAD, f"{APP}{show}", "view.layout.height = '220px'", "view.layout.height = None"])
    for index in range(2):
        lab.run(index)
    frame = lab.page.locator(f"{HOST} iframe")
    filled = frame.content_frame.locator(".filled")
    _wait_height(frame, 300)
    _wait_height(filled, 280 - STRIP)
    lab.run(2)
    _wait_height(frame, 220)
    _wait_height(filled, 200 - STRIP)
    lab.run(3)
    wait_until(lambda: _height(frame) > 900, "the height of the content")


def test_a_full_page_follows_outputs_that_are_dragged(lab: Lab) -> None:
    lab.open_cells([LOAD, package_cell("single_page")])
    lab.run_all()
    view = lab.inline_view()
    view.expect_visible(".answer")
    _wait_height(view.find(WRAP), 600)
    lab.execute("notebook:enable-output-scrolling")
    outputs = lab.page.locator(".jp-mod-outputsScrolled .jp-Cell-outputArea")
    expect(outputs).to_have_count(1)
    outputs.scroll_into_view_if_needed()
    box = outputs.bounding_box()
    assert box is not None
    mouse = lab.page.mouse
    mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    mouse.down()
    mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] + 96, steps=5)
    mouse.up()
    dragged = _height(outputs)
    assert dragged > box["height"] + 50
    _wait_height(view.find(WRAP), dragged - 20, within=20)


def test_full_pages_and_plain_ones_fill_a_tab(lab: Lab) -> None:
    lab.open_cells([LOAD, package_cell("single_page", show="server.open('tab')"), f"{APP}server.open('tab')"])
    lab.run_all()
    heights = []
    for css in (WRAP, ".filled:not(:has(*))"):
        lab.page.locator(TAB_HOST).first.wait_for(state="attached")
        host = lab.page.locator(TAB_HOST, has=lab.page.locator(css))
        name = "single_page" if css == WRAP else "tall"
        lab.page.locator(f".lm-DockPanel-tabBar .lm-TabBar-tabLabel:text-is('{name}')").click()
        element = View(host).find(css).last
        expect(element).to_be_visible()
        _wait_height(element, _height(host) - (0 if css == WRAP else 48))
        heights.append(_height(host))
    assert min(heights) > 500
