"""A server in a real kernel, seen over the real link."""

import asyncio
import re
from pathlib import Path

from jupyter_trame.protocol import LinkOp
from jupyter_trame.protocol.link import Fetch, File, PageFiles, Pressure
from jupyter_trame.transports.joining import join
from jupyter_trame.transports.stream import StreamLink
from tests.kernel.support import BUSY, WIDGET_TYPE, Kernel, Views, listening_ports, run, until
from tests.support import RUNTIME

APP = """
server = Server("app")
server.state.n = {n}
@server.change("n")
def on_n(n, **_):
    server.state.twice = 2 * n
server.start()
"""


def test_start_needs_no_await_and_no_port(kernel: Kernel) -> None:
    before = listening_ports(kernel.pid)
    cell = kernel.run(APP.format(n=1) + "\nserver.running")
    assert cell.data[0]["text/plain"] == "True"
    assert before
    assert listening_ports(kernel.pid) == before
    assert [entry.slug for entry in kernel.record.servers] == ["app"]
    assert kernel.record_path.stat().st_mode & 0o777 == 0o600


def test_a_client_writes_and_sees_what_listeners_do(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1))

    async def scenario(views: Views) -> None:
        client = await views()
        assert (client.state["n"], client.state["twice"]) == (1, 2)
        client.write(n=21)
        await client.until(lambda: client.state["twice"] == 42)
        await client.settled()

    run(kernel, scenario)


def test_what_a_cell_sets_is_sent_when_it_has_run(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1))

    async def scenario(views: Views) -> None:
        client = await views()
        kernel.run("server.state.n = 4")
        await client.until(lambda: client.state["twice"] == 8)
        failed = kernel.finish(kernel.start("server.state.n = 5\n1 / 0"))
        assert "ZeroDivisionError" in (failed.error or "")
        await client.until(lambda: client.state["twice"] == 10)
        kernel.run("server.state.items = [1]")
        kernel.run("server.state.items.append(2)")
        await client.until(lambda: client.state.get("items") == [1, 2])

    run(kernel, scenario)
    count = "len(get_ipython().events.callbacks['post_run_cell'])"
    before = kernel.value(count)
    kernel.run(APP.format(n=1))
    assert kernel.value(count) == before
    kernel.run("await server.stop()")
    assert kernel.value(count) == before - 1


def test_pushes_leave_while_a_cell_blocks(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(APP.format(n=0))

    async def scenario(views: Views) -> None:
        client = await views()
        cell = kernel.start(
            "import time\n"
            "from pathlib import Path\n"
            "for step in range(1, 21):\n"
            "    server.state.progress = step\n"
            "    server.state.flush()\n"
            f"    while not (Path({str(tmp_path)!r}) / str(step)).exists():\n"
            "        time.sleep(0.002)"
        )
        for step in range(1, 21):
            await client.until(lambda step=step: client.state.get("progress") == step)
            (tmp_path / str(step)).touch()
        kernel.finish(cell)

    run(kernel, scenario)


def test_running_the_cell_again_replaces_in_place(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1) + 'server.controller.add("on_server_exited")(lambda **_: print("goodbye"))')
    epoch = kernel.record.servers[0].epoch

    async def scenario(views: Views) -> None:
        client = await views()
        client.write(n=5)
        await client.settled()
        cell = kernel.run(APP.format(n=7))
        assert cell.stream == "goodbye\n"
        await client.until(lambda: client.state.get("n") == 7 and client.session.live)
        assert "restarted" in client.statuses()
        assert "lost" not in client.statuses()
        client.write(n=8)
        await client.until(lambda: client.state["twice"] == 16)
        assert client.closed is None

    run(kernel, scenario)
    (entry,) = kernel.record.servers
    assert (entry.slug, entry.epoch != epoch) == ("app", True)


COUNT = """\
import gc, logging, threading
from comm import get_comm_manager
from ipywidgets.widgets.widget import _instances
gc.collect()
print(
    len(get_comm_manager().comms), len(_instances), threading.active_count(),
    len(logging.getLogger("jupyter_trame").handlers), sum(type(one) is Server for one in gc.get_objects()),
)
"""


