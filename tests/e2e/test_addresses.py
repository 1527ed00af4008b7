"""Relative addresses in templates are those of the app's own folders, wherever the app is shown."""

import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.servers import TOKEN, JupyterServer, wait_until

APP = """\
%load_ext jupyter_trame
from pathlib import Path
from jupyter_trame import Server
from trame_client.widgets import client, html
from trame_vuetify.ui.vuetify3 import VAppLayout
from trame_vuetify.widgets import vuetify3 as v

server = Server("pictures")
state = server.state
server.serve["assets"] = str(Path("assets").resolve())
state.name = "two"
with VAppLayout(server), html.Div(style="padding: 8px 40px"):
    html.Img(src="assets/one.png?v=1", classes="written")
    html.Img(src=("'assets/' + name + '.png'",), classes="bound")
    html.Img(srcset="assets/one.png 1x, assets/two.png 2x", classes="candidates")
    html.Video(poster="assets/one.png", classes="film", style="width: 40px; height: 30px")
    v.VImg(src="assets/one.png", width=40, height=30, classes="component")
    html.Div(style="height: 30px; background: url(assets/one.png)", classes="styled")
    html.Div(style=("{ height: '30px', backgroundImage: `url(assets/${name}.png)` }",), classes="styled-bound")
    html.Div(style="height: 30px", classes="ruled")
    html.Svg('<image href="assets/one.png" width="40" height="30" />', classes="drawn", width=40, height=30)
    html.A("Notes", href="assets/notes.txt", classes="link")
    html.Button("Other", click="name = 'one'", classes="other")
    client.Style(".ruled { background-image: url(assets/two.png) }")
server.start()
"""
BACKGROUND = """async (element) => {
    const [, url] = /url\\("(.*)"\\)/.exec(getComputedStyle(element).backgroundImage) ?? [];
    return url ? (await fetch(url)).headers.get("Content-Type") : null;
}"""
ADDRESS = "(element, name) => element[name]?.baseVal ?? element[name]"


def _png(width: int) -> bytes:
    """A picture of one colour, ten pixels high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x17\x69\xd2" * width) * 10
    header = struct.pack(">IIBBBBB", width, 10, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _write_files(root: Path) -> None:
    folder = root / "assets"
    folder.mkdir(exist_ok=True)
    (folder / "one.png").write_bytes(_png(10))
    (folder / "two.png").write_bytes(_png(20))
    (folder / "notes.txt").write_text("what is known", "utf-8")


def _expect_pictures(view: View) -> None:
    view.expect_visible(".link")
    for css in (".written", ".bound", ".candidates", ".component img"):
        view.wait_picture(css)
    for css in (".styled", ".styled-bound", ".ruled"):
        element = view.find(css)
        wait_until(lambda element=element: element.evaluate(BACKGROUND) == "image/png", f"a picture in {css}")
    for css, name in ((".film", "poster"), (".drawn image", "href")):
        element = view.find(css)
        wait_until(lambda element=element, name=name: element.evaluate(ADDRESS, name), f"an address of {css}")
        address = element.evaluate(ADDRESS, name)
        assert element.evaluate("async (e, url) => (await fetch(url)).ok", address), (css, address)
    expect(view.find(".bound")).to_have_js_property("naturalWidth", 20)
    view.find(".other").click()
    expect(view.find(".bound")).to_have_js_property("naturalWidth", 10)


def _shown(lab: Lab, show: str) -> View:
    _write_files(lab.server.root)
    lab.open_cells([f"{APP}{show}"])
    lab.run_all()
    host = lab.page.locator(HOST).first
    return View(host.frame_locator("iframe") if "frame" in show else host, lab.page)


@pytest.mark.parametrize(
    "show",
    [
        "display(server)",
        pytest.param('server.view(embed="frame")', marks=pytest.mark.long),
        pytest.param("server.open('tab')", marks=pytest.mark.long),
    ],
)
def test_they_are_below_the_page_of_the_app(lab: Lab, show: str) -> None:
    view = _shown(lab, show)
    _expect_pictures(view)
    page = f"{lab.server.url}trame/{lab.kernel_id()}/pictures/"
    assert view.find(".written").evaluate("(image) => image.src") == f"{page}assets/one.png?v=1"
    assert view.find(".link").evaluate("(link) => link.href") == f"{page}assets/notes.txt"
    wrong = [url for url in lab.watch.requests if "assets/" in url and not url.startswith(page)]
    assert wrong == []


def test_they_are_beside_a_page_of_its_own(lab: Lab, lab_server: JupyterServer, make_page: MakePage) -> None:
    _shown(lab, "")
    page, _ = make_page(lab_server)
    page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/pictures/?token={TOKEN}")
    _expect_pictures(View(page.locator("body"), page))


@pytest.mark.parametrize(
    "show", [pytest.param("display(server)", marks=pytest.mark.long), 'server.view(embed="frame")']
)
def test_they_are_messages_where_there_is_no_extension(bare_lab: Lab, show: str) -> None:
    view = _shown(bare_lab, show)
    _expect_pictures(view)
    address = view.find(".written").evaluate("(image) => image.src")
    assert address.startswith("blob:")
    with bare_lab.page.context.expect_page() as opened:
        view.find(".link").click()
    expect(opened.value.locator("body")).to_have_text("what is known")
    opened.value.close()
    assert not [url for url in bare_lab.watch.requests if "assets/" in url]
    bare_lab.watch.expected.append("ERR_FILE_NOT_FOUND")
    known = "(url) => fetch(url).then(() => true, () => false)"
    assert bare_lab.page.evaluate(known, address)
    bare_lab.execute("notebook:clear-all-cell-outputs")
    wait_until(lambda: not bare_lab.page.evaluate(known, address), "the end of the address")
