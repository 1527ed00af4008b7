"""Pictures of the documentation, taken in Chromium: ``python -m tests.e2e.pictures`` writes them and their page."""

import importlib
import io
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, expect, sync_playwright

from tests.docs.pages import ROOT, titles
from tests.e2e.conftest import FLAGS, PATIENCE, chromium
from tests.e2e.gallery import Gallery
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.packages import is_framed, table
from tests.e2e.recipes import PAGE as RECIPES
from tests.e2e.recipes import recipe, served
from tests.e2e.servers import jupyter_server

IMAGES = ROOT / "docs" / "images"
FOLDER = IMAGES / "gallery"
THEMES = ("light", "dark")
PROGRAMS = (1, 2, 3, 4, 5, 6, 7, 9)
"""Recipes that are programs; the eighth shows a widget of a notebook."""
RUN = 2
"""The recipe that shows something once its button was pressed."""
MOVING = """\
from jupyter_trame import ui
from matplotlib.figure import Figure
import math, time

def draw(points):
    figure = Figure(figsize=(4.4, 1.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(points, color="#1976d2")
    axes.set(xlim=(0, 80), ylim=(-1.1, 1.1))
    return figure

with ui.app("wave") as app:
    app.state.update(done=0.0, curve=draw([]))
    ui.slider("pitch", 1, 9, value=3)
    ui.image("curve", alt="The curve so far")
    ui.progress("done")
app
"""
LOOP = """\
points = []
for step in range(80):  # an ordinary loop
    points.append(math.sin(step / 80 * 6.28 * app.state.pitch) * (1 - step / 160))
    with app.state as state:
        state.done, state.curve = (step + 1) / 80, draw(points)
"""
SECONDS = 0.14
"""Between two frames of the moving picture."""
GALLERY = """\
# Gallery

What apps look like, as the tests see them in Chromium. The code of the first nine is in the [recipes](recipes.md); the
others are the apps with which [widget packages](packages.md) are tested, in a cell of JupyterLab.

## Recipes
{recipes}
## Widget packages
{packages}
## Notebooks

| notebook | |
| --- | --- |
| [`01_explore.ipynb`](../notebooks/01_explore.ipynb) | filters, a chart and a table of real data |
| [`02_trio.ipynb`](../notebooks/02_trio.ipynb) | an app beside trio |
| [`03_igor.ipynb`](../notebooks/03_igor.ipynb) | Python functions for JavaScript |
| [`04_narvi.ipynb`](../notebooks/04_narvi.ipynb) | many small web applications, and their monitor |
| [`05_ui.ipynb`](../notebooks/05_ui.ipynb) | interfaces in a few lines |

![A notebook with the app of the first](images/inline.png)

![The monitor of narvi](images/narvi-monitor.png)
"""


