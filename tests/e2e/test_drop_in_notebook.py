"""Programs written for trame, and PyVista's plots, in cells: shown by our view, with no frame and no port."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.compat.support import APPS
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.servers import wait_until

LOAD = "%load_ext jupyter_trame"
PLOT = """
import pyvista as pv
plotter = pv.Plotter(notebook=True, window_size=(500, 400))
plotter.background_color = "white"
plotter.add_mesh(pv.Sphere(), color="red")
plotter.show(jupyter_backend="{}")
"""


COVERED = """(host) => {
    const root = host.shadowRoot;
    const controls = [...root.querySelectorAll(".v-card .v-btn, .v-card .v-selection-control__wrapper")];
    const view = host.getBoundingClientRect();
    const covered = [];
    for (const control of controls) {
        const { left, top, right, bottom } = control.getBoundingClientRect();
        if (left < view.left || right > view.right || bottom > view.bottom) covered.push([left, right, "outside"]);
        for (const x of [left + 6, (left + right) / 2, right - 6]) {
            const found = root.elementFromPoint(x, (top + bottom) / 2);
            if (!control.contains(found)) covered.push([x, top, found?.className ?? ""]);
        }
    }
    return [controls.length, covered];
}"""
"""How many controls a plot's toolbar has, and where something else would be clicked."""


def program(name: str) -> str:
    return (APPS / f"{name}.py").read_text("utf-8")


def expect_our_view(lab: Lab) -> View:
    view = lab.inline_view()
    view.expect_live("websocket")
    assert not lab.page.locator(".jp-OutputArea iframe").count()
    return view


def redness(picture: bytes) -> float:
    """Which part of the pixels is rather red."""
    red, green, blue = np.moveaxis(
        np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=int), 2, 0
    )
    return float(np.mean((red > 80) & (red > 2 * np.maximum(green, blue))))


def expect_sphere(view: View) -> None:
    """Waits until the red sphere is seen, with all of the plot in its output."""
    wait_until(lambda: redness(view.host.screenshot()) > 0.1, "a red sphere")


def test_a_class_in_a_cell(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, program("counter"), "app = Counter()\napp", "print(app.state.count)"])
    lab.run_all()
    view = expect_our_view(lab)
    view.expect_text(".result", "5 * 2 = 10")
    view.find(".plus").click()
    view.expect_text(".result", "6 * 2 = 12")
    view.find(".reset").click()
    view.expect_text(".result", "20 * 2 = 40")
    lab.run(3)
    assert lab.text_output(3) == "20\n"
    lab.screenshot(picture("end"))


def test_vuetify_in_a_cell(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, program("vuetify") + "\nlayout"])
    lab.run_all()
    view = expect_our_view(lab)
    view.expect_text(".summary", "40 x green")
    view.find(".amount .v-slider-thumb").press("ArrowRight")
    view.expect_text(".summary", "45 x green")
    view.find(".bold input").click()
    view.expect_text(".summary", "45 x green!")
    lab.screenshot(picture("end"))


@pytest.mark.long
def test_a_plot_rendered_in_python(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, PLOT.format("server")])
    lab.run_all()
    view = expect_our_view(lab)
    expect_sphere(view)
    lab.screenshot(picture("end"))


def test_a_plot_rendered_in_the_page(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, PLOT.format("client")])
    lab.run_all()
    view = expect_our_view(lab)
    expect_sphere(view)
    lab.screenshot(picture("end"))


def test_no_control_of_a_narrow_plot_is_covered(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells([LOAD, PLOT.format("trame").replace("500, 400", "300, 300")])
    lab.run_all()
    view = expect_our_view(lab)
    expect_sphere(view)
    lab.screenshot(picture("end"))
    host = lab.page.locator(HOST)
    host.screenshot(path=picture("view"))
    assert host.evaluate("(host) => host.clientWidth") == 300
    assert host.evaluate(COVERED) == [14, []]
