"""``%load_ext jupyter_trame``."""

from jupyter_trame.kernel.extension import install, load_ipython_extension
from jupyter_trame.runtime import registry
from tests.kernel.support import Kernel


def test_without_a_kernel_or_a_prompt_servers_carry_themselves() -> None:
    assert not install()
    load_ipython_extension(None)
    assert registry.process.host is None


def test_loading_twice_changes_nothing(kernel: Kernel) -> None:
    kernel.run("from jupyter_trame.runtime import registry\nbefore = registry.process.host")
    kernel.run("import jupyter_trame\njupyter_trame.load_ipython_extension(get_ipython())")
    assert kernel.value("registry.process.host is before is not None")
    kernel.run("%reload_ext jupyter_trame")
    assert kernel.value("registry.process.host is not None")


def test_unloading_stops_the_servers(fresh_kernel: Kernel) -> None:
    kernel = fresh_kernel
    kernel.run(
        '%load_ext jupyter_trame\nfrom jupyter_trame import Server\nserver = Server("x")\nserver.start()'
    )
    assert kernel.record_path.exists()
    kernel.run("%unload_ext jupyter_trame")
    assert not kernel.record_path.exists()
    assert kernel.value("server.running") is False
    kernel.run("%load_ext jupyter_trame\nserver = Server('x')\nserver.start()")
    assert kernel.record.servers[0].slug == "x"


def test_a_kernel_loads_nothing_of_the_notebook_server(fresh_kernel: Kernel) -> None:
    fresh_kernel.run(
        '%load_ext jupyter_trame\nfrom jupyter_trame import Server\nServer("x").start()\nimport sys'
    )
    loaded = fresh_kernel.value(
        "[name for name in ('jupyter_server', 'tornado.websocket', 'ipywidgets', 'numpy', 'jupyter_trame.extension')"
        " if name in sys.modules]"
    )
    assert loaded == []
