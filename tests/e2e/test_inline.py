"""An app in a cell of JupyterLab, over the websocket."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.docs.pages import ROOT, blocks
from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import APP, BLOCKING_LOOP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer, wait_until

LISTENING = """\
import psutil
def ports():
    return {c.laddr.port for c in psutil.Process().net_connections("tcp") if c.status == "LISTEN"}
"""


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "guide.md"], ids=lambda page: page.stem)
def test_the_first_cell_of_a_page_runs_as_pasted(lab: Lab, page: Path) -> None:
    lab.open_cells([blocks(page)[0].text, "print(server.state.name)"])
    lab.run(0)
    view = lab.inline_view()
    view.expect_text("h2", "Hello, world!")
    view.find("input").fill("Ada")
    view.expect_text("h2", "Hello, Ada!")

    # A cell and what the page writes take two ways to the kernel: either may be the first.
    def python_has_it() -> bool:
        lab.run(1)
        return lab.text_output(1) == "Ada\n"

    wait_until(python_has_it, "the name in Python")


def test_every_control_reaches_python_and_back(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "print(state.n, state.word, state.choice)"])
    lab.run_all()
    view = lab.inline_view()
    view.expect_text(".double", "2")
    view.expect_live("websocket")
    view.exercise_controls()
    lab.run(2)
    assert lab.text_output(2) == "22 héllo b\n"


def test_the_server_as_last_expression_is_displayed(lab: Lab) -> None:
    lab.open_cells([LOAD, APP.replace("display(server)", "server")])
    lab.run_all()
    lab.inline_view().exercise_controls()


def test_python_changes_reach_the_view(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "state.n = 50"])
    lab.run_all()
    lab.inline_view().expect_text(".double", "100")


def test_two_views_in_a_notebook_stay_equal(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "display(server)"])
    lab.run_all()
    first, second = lab.inline_view(0), lab.inline_view(1)
    for value, (author, other) in enumerate([(first, second), (second, first)], 30):
        author.set_slider(".slider", value)
        for view in (author, other):
            view.expect_text(".double", str(2 * value))
            expect(view.find(".slider")).to_have_value(str(value))


def test_two_browser_tabs_stay_equal(make_lab: MakeLab, lab_server: JupyterServer) -> None:
    one = make_lab(lab_server)
    path = one.open_cells([LOAD, APP])
    one.run_all()
    one.inline_view().expect_text(".double", "2")
    one.save()
    two = make_lab(lab_server)
    two.start()
    two.open(path.name)
    two.inline_view().set_slider(".slider", 9)
    one.inline_view().expect_text(".double", "18")
    one.inline_view().find(".button").click()
    two.inline_view().expect_text(".double", "20")


def test_reload_brings_the_app_back_without_running_a_cell(own_lab: Lab) -> None:
    path = own_lab.open_cells([LOAD, APP, "print(state.n)"])
    own_lab.run(0)
    own_lab.run(1)
    own_lab.inline_view().set_slider(".slider", 33)
    own_lab.inline_view().expect_text(".double", "66")
    own_lab.save()
    own_lab.reload()
    own_lab.open(path.name)
    view = own_lab.inline_view()
    view.expect_text(".double", "66")
    view.find(".button").click()
    view.expect_text(".double", "68")
    own_lab.run(2)
    assert own_lab.text_output(2) == "34\n"


def test_progress_is_seen_while_the_cell_blocks(
    lab: Lab, lab_server: JupyterServer, make_page: MakePage
) -> None:
    lab.open_cells([LOAD, APP, BLOCKING_LOOP])
    lab.run(0)
    lab.run(1)
    views = [lab.inline_view()]
    lab.run(2, wait=False)
    for step in range(1, 6):
        for view in views:
            view.expect_text(".progress-text", str(step))
        if step == 2:  # a page that comes during the cell shows the app at once
            page, _ = make_page(lab_server)
            page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/counter/?token={TOKEN}")
            views.append(View(page.locator("[data-jupyter-trame]")))
            views[1].expect_text(".progress-text", "2")
        (lab_server.root / f"go-{step}").touch()
    lab.wait_idle()
    assert lab.text_output(2) == ""


def test_a_cell_that_runs_again_replaces_the_app_in_every_view(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "display(server)"])
    lab.run_all()
    lab.inline_view(1).set_slider(".slider", 40)
    lab.inline_view(0).expect_text(".double", "80")
    lab.run(1)
    for view in (lab.inline_view(0), lab.inline_view(1)):
        view.expect_text(".n", "1")
        view.expect_text(".double", "2")
    lab.inline_view(1).set_slider(".slider", 7)
    lab.inline_view(0).expect_text(".double", "14")


def test_keys_typed_in_the_app_do_not_reach_the_notebook(lab: Lab) -> None:
    lab.open_cells([LOAD, APP])
    lab.run_all()
    view = lab.inline_view()
    view.find(".text").click()
    lab.page.keyboard.type("abddx")  # as notebook commands: insert two cells, delete one, cut one
    view.expect_text(".echo", "abddx/a")
    assert lab.cell_count() == 2


def test_no_port_is_opened_and_the_notebook_names_no_address(lab: Lab, lab_server: JupyterServer) -> None:
    path = lab.open_cells([f"{LISTENING}before = ports()", LOAD, APP, "print(sorted(ports() - before))"])
    lab.run_all()
    lab.inline_view().exercise_controls()
    lab.run(3)
    assert lab.text_output(3) == "[]\n"
    lab.save()
    text = path.read_text("utf-8")
    port = lab_server.url.rsplit(":", 1)[1].strip("/")
    assert not [word for word in ("localhost", "127.0.0.1", port, TOKEN) if word in text]


def test_nothing_is_loaded_from_elsewhere(own_lab: Lab) -> None:
    own_lab.open_cells([LOAD, APP])
    own_lab.run_all()
    own_lab.inline_view().exercise_controls()
    own = (own_lab.server.url, "blob:", "data:")
    assert not [url for url in own_lab.watch.requests if not url.startswith(own)]
