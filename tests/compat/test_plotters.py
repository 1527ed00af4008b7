"""PyVista's ``show()`` in a cell."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.compat.plotters import patch_viewer
from tests.kernel.support import WIDGET_TYPE, Kernel, Views, listening_ports, run

pytest.importorskip("pyvista")

PLOT = """
import pyvista as pv
from trame.app import get_server

def plot(**kwargs):
    plotter = pv.Plotter(notebook=True, **kwargs)
    plotter.add_mesh(pv.Cone())
    return plotter
"""


@pytest.fixture(scope="module", autouse=True)
def plot(kernel: Kernel) -> None:
    kernel.run(PLOT)


@pytest.mark.parametrize("backend", ["", "'trame'", "'client'", "'server'"])
def test_show_is_our_view(kernel: Kernel, backend: str) -> None:
    ports = listening_ports(kernel.pid)
    cell = kernel.run(f"plotter = plot()\nplotter.show({backend and f'jupyter_backend={backend}'})")
    (data,) = cell.data
    kernel.run("server = get_server('pyvista-jupyter')\nview = server.view(plotter._id_name)")
    assert data[WIDGET_TYPE]["model_id"] == kernel.value("view.model_id")
    assert "iframe" not in str(data)
    assert kernel.value("server.running")
    assert "VContainer" in kernel.value("server.state[f'trame__template_{plotter._id_name}']")
    assert kernel.value("(view.layout.width, view.layout.height)") == ("100%", "600px")
    assert listening_ports(kernel.pid) == ports
    assert kernel.value("[name for name in __import__('sys').modules if 'nest_asyncio' in name]") == []


def test_a_page_gets_the_scene(kernel: Kernel) -> None:
    kernel.run("plotter = plot()\nplotter.show(jupyter_backend='server')")
    name = kernel.value("plotter._id_name")

    async def scenario(views: Views) -> None:
        client = await views("pyvista-jupyter")
        assert f"trame__template_{name}" in client.state
        assert (await client.call("viewport.image.push.observer.add", "1")).result["success"]

    run(kernel, scenario)


def test_the_view_has_the_size_of_the_window(kernel: Kernel) -> None:
    kernel.run("view = plot(window_size=(300, 200)).show(jupyter_backend='trame', return_viewer=True)")
    assert kernel.value("(view.layout.width, view.layout.height)") == ("300px", "200px")
    assert kernel.value("type(view.viewer).__name__") == "Viewer"
    assert kernel.value("view.src").startswith("/trame/0123-test/pyvista-jupyter/?ui=P_")


def test_a_handler_of_the_users_gets_the_address_of_the_page(kernel: Kernel) -> None:
    cell = kernel.run(
        "def handler(viewer, src, **kwargs):\n    print(src, kwargs['height'])\n    return src\n"
        "plotter = plot()\nplotter.show(jupyter_backend='trame', jupyter_kwargs={'handler': handler})"
    )
    assert cell.stream.split() == [
        f"/trame/0123-test/pyvista-jupyter/?ui={kernel.value('plotter._id_name')}",
        "600px",
    ]


def test_html_and_static_are_left_alone(kernel: Kernel) -> None:
    kernel.run("page = plot().show(jupyter_backend='html', return_viewer=True)")
    assert kernel.value("type(page).__name__") == "EmbeddableWidget"
    assert "image/png" in kernel.run("plot().show(jupyter_backend='static')").data[0]


def test_a_server_of_another_name_is_launched_with_await(kernel: Kernel) -> None:
    kernel.run(
        "from trame_pyvista.jupyter import launch_server\nother = launch_server('other', wslink_backend='aiohttp')"
    )
    assert kernel.run("print(await other.ready)").stream == "True\n"
    assert kernel.value("(other.running, other.port)") == (True, 0)
    cell = kernel.run(
        "plotter = plot()\nplotter.show(jupyter_backend='client', jupyter_kwargs={'name': 'other'})"
    )
    assert cell.data[0][WIDGET_TYPE]["model_id"] == kernel.value("other.view(plotter._id_name).model_id")


def test_outside_a_kernel_nothing_is_changed() -> None:
    calls: list[Any] = []

    def recorder(name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: calls.append((name, args, kwargs)) or kwargs

    names = ("launch_server", "elegantly_launch", "build_url", "Widget")
    module: Any = SimpleNamespace(**{name: recorder(name) for name in names})
    module.show_trame = lambda plotter, **kwargs: kwargs["handler"](plotter.viewer, "http://src", width="1px")
    originals = dict(vars(module))
    undo = patch_viewer(module)
    module.launch_server("a", wslink_backend="aiohttp")
    module.elegantly_launch("b", port=1)
    module.build_url("server", ui="x", host="h")
    viewer = SimpleNamespace(server="no server of ours")
    module.show_trame(SimpleNamespace(viewer=viewer))
    assert calls == [
        ("launch_server", ("a",), {"wslink_backend": "aiohttp"}),
        ("elegantly_launch", ("b",), {"port": 1}),
        ("build_url", ("server",), {"ui": "x", "host": "h"}),
        ("Widget", (viewer, "http://src"), {"width": "1px"}),
    ]
    undo()
    assert vars(module) == originals
