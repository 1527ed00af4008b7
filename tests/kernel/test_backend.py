"""A server in a real kernel, seen over the real link."""

import time

from tests.kernel.support import Kernel, Views, listening_ports, run

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


def test_pushes_leave_while_a_cell_blocks(kernel: Kernel) -> None:
    kernel.run(APP.format(n=0))

    async def scenario(views: Views) -> None:
        client = await views()
        seen: list[tuple[int, float]] = []
        cell = kernel.start(
            "import time\n"
            "for step in range(1, 21):\n"
            "    server.state.progress = step\n"
            "    server.state.flush()\n"
            "    time.sleep(0.02)\n"
            "end = time.time()"
        )

        def collect() -> bool:
            value = client.state.get("progress")
            if value is not None and (not seen or seen[-1][0] != value):
                seen.append((value, time.time()))
            return value == 20

        await client.until(collect)
        assert [value for value, _ in seen] == list(range(1, 21))
        kernel.finish(cell)
        end = kernel.value("end")
        assert seen[-1][1] < end
        assert seen[9][1] < end - 0.1

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
