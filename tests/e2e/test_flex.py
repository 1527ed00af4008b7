"""A view among other widgets: it takes the room that it is given, and nothing lies over anything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import HOST, TAB_HOST, Lab, View
from tests.e2e.notebooks import LOAD
from tests.e2e.servers import wait_until

APP = """\
import ipywidgets as w
server = Server("flex")
server.state.n = 3
NAMES = [f"view{i}" for i in range(40)]
for name in NAMES:
    with DivLayout(server, template_name=name):
        with html.Div(style="display: flex; justify-content: space-between"):
            html.H3("A title", style="margin: 0")
            html.Button("RESET", classes="reset", click="n = 0")
        html.P("Words that wrap where there is no room for all of them in a line of their own.", classes="text")
        html.Input(type="range", v_model_number=("n",), style="width: 100%", classes="range")
        html.Span(v_html=("'<b class=\\"quoted\\">' + n + '</b>'",), classes="n")
server.start()
names = iter(NAMES)
view = lambda **options: server.view(next(names), **options)
slider = lambda: w.IntSlider(description="n")
"""

BOXES = f"""() => {{
    const box = (element) => {{
        const {{ left, right, top, bottom }} = element.getBoundingClientRect();
        return {{ left, right, top, bottom }};
    }};
    const last = [...document.querySelectorAll(".jp-OutputArea-output")].at(-1);
    const hosts = [...last.querySelectorAll("{HOST}")];
    return {{
        views: hosts.map((host) => box(host.parentElement)),
        drawn: hosts.map((host) => {{
            const frame = host.shadowRoot.querySelector("iframe")?.contentDocument;
            const root = (frame ?? host.shadowRoot).querySelector(".jt-root");
            return root === null ? null : root.scrollWidth - root.clientWidth;
        }}),
        others: [...last.querySelectorAll(".widget-slider")].map(box),
    }};
}}"""
"""Where the views and the other widgets of the last output are, and how much wider than its view an app is drawn."""


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    beside = one["right"] <= other["left"] + 0.5 or other["right"] <= one["left"] + 0.5
    return not beside and one["bottom"] > other["top"] + 0.5 and other["bottom"] > one["top"] + 0.5


@pytest.mark.parametrize(
    ("shown", "least"),
    [
        ("w.HBox([view(), slider()])", 500),
        ("w.HBox([view(embed='frame'), slider()])", 500),
        ("w.VBox([view(), slider()])", 700),
        ("w.GridBox([view(), slider()], layout=w.Layout(grid_template_columns='1fr 320px'))", 400),
        ("w.TwoByTwoLayout(top_left=view(), top_right=slider(), bottom_right=view())", 350),
        *(
            pytest.param(*case, marks=pytest.mark.long)
            for case in (
                ("w.HBox([slider(), view(), view()])", 240),
                ("w.HBox([view(), slider()], layout=w.Layout(width='300px'))", 240),
                ("w.VBox([w.HBox([slider(), view()]), view()])", 500),
                ("w.AppLayout(left_sidebar=slider(), center=view(), right_sidebar=None)", 300),
            )
        ),
    ],
)
def test_it_takes_the_room_that_others_leave(lab: Lab, shown: str, least: int) -> None:
    lab.open_cells([LOAD, APP, shown])
    lab.run_all()
    count = shown.count("view(")

    def boxes() -> Any:
        found = lab.page.evaluate(BOXES)
        drawn = [wider for wider in found["drawn"] if wider is not None]
        return found if len(found["views"]) == len(drawn) == count else None

    wait_until(lambda: (boxes() or {}).get("drawn"), "the views")
    found = boxes()
    for view in found["views"]:
        assert view["right"] - view["left"] >= least
    every = [*found["views"], *found["others"]]
    pairs = [(one, other) for index, one in enumerate(every) for other in every[index + 1 :]]
    assert not [pair for pair in pairs if _overlap(*pair)]
    assert all(wider <= 0 for wider in found["drawn"]), "nothing of ours is wider than the view"


def test_a_width_of_its_own_is_kept(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "one = view(); one.layout.width = '300px'; w.HBox([one, slider()])"])
    lab.run_all()
    host = lab.page.locator(HOST).last
    expect(View(host).find(".reset")).to_be_visible()
    wait_until(lambda: (host.bounding_box() or {}).get("width") == 300, "300 pixels")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("shown", "opener"),
    [
        ("w.Tab([slider(), view()], titles=['first', 'second'])", ".lm-TabBar-tab >> text=second"),
        (
            "w.Accordion([slider(), view()], titles=['first', 'second'])",
            ".jupyter-widget-Collapse-header >> text=second",
        ),
    ],
)
def test_hidden_at_first_it_is_whole_when_it_is_shown(lab: Lab, shown: str, opener: str) -> None:
    lab.open_cells([LOAD, APP, shown])
    lab.run_all()
    view = View(lab.page.locator(HOST).last)
    view.expect_live("websocket")
    lab.page.locator(opener).last.click()
    view.expect_visible(".reset")
    view.expect_text(".quoted", "3")
    wait_until(lambda: ((view.host.bounding_box() or {}).get("width") or 0) > 700, "the width of the output")
    view.find(".reset").click()
    view.expect_text(".quoted", "0")


COVERED = """(host) => {
    const frame = host.shadowRoot.querySelector("iframe")?.contentDocument;
    const root = frame ?? host.shadowRoot;
    const buttons = [...root.querySelectorAll(".jt-root button")];
    const covered = [];
    for (const button of buttons) {
        const { left, top, right, bottom } = button.getBoundingClientRect();
        for (const x of [left + 2, (left + right) / 2, right - 2]) {
            for (const y of [top + 2, (top + bottom) / 2, bottom - 2]) {
                const found = root.elementFromPoint(x, y);
                if (found !== button) covered.push([x, y, found?.className ?? ""]);
            }
        }
    }
    return [buttons.length, covered];
}"""
"""The points of the app's buttons at which something else would be clicked."""
CONTROLS = """\
server = Server("controls")
server.state.trame__template_main = '''<div style="padding: 0; display: grid; grid-template-columns: repeat(4, 1fr)">
  <button v-for="n in 24" style="margin: 0; height: 30px; padding: 0" @click="trigger('wait')">{{ n }}</button>
</div><trame-style css=".jt-root.jt-root { padding: 0 }" />'''

@server.trigger("wait")
async def wait():
    import asyncio
    await asyncio.sleep(60)

server.start()
"""


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("JupyterLab Light", "300px"),
        ("JupyterLab Dark", "auto"),
        pytest.param("JupyterLab Light", "auto", marks=pytest.mark.long),
        pytest.param("JupyterLab Dark", "300px", marks=pytest.mark.long),
    ],
)
def test_controls_of_an_app_are_never_covered(
    own_lab: Lab, theme: str, width: str, picture: Callable[[str], Path]
) -> None:
    show = f"one = server.view(); one.layout.width = {width!r}; display(one)"
    own_lab.open_cells([LOAD, f"{CONTROLS}{show}", "server.view(embed='frame')", "server.open('tab')"])
    own_lab.set_theme(theme)
    for index in range(3):
        own_lab.run(index)
    inline, framed = (own_lab.page.locator(HOST).nth(index) for index in range(2))
    expect(View(inline).find("button", "24")).to_be_visible()
    expect(own_lab.page.frame_locator(f"{HOST} iframe").locator("button").last).to_be_visible()
    View(inline).find("button").first.click()
    mark = View(inline).find(".jt-mark")
    expect(mark).to_have_attribute("data-busy", "true")
    mark.hover()
    for host in (inline, framed):
        host.scroll_into_view_if_needed()
        assert host.evaluate(COVERED) == [24, []]
    own_lab.screenshot(picture("cell"))
    own_lab.run(3)
    tab = own_lab.page.locator(TAB_HOST).first
    expect(View(tab).find("button", "24")).to_be_visible()
    assert tab.evaluate(COVERED) == [24, []]
    own_lab.screenshot(picture("tab"))


