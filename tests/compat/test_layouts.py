"""Layouts and apps as values of cells."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_trame.compat.layouts import is_in_kernel, patch_layouts
from tests.compat.support import OURS, started
from tests.kernel.support import WIDGET_TYPE, Cell, Kernel, Views, listening_ports, run

APP = """
from trame.app import TrameApp, get_server
from trame.ui.html import DivLayout
from trame.widgets import html

class App(TrameApp):
    def __init__(self, server=None):
        super().__init__(server)
        self.state.count = 1
        with DivLayout(self.server, height="250px") as self.ui:
            html.Button("{{ count }}", click=self.add)

    def add(self):
        self.state.count += 1

def view_of(layout):
    return layout.server.view(template=layout.template_name)
"""


@pytest.fixture(scope="module", autouse=True)
def app(kernel: Kernel) -> None:
    kernel.run(APP)


def shown(cell: Cell) -> list[str]:
    """The models of the widgets that a cell shows; there is nothing but widgets."""
    assert "<iframe" not in str(cell.data)
    assert "localhost" not in str(cell.data)
    return [data[WIDGET_TYPE]["model_id"] for data in cell.data]


def test_an_app_shows_its_layout_and_starts(kernel: Kernel) -> None:
    ports = listening_ports(kernel.pid)
    cell = kernel.run("app = App('shown')\napp")
    assert shown(cell) == [kernel.value("view_of(app.ui).model_id")]
    assert "Launching" not in str(cell.data)
    assert kernel.value("(app.server.running, app.server.port)") == (True, 0)
    assert listening_ports(kernel.pid) == ports


def test_the_app_works(kernel: Kernel) -> None:
    kernel.run("app = App('works')\napp")

    async def scenario(views: Views) -> None:
        client = await views("works")
        assert client.state["count"] == 1
        template = client.state["trame__template_main"]
        await client.trigger(template.partition("trigger('")[2].partition("'")[0])
        await client.until(lambda: client.state["count"] == 2)

    run(kernel, scenario)


def test_a_layout_can_be_awaited_and_shown(kernel: Kernel) -> None:
    cell = kernel.run("app = App('awaited')\nprint(await app.ui.ready, app.server.running)\napp.ui")
    assert cell.stream.strip() == "True True"
    assert shown(cell) == [kernel.value("view_of(app.ui).model_id")]


def test_display_cell_takes_a_size(kernel: Kernel) -> None:
    cell = kernel.run("app = App('sized')\nawait app.display_cell(height=300, width='50%')")
    assert shown(cell) == [kernel.value("view_of(app.ui).model_id")]
    assert kernel.value("(app.ui.ipywidget.layout.height, app.ui.ipywidget.layout.width)") == ("300px", "50%")


def test_a_widget_has_the_size_of_its_layout(kernel: Kernel) -> None:
    kernel.run("from ipywidgets import HBox\napp = App('box')\nbox = HBox([app.ui.ipywidget])")
    assert kernel.value("box.children[0] is view_of(app.ui)")
    assert kernel.value("(box.children[0].layout.height, box.children[0].layout.width)") == ("250px", "100%")


def test_each_layout_is_a_view_of_its_own(kernel: Kernel) -> None:
    kernel.run("app = App('two')")
    cell = kernel.run(
        "from IPython.display import display\n"
        "with DivLayout(app.server, template_name='side') as side:\n    html.B('x')\n"
        "child = app.server.create_child_server(prefix='c_')\n"
        "with DivLayout(child, template_name='inner') as inner:\n    html.B('y')\n"
        "display(app.ui, side, inner)"
    )
    models = shown(cell)
    assert len(set(models)) == 3
    assert kernel.value("[view_of(x).template for x in (app.ui, side, inner)]") == ["main", "side", "inner"]
    assert models == kernel.value("[view_of(x).model_id for x in (app.ui, side, inner)]")


def test_the_address_is_that_of_the_page(kernel: Kernel) -> None:
    kernel.run("app = App('A page')\nwith DivLayout(app.server, template_name='side') as side: pass")
    assert kernel.value("app.ui.url") == "/trame/0123-test/a-page/"
    assert kernel.value("side.url") == "/trame/0123-test/a-page/?ui=side"
    assert "<iframe" not in kernel.value("app.ui._jupyter_content()")


def test_a_class_without_a_layout_is_trames_own_affair(kernel: Kernel) -> None:
    cell = kernel.run("class Bare(TrameApp): pass\nBare('bare')")
    assert "Launching trame server" in str(cell.data)


def test_a_server_with_a_port_keeps_its_frame(kernel: Kernel) -> None:
    kernel.run(
        "app = App('port')\napp.server.start(backend='tornado', exec_mode='task', port=0, open_browser=False)"
    )
    cell = kernel.run("await app.server.ready\napp.ui")
    address = kernel.value("app.ui.url")
    assert address == f"http://localhost:{kernel.value('app.server.port')}/index.html?ui=main&reconnect=auto"
    assert address.replace("&", "&") in kernel.value("app.ui.ipywidget.value")
    assert len(cell.data) >= 1
    kernel.run("await app.server.stop()")


def test_the_extension_says_that_it_came_too_late(fresh_kernel: Kernel) -> None:
    cell = fresh_kernel.run("import trame.app\n%load_ext jupyter_trame")
    assert "trame_server is imported already" in cell.stream
    assert "Restart the kernel" in cell.stream
    fresh_kernel.run("from jupyter_trame import Server\nserver = Server('still')\nserver.start()")
    assert fresh_kernel.record.servers[0].slug == "still"


def test_installing_in_a_kernel_is_enough(fresh_kernel: Kernel) -> None:
    cell = fresh_kernel.run(
        "from jupyter_trame import compat\ncompat.install()\n" + APP + "app = App('plain')\napp"
    )
    assert len(shown(cell)) == 1


def test_other_servers_are_none_of_ours() -> None:
    assert not is_in_kernel(SimpleNamespace(name="static content generator"))


def test_outside_a_kernel_a_layout_is_what_it_was(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from jupyter_trame import compat\n"
        "from trame.app import get_server\nfrom trame.ui.html import DivLayout\n"
        "server = get_server()\nwith DivLayout(server) as layout: pass\n"
        "print(layout.url, '<pre' in layout._jupyter_content(), type(layout.ipywidget).__name__)\n"
        "compat.uninstall()\nprint(layout.url)\n"
    )
    with started(OURS, program) as running:
        assert running.wait() == 0
        assert running.output == "Server is not running True HTML\nServer is not running\n"


def test_a_layout_without_the_private_part_is_changed_in_the_rest() -> None:
    class Layout:
        server = None

        @property
        def ipywidget(self) -> str:
            return "a widget of trame"

        @property
        def url(self) -> str:
            return "an address of trame"

        def _ipython_display_(self) -> None:
            """As trame shows it."""

    module: Any = SimpleNamespace(AbstractLayout=Layout)
    before = dict(vars(Layout))
    undo = patch_layouts(module)
    assert vars(Layout)["_ipython_display_"] is not before["_ipython_display_"]
    assert "_jupyter_content" not in vars(Layout)
    assert (Layout().ipywidget, Layout().url) == ("a widget of trame", "an address of trame")
    undo()
    assert vars(Layout)["_ipython_display_"] is before["_ipython_display_"]