def test_running_the_cell_again_and_again_leaves_nothing_behind(fresh_kernel: Kernel) -> None:
    kernel = fresh_kernel
    kernel.run("%load_ext jupyter_trame\nfrom jupyter_trame import Server")
    app = APP.format(n=1) + "display(server)\n"
    first = kernel.run(app).data[0][WIDGET_TYPE]["model_id"]
    before = kernel.run(COUNT).stream
    shown = {kernel.run(app).data[0][WIDGET_TYPE]["model_id"] for _ in range(10)}
    assert shown == {first}
    assert kernel.run(COUNT).stream == before


def test_a_widget_follows_the_next_life(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1) + "view = server.view()\nold = server\n")
    kernel.run(APP.format(n=7) + 'server.state.trame__title = "Next"\nserver.state.flush()\n')
    assert kernel.value("(server.view() is view, view.title)") == (True, "Next")
    kernel.until(lambda: kernel.value("view.snapshot['state']['n']") == 7)
    assert kernel.value(f"view.snapshot['epoch'] == {RUNTIME}.primary.epoch")
    kernel.run("server.stop()\nserver.start()\nserver.state.n = 9\nserver.state.flush()")
    kernel.until(lambda: kernel.value("view.snapshot['state']['n']") == 9)
    kernel.run("view.close()\nserver.stop()\nserver.start()")
    assert kernel.value(f"(server.view() is view, len({RUNTIME}.commit_observers))") == (False, 2)


def test_the_output_of_callbacks_goes_to_the_cell_of_the_app(kernel: Kernel) -> None:
    cell_id = kernel.start(
        APP.format(n=1)
        + """
@server.trigger("talk")
def talk():
    print("from the callback")
@server.trigger("fail")
def fail():
    raise ValueError("from the callback")
"""
    )
    cell = kernel.finish(cell_id)
    other = kernel.run("1")

    async def scenario(views: Views) -> None:
        client = await views()
        await client.trigger("talk")
        reply = await client.trigger("fail")
        assert reply.error is not None
        assert "ValueError" in reply.error["data"]["trace"]
        await client.until(lambda: client.published("jupyter_trame.error"))

    run(kernel, scenario)
    kernel.until(lambda: "ValueError: from the callback" in cell.stream)
    assert "from the callback\n" in cell.stream
    assert cell.stream.count("Traceback") == 1
    assert other.stream == ""
    assert kernel.value("server.errors[-1].message") == "ValueError: from the callback"


def test_what_goes_wrong_before_the_app_is_displayed_stands_below_it(kernel: Kernel) -> None:
    cell = kernel.run(
        """
server = Server("app")
server.state.low = 1
@server.change("low")
def on_low(low):
    raise ValueError("too early")
server.state.lwo
server.start()
print("the app")
"""
    )
    kernel.until(lambda: "ValueError: too early" in cell.stream and "Hint: " in cell.stream)
    first, *rest = cell.stream.splitlines()
    assert first == "the app"
    assert "Hint: is 'low' meant? 'lwo' was read, which nobody has set (state)" in rest
    assert "/jupyter_trame/" not in cell.stream, "frames of ours say nothing"
    assert re.search(r"^  Cell In\[\d+\], line 5, in on_low$", cell.stream, re.MULTILINE)
    assert "ipykernel_" not in cell.stream


def test_stop_tells_the_clients_and_withdraws_the_record(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1))

    async def scenario(views: Views) -> None:
        client = await views()
        kernel.run("server.stop()")
        await client.until(lambda: "stopped" in client.statuses())

    run(kernel, scenario)
    assert not kernel.record_path.exists()
    kernel.run("server.start()")
    assert kernel.record.servers[0].slug == "app"


def test_the_title_in_the_record_follows_the_state(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1) + 'server.state.trame__title = "A title"\nserver.state.flush()')
    kernel.until(lambda: kernel.record.servers[0].title == "A title")


