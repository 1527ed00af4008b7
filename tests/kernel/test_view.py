"""The widget: traits, snapshot and the comm path, in a real kernel."""

from pathlib import Path

import pytest

from jupyter_trame._version import __version__
from jupyter_trame.protocol.client_events import Ready, Replied
from tests.kernel.page import FLOOD, Page
from tests.kernel.support import Kernel, running_kernel
from tests.support import RUNTIME

APP = """
import numpy as np
server = Server("viewed")
server.state.update({"n": 1, "png": b"bytes", "array": np.zeros(3), "secret": "x" * 10})
server.options.update(snapshot_exclude=("secret",))
@server.change("n")
def on_n(n, **_):
    server.state.twice = 2 * n
@server.trigger("fail")
def fail():
    raise ValueError("from the page")
view = server.view()
"""


@pytest.fixture
def model_id(kernel: Kernel) -> str:
    kernel.run(APP)
    return str(kernel.value("view.model_id"))


@pytest.mark.usefixtures("model_id")
def test_traits_say_where_the_app_is(kernel: Kernel) -> None:
    kernel_id, slug, title, template, version = kernel.value(
        "(view.kernel_id, view.slug, view.title, view.template, view.version)"
    )
    assert kernel_id == kernel.record_path.stem.removeprefix("jupyter-trame-")
    assert (slug, title, template, version) == ("viewed", "viewed", "main", __version__)
    kernel.run('server.state.trame__title = "T"\nserver.state.flush()')
    assert kernel.value("view.title") == "T"


def test_the_page_can_find_the_model_in_its_host(kernel: Kernel, model_id: str) -> None:
    assert kernel.value("view.own_id") == model_id
    kernel.run("other = server.view('other')")
    assert kernel.value("other.own_id == other.model_id != view.own_id") is True


@pytest.mark.usefixtures("model_id")
def test_the_snapshot_holds_what_a_notebook_can_hold(kernel: Kernel) -> None:
    state = kernel.value("view.snapshot['state']")
    assert (state["n"], state["twice"], state["png"]) == (1, 2, b"bytes")
    assert "array" not in state
    assert "secret" not in state
    assert kernel.value(f"view.snapshot['epoch'] == {RUNTIME}.primary.epoch")


@pytest.mark.usefixtures("model_id")
def test_observers_of_the_view_see_changes(kernel: Kernel) -> None:
    kernel.run(
        "seen = []\n"
        "view.observe(lambda change: seen.append(change['new']['state']['n']), 'snapshot')\n"
        "server.state.n = 2\nserver.state.flush()\nserver.state.n = 3\nserver.state.flush()"
    )
    kernel.until(lambda: kernel.value("seen") == [3])


def test_the_comm_path_is_complete(kernel: Kernel, model_id: str) -> None:
    page = Page(kernel, model_id).open()
    assert page.state["n"] == 1
    page.write(n=21)
    page.until(lambda: page.state["twice"] == 42)
    page.until(lambda: not page.session.pending)
    call = page.session.call("trame.trigger", ["fail", [], {}])
    page.flush()
    page.until(lambda: any(isinstance(event, Replied) and event.id == call for event in page.events))
    numbers = [content["n"] for content in page.contents if content["jt"] == "frames"]
    assert numbers == list(range(len(numbers)))


def test_pushes_reach_the_page_while_a_cell_blocks(kernel: Kernel, model_id: str, tmp_path: Path) -> None:
    page = Page(kernel, model_id).open()
    seen = tmp_path / "seen"
    cell = kernel.start(
        "import time\n"
        "from pathlib import Path\n"
        "server.state.step = 1\n"
        "server.state.flush()\n"
        f"while not Path({str(seen)!r}).exists():\n"
        "    time.sleep(0.01)"
    )
    page.until(lambda: page.state.get("step") == 1)
    assert not kernel.cells[cell].idle
    seen.touch()
    kernel.finish(cell)


def test_a_flood_of_writes_is_sixty_messages_a_second(kernel: Kernel, model_id: str) -> None:
    page = Page(kernel, model_id).open()
    before = kernel.published
    took = float(kernel.run(FLOOD).stream)
    page.until(lambda: page.state.get("step") == 20_000)
    assert kernel.published - before <= 60 * took + 20


def test_two_pages_of_one_model(kernel: Kernel, model_id: str) -> None:
    first, second = Page(kernel, model_id, "v1").open(), Page(kernel, model_id, "v2").open()
    first.write(n=7)
    second.until(lambda: second.state["twice"] == 14)


def test_a_gap_ends_the_connection_and_a_new_one_resumes(kernel: Kernel, model_id: str) -> None:
    page = Page(kernel, model_id).open()
    page._sent += 1
    page.write(n=5)
    page.until(lambda: page.contents[-1]["jt"] == "close")
    assert "was expected" in page.contents[-1]["reason"]
    page.session.disconnected()
    page._sent = 0
    page.open()
    page.until(lambda: page.state["twice"] == 10)
    assert page.events[-1] is not None
    assert any(isinstance(event, Ready) and event.resumed for event in page.events)


