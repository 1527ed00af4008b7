"""What the servers of a kernel share, and how it ends."""

from tests.e2e.servers import wait_until
from tests.kernel.support import Kernel, Views, listening_ports, run


def test_one_socket_for_all_servers(fresh_kernel: Kernel) -> None:
    kernel = fresh_kernel
    kernel.run("%load_ext jupyter_trame\nfrom jupyter_trame import Server")
    before = listening_ports(kernel.pid)
    kernel.run('a, b = Server("a"), Server("b")\na.state.x = 1\nb.state.x = 2\na.start()\nb.start()')
    assert [entry.slug for entry in kernel.record.servers] == ["a", "b"]
    assert listening_ports(kernel.pid) == before

    async def scenario(views: Views) -> None:
        assert (await views("a")).state["x"] == 1
        assert (await views("b")).state["x"] == 2

    run(kernel, scenario)
    kernel.run("a.stop()")
    assert [entry.slug for entry in kernel.record.servers] == ["b"]


def test_a_kernel_that_ends_leaves_nothing(fresh_kernel: Kernel) -> None:
    kernel = fresh_kernel
    kernel.run('%load_ext jupyter_trame\nfrom jupyter_trame import Server\nServer("a").start()')
    folder = kernel.record_path.parent
    assert {path.name for path in folder.iterdir()} > {kernel.record_path.name}
    kernel.manager.shutdown_kernel(now=False)
    assert [path.name for path in folder.iterdir() if "jt-" in path.name or "trame" in path.name] == []


def test_the_widget_is_loaded_before_anything_is_displayed(fresh_kernel: Kernel) -> None:
    kernel = fresh_kernel
    loaded = "'jupyter_trame.kernel.view' in sys.modules"
    cell = kernel.run(f'import sys\nfrom jupyter_trame import Server\nServer("a").start()\nprint({loaded})')
    assert cell.stream == "False\n"
    wait_until(lambda: kernel.value(loaded), "the widget's code")