def test_task_mode_is_what_stock_layouts_use(kernel: Kernel) -> None:
    cell = kernel.run(
        'server = Server("task")\n'
        'task = server.start(exec_mode="task", port=0, open_browser=False, timeout=0)\n'
        "print(await server.ready, task.done())\n"
        "server.stop()\n"
        "await task\n"
        "print(task.done())"
    )
    assert cell.stream == "True False\nTrue\n"


def test_a_view_for_each_layout_and_embedding(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1))
    assert kernel.value(
        "[(view.template, view.embed) for view in "
        "(server.view(), server.view('side'), server.view(embed='frame'), server.view('side', 'shadow'))]"
    ) == [("main", "auto"), ("side", "auto"), ("main", "frame"), ("side", "shadow")]
    assert kernel.value("server.view('side') is server.view(template='side', embed='auto')")
    assert not kernel.value("server.view('side') is server.view('side', 'frame')")
    kernel.run('server.state.trame__title = "T"\nserver.state.flush()')
    assert kernel.value("[server.view(name).title for name in ('main', 'side')]") == ["T", "T"]


def test_an_unknown_embedding_is_named(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1))
    cell = kernel.finish(kernel.start("server.view(embed='iframe')"))
    assert cell.error is not None
    assert "one of the ways auto, shadow, frame, not 'iframe'" in cell.error


class Replica:
    """The end of a link at the notebook server, as far as files and pressure go."""

    def __init__(self, kernel: Kernel) -> None:
        self._record = kernel.record
        self.sites: list[PageFiles] = []
        self.files: list[File] = []

    async def link(self) -> None:
        sock = await join(self._record, "app", "r")
        loop = asyncio.get_running_loop()
        self.stream = StreamLink(sock, loop, on_ops=self._take, on_closed=lambda _: None)
        await until(lambda: self.sites)

    def _take(self, ops: list[LinkOp]) -> None:
        for op in ops:
            if isinstance(op, PageFiles):
                self.sites.append(op)
            elif isinstance(op, File):
                self.files.append(op)


def test_folders_are_announced_also_those_that_come_later(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("let a")
    kernel.run(
        APP.format(n=1)
        + f"server.enable_module({{'serve': {{'one': {str(tmp_path)!r}}}}})\nserver.state.flush()"
    )

    async def scenario(_: Views) -> None:
        replica = Replica(kernel)
        await replica.link()
        await until(lambda: "one" in replica.sites[-1].folders)
        kernel.run(
            f"server.enable_module({{'serve': {{'two': {str(tmp_path)!r}}}, 'scripts': ['two/a.js']}})\n"
            "server.http_headers.shared_array_buffer = True\nserver.state.flush()"
        )
        await until(lambda: "two" in replica.sites[-1].folders)
        assert replica.sites[-1].headers["Cross-Origin-Opener-Policy"] == "same-origin"
        cell = kernel.start(BUSY.format(folder=str(tmp_path)))
        await until((tmp_path / "started").exists)
        replica.stream.send(Fetch(5, "two/a.js", 0, 100))
        await until(lambda: replica.files)
        assert (replica.files[0].status, bytes(replica.files[0].data)) == (200, b"let a")
        (tmp_path / "go").touch()
        kernel.finish(cell)
        replica.stream.close()

    run(kernel, scenario)


def test_what_replicas_have_to_send_is_pending(kernel: Kernel) -> None:
    kernel.run(APP.format(n=1))

    async def scenario(_: Views) -> None:
        replica = Replica(kernel)
        await replica.link()
        assert kernel.value(f"{RUNTIME}.network.pending") == 0
        replica.stream.send(Pressure(6))
        await until(lambda: kernel.value(f"{RUNTIME}.network.pending") == 6)
        replica.stream.send(Pressure(0))
        kernel.run(f"await {RUNTIME}.network.completion()")
        replica.stream.close()

    run(kernel, scenario)