BARS = """\
from trame_vuetify.ui.vuetify3 import SinglePageLayout
bars = Server("bars", client_type="vue3")
with SinglePageLayout(bars) as layout:
    layout.title.set_text("Bars")
"""
EDGES = """(host) => {
    const root = host.shadowRoot.querySelector("iframe")?.contentDocument ?? host.shadowRoot;
    const edge = (name, side) => root.querySelector(name)?.getBoundingClientRect()[side] ?? 0;
    const foot = edge(".v-footer", "height") > 20 && edge(".v-footer", "bottom");
    return [foot, edge(".jt-mark", "top"), edge(".jt-mark", "bottom"), edge(".jt-frame", "bottom")];
}"""


@pytest.mark.parametrize(
    "show",
    [
        "bars",
        "one = bars.view(); one.layout.height = '300px'; display(one)",
        "bars.view(embed='frame')",
    ],
    ids=["as it is", "with a height", "in a frame"],
)
def test_a_bar_at_the_bottom_ends_above_the_strip(
    lab: Lab, show: str, picture: Callable[[str], Path]
) -> None:
    lab.open_cells([LOAD, f"{BARS}{show}"])
    lab.run_all()
    host = lab.page.locator(HOST).first
    wait_until(lambda: host.count() and host.evaluate(EDGES)[0], "the bar")
    foot, top, bottom, end = host.evaluate(EDGES)
    assert abs(foot - top) <= 1
    assert abs(bottom - end) <= 1
    host.scroll_into_view_if_needed()
    lab.screenshot(picture("bars"))