def main(parts: Collection[str]) -> None:
    """Takes all of them, in two minutes, or the named `parts`: ``recipes``, ``packages``, ``moving``."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for part, take in TAKEN.items():
            if not parts or part in parts:
                (Path(home) / part).mkdir()
                take(browser, Path(home) / part)
        browser.close()
    (ROOT / "docs" / "gallery.md").write_text(page(), "utf-8")


def page() -> str:
    """The text of the gallery."""
    heads = [title for title in titles(RECIPES) if title[:1].isdigit()]
    recipes = "".join(
        f"\n### {title}\n\n{_both(f'recipe-{title[0]}', title)}"
        for title in heads
        if int(title[0]) in PROGRAMS
    )
    packages = ""
    for name in table.names():
        what = (importlib.import_module(f"tests.e2e.packages.{name}").__doc__ or "").strip().rstrip(".")
        shown = "in a frame" if is_framed(name) else "in the page"
        packages += f"\n### {what}\n\n`{name}`, {shown}.\n\n{_both(name, what)}"
    return GALLERY.format(recipes=recipes, packages=packages)


def _both(name: str, alt: str) -> str:
    return (
        "".join(f"![{alt}, {theme}](images/gallery/{name}-{theme}.webp#only-{theme})\n" for theme in THEMES)
        + "\n"
    )


def take_recipes(browser: Browser, home: Path) -> None:
    """Each recipe on a page of its own."""
    with served(home, {number: recipe(number) for number in PROGRAMS}) as addresses:
        for number, address in addresses.items():
            for theme in THEMES:
                page = browser.new_page(color_scheme=theme, viewport={"width": 760, "height": 160})  # type: ignore[arg-type]
                page.goto(address)
                view = View(page.locator(HOST), page)
                expect(view.find(".jt-mark")).to_have_attribute("data-state", "live")
                if number == RUN and theme == THEMES[0]:
                    view.host.get_by_role("button").first.click()
                page.wait_for_load_state("networkidle")
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": 760, "height": min(height, 900)})
                _save(page.screenshot(), FOLDER / f"recipe-{number}-{theme}.webp")
                page.close()


def take_packages(browser: Browser, home: Path) -> None:
    """Each package in a cell."""
    with jupyter_server(home) as server, Gallery(browser, server) as gallery:
        for name in table.names():
            view = gallery.show(name)
            view.expect_visible(".answer")
            importlib.import_module(f"tests.e2e.packages.{name}").drive(view)
            host = gallery.lab.cell_host(gallery.run("", name))
            for theme in THEMES:
                gallery.lab.set_theme(f"JupyterLab {theme.title()}")
                expect(view.find(".jt-frame").first).to_have_attribute("data-theme", theme)
                _save(_look(gallery.lab, host), FOLDER / f"{name}-{theme}.webp")
            gallery.lab.set_theme("JupyterLab Light")


def _look(lab: Lab, host: Locator) -> bytes:
    lab.page.mouse.move(640, 5)
    host.scroll_into_view_if_needed()
    lab.page.wait_for_function(
        "() => document.getAnimations().every(({ effect }) => effect.getComputedTiming().iterations === Infinity)"
    )
    return host.screenshot()


def take_moving(browser: Browser, home: Path) -> None:
    """A cell that runs, and a window beside it: both show the same, at each moment; then the window leads."""
    with jupyter_server(home) as server:
        context = browser.new_context(viewport={"width": 800, "height": 600})
        lab = Lab(context, server)
        lab.open_cells([MOVING, LOOP], "wave.ipynb")
        lab.execute("application:toggle-left-area")
        lab.execute("application:toggle-mode")
        lab.run(0)
        lab.inline_view().expect_live("websocket")
        window = context.new_page()
        window.set_viewport_size({"width": 400, "height": 600})
        window.goto(f"{server.url}trame/{lab.kernel_id()}/wave/?token={server.token}")
        beside = View(window.locator("body"), window)
        beside.expect_visible("input[type=range]")
        lab.run(1, wait=False)
        frames = [_beside(lab, window.screenshot()) for _ in _ticks(42)]
        lab.wait_idle()
        for pitch in (4, 5, 6, 7, 6, 5):
            beside.set_slider("input[type=range]", pitch)
            expect(lab.inline_view().find("input[type=range]")).to_have_value(str(pitch))
            frames.append(_beside(lab, window.screenshot()))
        context.close()
    first, *others = frames
    first.save(
        IMAGES / "moving.webp",
        save_all=True,
        append_images=others,
        duration=int(SECONDS * 1000),
        loop=0,
        quality=60,
        method=6,
    )


def _ticks(number: int) -> Iterator[None]:
    """One pass each `SECONDS`."""
    due = time.monotonic()
    for _ in range(number):
        yield
        due += SECONDS
        time.sleep(max(0.0, due - time.monotonic()))


def _beside(lab: Lab, window: bytes) -> Image.Image:
    pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in (lab.page.screenshot(), window)]
    joined = Image.new("RGB", (sum(one.width for one in pictures) + 8, pictures[0].height), "#9e9e9e")
    joined.paste(pictures[0], (0, 0))
    joined.paste(pictures[1], (pictures[0].width + 8, 0))
    return joined


def _save(png: bytes, path: Path) -> None:
    Image.open(io.BytesIO(png)).convert("RGB").save(path, quality=85, method=6)


TAKEN = {"recipes": take_recipes, "packages": take_packages, "moving": take_moving}

if __name__ == "__main__":
    main(sys.argv[1:])
