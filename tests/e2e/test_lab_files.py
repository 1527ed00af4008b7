"""Files as apps: the launcher's section, the file browser's context menu, and files made of templates."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import MakeLab
from tests.e2e.lab import TAB_HOST, Lab, View
from tests.e2e.servers import JupyterServer, wait_until

FILE = """\
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html

server = Server("sales")
server.state.n = 1

with DivLayout(server):
    html.Button("more", click="n = n + 1", classes="button")
    html.Span("{{ n }}", classes="n")

if __name__ == "__main__":
    server.start()
"""


def put(lab: Lab, name: str, text: str) -> None:
    """Writes a file beside the notebooks, which the file browser then shows."""
    (lab.server.root / name).write_text(text)
    lab.execute("filebrowser:refresh")


def card(lab: Lab, title: str) -> Locator:
    """A card of the launcher's section."""
    section = lab.page.locator(".jp-Launcher-section:visible", has_text="Trame").first
    return section.locator(".jp-LauncherCard", has_text=title)


def menu_entry(lab: Lab, name: str) -> Locator:
    """What the context menu of a file says of us."""
    lab.page.locator(".jp-DirListing-item", has_text=name).click(button="right")
    return lab.page.locator(".lm-Menu-item", has_text="Open as trame App")


def answer(lab: Lab, button: str) -> None:
    """Presses a button of the dialog."""
    lab.page.locator(".jp-Dialog").get_by_role("button", name=button).click()


def run(lab: Lab, path: str) -> None:
    """Runs a file as an app, and agrees to that."""
    lab.execute("jupyter-trame:run-file", {"path": path})
    expect(lab.page.locator(".jp-Dialog")).to_contain_text(f"Run {path} as a trame app?")
    answer(lab, "Run")


def test_the_section_of_the_launcher(own_lab: Lab, picture: Callable[[str], Path]) -> None:
    own_lab.start()
    put(own_lab, "sales.trame.py", FILE)
    expect(card(own_lab, "sales")).to_be_visible()
    expect(card(own_lab, "Cars demo")).to_be_visible()
    for theme in ("light", "dark"):
        own_lab.set_theme(f"JupyterLab {theme.title()}")
        own_lab.screenshot(picture(theme))
    (own_lab.server.root / "sales.trame.py").unlink()
    own_lab.execute("filebrowser:refresh")
    expect(card(own_lab, "sales")).to_have_count(0)


def test_a_file_has_one_tab_by_its_card_and_by_its_menu(lab: Lab) -> None:
    lab.start()
    put(lab, "sales.trame.py", FILE)
    lab.execute("launcher:create")
    card(lab, "sales").press("Enter")
    view = lab.tab_view()
    view.expect_live("websocket")
    view.find(".button").click()
    view.expect_text(".n", "2")
    menu_entry(lab, "sales.trame.py").click()
    expect(lab.page.locator(".jp-Dialog")).to_contain_text("Run sales.trame.py as a trame app?")
    answer(lab, "Run")
    expect(lab.page.locator(".jp-Dialog")).to_have_count(0)
    expect(lab.page.locator(TAB_HOST)).to_have_count(1)
    lab.tab_view().expect_text(".n", "2")
    assert len(lab.server.kernels()) == 1


def test_who_does_not_agree_runs_nothing(lab: Lab) -> None:
    lab.start()
    put(lab, "plain.py", FILE)
    menu_entry(lab, "plain.py").click()
    answer(lab, "Cancel")
    expect(lab.page.locator(".jp-Dialog")).to_have_count(0)
    assert lab.server.kernels() == []
    put(lab, "notes.txt", "no code")
    expect(menu_entry(lab, "notes.txt")).to_have_count(0)
    lab.page.keyboard.press("Escape")


def test_a_file_that_raises_says_so_in_its_tab(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.start()
    put(lab, "broken.trame.py", 'raise ValueError("there is no data")\n')
    lab.watch.expected.append("/starts/")
    run(lab, "broken.trame.py")
    alert = lab.page.get_by_role("region", name="trame app broken").get_by_role("alert")
    expect(alert).to_contain_text("there is no data")
    alert.get_by_text("Details").click()
    expect(alert.locator("pre")).to_contain_text("broken.trame.py")
    lab.screenshot(picture("raises"))
    put(lab, "broken.trame.py", FILE)
    alert.get_by_role("button", name="Try again").click()
    lab.tab_view().expect_live("websocket")


def test_a_start_is_stopped(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.start()
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.01)\n"
    put(lab, "slow.trame.py", wait + FILE)
    lab.watch.expected.append("/starts/")
    run(lab, "slow.trame.py")
    panel = lab.page.get_by_role("region", name="trame app slow")
    expect(panel.get_by_role("status")).to_have_text("Starting slow…")
    lab.screenshot(picture("starting"))
    wait_until(lab.server.kernels, "the kernel of the app")
    panel.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("alert")).to_contain_text("was stopped")
    wait_until(lambda: lab.server.kernels() == [], "the end of its kernel")


def test_a_new_notebook_is_written_and_opened(lab: Lab) -> None:
    lab.start()
    lab.execute("launcher:create")
    card(lab, "New trame Notebook").click()
    lab.wait_open("Untitled.ipynb")
    lab.run_all()
    lab.inline_view().expect_live("websocket")


def test_a_new_app_is_written_opened_and_run(lab: Lab) -> None:
    lab.start()
    lab.execute("launcher:create")
    card(lab, "New trame App").click()
    expect(lab.page.get_by_role("tab", name=re.compile(r"untitled\.trame\.py"))).to_be_visible()
    run(lab, "untitled.trame.py")
    lab.tab_view().expect_live("websocket")


def test_without_the_extension_the_tab_says_so(make_lab: MakeLab, bare_server: JupyterServer) -> None:
    lab = make_lab(bare_server)
    lab.start()
    put(lab, "sales.py", FILE)
    menu_entry(lab, "sales.py").click()
    answer(lab, "Run")
    alert = lab.page.get_by_role("region", name="trame app sales").get_by_role("alert")
    expect(alert).to_contain_text("This Jupyter server has no jupyter_trame extension enabled.")


def test_in_notebook_7_a_file_opens_a_page(make_lab: MakeLab, notebook_server: JupyterServer) -> None:
    tree = make_lab(notebook_server)
    (notebook_server.root / "sales.py").write_text(FILE)
    tree.visit("tree")
    menu_entry(tree, "sales.py").click()
    with tree.page.expect_popup() as opened:
        answer(tree, "Run")
    View(opened.value.locator("body")).find(".button").click()
    View(opened.value.locator("body")).expect_text(".n", "2")
    tree.page.get_by_role("tab", name="Running").click()
    expect(tree.page.locator(".jp-mod-trame", has_text="sales")).to_be_visible()