def test_an_old_view_shows_the_new_server(kernel: Kernel, model_id: str) -> None:
    page = Page(kernel, model_id).open()
    kernel.run(APP + "server.state.n = 4\nserver.state.flush()")
    page.until(lambda: page.state["n"] == 4)
    page.write(n=6)
    page.until(lambda: page.state["twice"] == 12)


def test_frames_without_a_connection_are_refused(kernel: Kernel, model_id: str) -> None:
    page = Page(kernel, model_id, "stranger")
    page.post({"jt": "frames", "n": 0}, [b"x"])
    page.until(lambda: page.contents)
    assert page.contents[0]["jt"] == "close"


def test_the_bundle_comes_over_the_comm(kernel: Kernel, model_id: str) -> None:
    kernel.run(
        "import pathlib, tempfile\n"
        "from jupyter_trame.kernel import view as view_module\n"
        "view_module.STATIC = pathlib.Path(tempfile.mkdtemp())\n"
        "_ = (view_module.STATIC / 'client.js').write_text('export {}')"
    )
    page = Page(kernel, model_id)
    page.post({"jt": "bundle"})
    page.until(lambda: page.contents)
    assert page.contents[0]["jt"] == "bundle"
    assert (page.contents[0]["code"], page.contents[0]["buffers"]) == ("export {}", [])


def test_nonsense_is_ignored(kernel: Kernel, model_id: str) -> None:
    for content in (None, 3, {}, {"view": 1}, {"jt": "open"}, {"jt": "unknown", "view": "v"}):
        kernel.send_comm(model_id, {"method": "custom", "content": content}, [])
    assert kernel.value("server.running")


def test_a_page_opens_over_a_subshell_while_a_cell_blocks(kernel: Kernel, model_id: str) -> None:
    subshell = kernel.create_subshell()
    if subshell is None:
        pytest.skip("this ipykernel has no subshells")
    cell = kernel.start("import threading\nthreading.Event().wait(30)")
    kernel.subshell = subshell
    try:
        page = Page(kernel, model_id).open()
        assert page.state["n"] == 1
        assert not kernel.cells[cell].idle
        page.write(n=33)
    finally:
        kernel.subshell = None
        kernel.manager.interrupt_kernel()
        kernel.finish(cell)
    page.until(lambda: page.state["twice"] == 66)


@pytest.mark.usefixtures("model_id")
def test_a_closed_view_is_replaced(kernel: Kernel) -> None:
    kernel.run("view.close()\nother = server.view()")
    assert kernel.value("(other is view, other is server.view(), server.running)") == (False, True, True)
    kernel.run("server.stop()")
    assert kernel.value(f"len({RUNTIME}.commit_observers)") == 0


@pytest.fixture
def impatient_kernel(fresh_kernel: Kernel) -> Kernel:
    """Gives pages up after a second and a half of silence."""
    fresh_kernel.run(
        "%load_ext jupyter_trame\n"
        "from functools import partial\n"
        "from jupyter_trame import Server\n"
        "from jupyter_trame.kernel import host\n"
        "from jupyter_trame.protocol import Limits\n"
        "limits = Limits(comm_beat=0.2, comm_silence=1.5, grace=0.1)\n"
        "host.KernelLinks = partial(host.KernelLinks, limits=limits)\n" + APP
    )
    return fresh_kernel


def test_a_page_that_vanishes_leaves_but_not_for_a_long_cell(impatient_kernel: Kernel) -> None:
    kernel = impatient_kernel
    page = Page(kernel, str(kernel.value("view.model_id"))).open(beats=True)
    assert page.contents[1]["beat"] == [0.2, 600.0]
    client = page.session.client_id
    # Who speaks again once the cell has ended was there all the time.
    cell = kernel.start("import time\ntime.sleep(3)")
    page.post({"jt": "beat"})
    kernel.finish(cell)
    assert kernel.value(f"{RUNTIME}.primary.clients") == [client]
    assert [content["jt"] for content in page.contents if content["jt"] == "close"] == []
    page.until(lambda: page.contents[-1]["jt"] == "close")
    assert page.contents[-1]["code"] == 1006
    kernel.until(lambda: not kernel.value(f"{RUNTIME}.primary.clients"))
    page.post({"jt": "beat"})
    page.until(lambda: page.contents[-1]["reason"] == "the connection is not open")


def test_a_kernel_behind_a_gateway_sends_no_buffers(tmp_path: Path) -> None:
    """One would end the connection between the Jupyter server and the gateway, for everything in the page."""
    with running_kernel(tmp_path, KERNEL_GATEWAY="1") as kernel:
        kernel.run("%load_ext jupyter_trame\nfrom jupyter_trame import Server" + APP)
        assert kernel.value("view.buffers") is False
        page = Page(kernel, str(kernel.value("view.model_id")), as_text=True).open()
        assert page.state["png"] == b"bytes"
        page.write(n=4)
        page.until(lambda: page.state["twice"] == 8)
        page.post({"jt": "bundle"})
        page.until(lambda: page.contents[-1]["jt"] == "bundle")
        kernel.until(lambda: kernel.value("view.snapshot['state'].get('twice')") == 8)
        assert [message for message in kernel.comm_messages if message["buffers"]] == []
