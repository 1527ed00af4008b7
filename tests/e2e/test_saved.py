"""A saved notebook whose kernel is gone shows the last picture, and says that it is one."""

from playwright.sync_api import expect

from tests.e2e.conftest import MakeLab
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer


def test_the_snapshot_shows_without_its_kernel(make_lab: MakeLab, saving_server: JupyterServer) -> None:
    lab = make_lab(saving_server)
    path = lab.open_cells([LOAD, APP])
    lab.run_all()
    lab.inline_view().set_slider(".slider", 28)
    lab.inline_view().expect_text(".double", "56")
    lab.save_until('"double": 56')
    lab.page.close()
    saving_server.shut_kernels_down()
    text = path.read_text("utf-8")
    assert not [word for word in ("localhost", "127.0.0.1", TOKEN) if word in text]

    reader = make_lab(saving_server)
    reader.watch.expected += ["trame/"]  # the kernel of the saved model has no page any more
    reader.start()
    reader.open(path.name)
    view = reader.inline_view()
    view.expect_text(".double", "56")
    expect(view.find(".jt-notice")).to_be_visible()
    reader.run(0)
    reader.run(1)
    reader.inline_view().expect_live("websocket")
    reader.inline_view().exercise_controls()
