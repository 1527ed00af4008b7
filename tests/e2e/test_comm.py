"""The same app where our server extension is not loaded: everything goes over the widget's comm."""

from tests.e2e.conftest import OURS
from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, BLOCKING_LOOP, LOAD
from tests.e2e.servers import JupyterServer


def test_every_control_works_over_the_comm(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, APP, "print(state.n, state.word, state.choice)"])
    bare_lab.run_all()
    view = bare_lab.inline_view()
    view.expect_live("comm")
    view.exercise_controls()
    bare_lab.run(2)
    assert bare_lab.text_output(2) == "22 héllo b\n"


def test_progress_is_seen_while_the_cell_blocks(bare_lab: Lab, bare_server: JupyterServer) -> None:
    bare_lab.open_cells([LOAD, APP, BLOCKING_LOOP])
    bare_lab.run(0)
    bare_lab.run(1)
    bare_lab.inline_view().expect_live("comm")
    bare_lab.run(2, wait=False)
    for step in range(1, 6):
        bare_lab.inline_view().expect_text(".progress-text", str(step))
        (bare_server.root / f"go-{step}").touch()
    bare_lab.wait_idle()


def test_two_views_stay_equal(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, APP, "display(server)"])
    bare_lab.run_all()
    bare_lab.inline_view(0).set_slider(".slider", 11)
    bare_lab.inline_view(1).expect_text(".double", "22")
    bare_lab.inline_view(1).find(".button").click()
    bare_lab.inline_view(0).expect_text(".double", "24")


def test_reload_brings_the_app_back(bare_lab: Lab) -> None:
    path = bare_lab.open_cells([LOAD, APP])
    bare_lab.run_all()
    bare_lab.inline_view().set_slider(".slider", 5)
    bare_lab.inline_view().expect_text(".double", "10")
    bare_lab.save()
    bare_lab.reload()
    bare_lab.open(path.name)
    bare_lab.inline_view().expect_text(".double", "10")
    bare_lab.inline_view().find(".button").click()
    bare_lab.inline_view().expect_text(".double", "12")


def test_no_request_of_ours_is_retried_forever(bare_lab: Lab) -> None:
    bare_lab.open_cells([LOAD, APP])
    bare_lab.run_all()
    bare_lab.inline_view().exercise_controls()
    tried = [url for url in (*bare_lab.watch.requests, *bare_lab.watch.sockets) if OURS.search(url)]
    assert len(tried) <= 4, tried
