"""Files, downloads, pictures, arrays and times, between a page and a real kernel."""

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import LOAD
from tests.e2e.servers import isolated_environment, running, wait_until
from tests.support import UPLOADS
from tests.support.ports import free_port

MB = 1_000_000
BIG = 100 * MB
OVER_THE_COMM = 20 * MB
ON_DISK_SIZE = 30 * MB

FORM = """\
server = Server("values")
state, ctrl = server.state, server.controller
state.update({"doc": None, "size": 0, "n": 0, "double": 0, "loaded": ""})

@state.change("n")
def on_n(n, **_):
    state.double = int(n) * 2

@state.change("doc")
def on_doc(doc, **_):
    state.size = len(doc["content"] or b"") if doc else 0

@ctrl.trigger("load")
def load(doc):
    state.loaded = f"{doc['name']} {len(doc['content'])}"

with DivLayout(server):
    html.Input(type="range", min=0, max=1000, v_model_number=("n",), classes="slider")
    html.Span("{{ double }}", classes="double")
    html.Input(type="file", change="doc = $event.target.files[0]", classes="file")
    html.Input(type="file", change="trigger('load', [$event.target.files[0]])", classes="argument")
    html.Span("{{ doc && doc.name }}", classes="name")
    html.Span("{{ size }}", classes="size")
    html.Span("{{ loaded }}", classes="loaded")
    html.Span("{{ trame.uploads.map((u) => u.name + ' ' + (u.sent > 0)).join() }}", classes="uploads")
"""
SHOW = f"{FORM}server.start()\ndisplay(server)\n"
HASH = "import hashlib; print(state.doc['type'], state.doc['size'], hashlib.sha256(state.doc['content']).hexdigest())"

ROUND_TRIPS = """async (host, done) => {
    const find = (css) => host.shadowRoot.querySelector(css);
    const slider = find(".slider"), double = find(".double");
    const times = [];
    for (let value = 1; find(done[0]).textContent === done[1]; value = value % 900 + 1) {
        const start = performance.now();
        slider.value = value;
        slider.dispatchEvent(new Event("input"));
        await new Promise((resolve) => {
            const look = () => double.textContent === String(2 * value) && (observer.disconnect(), resolve());
            const observer = new MutationObserver(look);
            observer.observe(double, {childList: true, characterData: true, subtree: true});
            look();
        });
        times.push(performance.now() - start);
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return times.sort((a, b) => a - b);
}"""
"""Moves the slider again and again while the text of an element is what it was; the times, sorted, in ms."""


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    folder = tmp_path_factory.mktemp("files")

    def make(size: int) -> Path:
        path = folder / f"{size}.bin"
        if not path.exists():
            block = os.urandom(MB)
            path.write_bytes(b"".join(block for _ in range(size // MB)))
        return path

    return make


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def upload(lab: Lab, path: Path) -> list[float]:
    """Uploads into ``doc`` while the slider moves; the times of its round trips."""
    view = lab.inline_view()
    view.expect_text(".size", "0")
    view.find(".file").set_input_files(path)
    times: list[float] = view.host.evaluate(ROUND_TRIPS, [".size", "0"])
    view.expect_text(".size", str(path.stat().st_size))
    return times


def test_a_big_file_arrives_while_everything_else_goes_on(lab: Lab, big: Callable[[int], Path]) -> None:
    lab.open_cells([LOAD, SHOW, HASH])
    lab.run(0)
    lab.run(1)
    path = big(BIG)
    times = upload(lab, path)
    lab.run(2)
    assert lab.text_output(2) == f"application/octet-stream {BIG} {digest(path)}\n"
    print(f"{len(times)} round trips, median {times[len(times) // 2]:.1f} ms, worst {times[-1]:.1f} ms")
    assert len(times) > 10, "the slider was moved while the file was on its way"
    assert times[len(times) // 2] < 50


@pytest.mark.long
def test_a_big_file_goes_over_the_comm(bare_lab: Lab, big: Callable[[int], Path]) -> None:
    bare_lab.open_cells([LOAD, SHOW, HASH])
    bare_lab.run(0)
    bare_lab.run(1)
    bare_lab.inline_view().expect_live("comm")
    path = big(OVER_THE_COMM)
    times = upload(bare_lab, path)
    bare_lab.run(2)
    assert bare_lab.text_output(2).endswith(f"{OVER_THE_COMM} {digest(path)}\n")
    print(f"{len(times)} round trips, median {times[len(times) // 2]:.1f} ms, worst {times[-1]:.1f} ms")
    assert len(times) > 3


def test_an_upload_is_shown_and_can_be_given_up(
    lab: Lab, big: Callable[[int], Path], tmp_path: Path, picture: Callable[[str], Path]
) -> None:
    lab.open_cells([LOAD, SHOW, "print(state.doc and len(state.doc['content']))"])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    small = tmp_path / "small.txt"
    small.write_text("hello")
    view.find(".file").set_input_files(small)
    view.expect_text(".size", "5")
    view.find(".file").set_input_files(big(BIG))
    view.expect_text(".name", f"{BIG}.bin")
    view.expect_text(".uploads", f"{BIG}.bin true")
    view.expect_visible(".jt-upload")
    lab.screenshot(picture("progress"))
    view.find(".jt-upload-cancel").click()
    view.expect_text(".name", "small.txt")
    view.expect_hidden(".jt-upload, .jt-upload-bar, .jt-error")
    lab.run(2)
    assert lab.text_output(2) == "5\n"


ON_DISK = """\
from pathlib import Path
from jupyter_trame import UploadedFile
assert isinstance(state.doc, UploadedFile)
path = state.doc.path
with path.open("rb") as stream:
    print(state.doc.name, path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())
"""
RELEASE = "state.doc = None; state.flush(); print(path.exists(), list(path.parent.iterdir()))"


def test_a_file_is_on_disk_until_it_is_released(lab: Lab, big: Callable[[int], Path]) -> None:
    lab.open_cells([LOAD, SHOW, "import hashlib\n" + ON_DISK, RELEASE])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    source = big(ON_DISK_SIZE)
    view.find(".file").set_input_files(source)
    view.expect_text(".size", str(ON_DISK_SIZE))
    lab.run(2)
    assert lab.text_output(2) == f"{source.name} {ON_DISK_SIZE} {digest(source)}\n"
    lab.run(3)
    assert lab.text_output(3) == "False []\n"
    view.expect_text(".size", "0")


def test_a_file_as_an_argument_of_a_trigger(lab: Lab, big: Callable[[int], Path]) -> None:
    lab.open_cells([LOAD, SHOW])
    lab.run_all()
    view = lab.inline_view()
    view.find(".argument").set_input_files(big(5 * MB))
    view.expect_text(".loaded", f"{5 * MB}.bin {5 * MB}")


def test_a_file_over_the_limit_is_refused_with_the_reason(
    lab: Lab, big: Callable[[int], Path], picture: Callable[[str], Path]
) -> None:
    lab.open_cells([LOAD, SHOW, f"{UPLOADS}.limit = 2_000_000"])
    lab.run_all()
    lab.watch.expected.append("a file may have up to 2 MB")
    view = lab.inline_view()
    view.find(".file").set_input_files(big(5 * MB))
    expect(view.find(".jt-error-message")).to_contain_text("has 5 MB: a file may have up to 2 MB")
    view.expect_text(".name", "")
    view.expect_live("websocket")
    lab.screenshot(picture("refused"))


def test_an_upload_during_a_cell_is_taken_when_the_cell_ends(lab: Lab, big: Callable[[int], Path]) -> None:
    wait = "print('busy')\nimport time, pathlib\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    lab.open_cells([LOAD, SHOW, wait])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    lab.run(2, wait=False)
    lab.wait_output(2, "busy")
    view.find(".file").set_input_files(big(5 * MB))
    view.expect_text(".uploads", "")  # all of it has left
    (lab.server.root / "go").touch()
    view.expect_text(".size", str(5 * MB))


DOWNLOADS = """\
import numpy as np
server = Server("downloads")
state, ctrl = server.state, server.controller
values = {
    "text": "hällo", "bytes": b"\\x00\\xff" * 10, "array": np.arange(5, dtype="u1"), "big": bytes(40_000_000),
    "json": {"a": [1, 2]}, "nothing": None,
}

@ctrl.trigger("get")
def get(name):
    return values[name]

with DivLayout(server):
    for name in values:
        html.Button(name, classes=name, click=f"utils.download('{name}.bin', trigger('get', ['{name}']), 'x/y')")
    html.Button("blob", classes="blob", click="utils.download('b.txt', new window.Blob(['here']))")
server.start()
display(server)
"""


@pytest.mark.parametrize("path", [pytest.param("websocket", marks=pytest.mark.long), "comm"])
def test_what_a_trigger_returns_is_saved(path: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue("lab" if path == "websocket" else "bare_lab")
    lab.open_cells([LOAD, DOWNLOADS])
    lab.run_all()
    view = lab.inline_view()
    view.expect_live(path)

    def save(name: str) -> bytes:
        with lab.page.expect_download() as saved:
            view.find(f".{name}").click()
        assert saved.value.suggested_filename == {"blob": "b.txt"}.get(name, f"{name}.bin")
        return Path(saved.value.path()).read_bytes()

    assert save("text").decode() == "hällo"
    assert save("bytes") == b"\x00\xff" * 10
    assert save("array") == bytes(range(5))
    assert json.loads(save("json")) == {"a": [1, 2]}
    assert save("blob") == b"here"
    assert save("big") == bytes(40 * MB)
    lab.watch.expected.append("nothing to save")
    view.find(".nothing").click()
    expect(view.find(".jt-error-message")).to_contain_text("there is nothing to save as nothing.bin")


PICTURES = """\
import zlib, struct
def png(red, green, blue):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = (b"\\x00" + bytes((red, green, blue)) * 8) * 8
    return b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")

server = Server("pictures")
state = server.state
state.picture = png(255, 0, 0)
with DivLayout(server):
    html.Img(src=("picture",), classes="picture", style="width: 64px")
server.start()
display(server)
"""


def test_pictures_are_bytes_and_their_addresses_are_given_up(lab: Lab) -> None:
    lab.open_cells([LOAD, PICTURES, "with state:\n    state.picture = png(0, 0, 255)"])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    # The picture of the saved view, which is there before, is kept with the notebook.
    view.expect_live("websocket")
    view.wait_picture(".picture")
    first = view.find(".picture").get_attribute("src") or ""
    assert first.startswith("blob:")
    assert (
        lab.page.evaluate("(url) => fetch(url).then((r) => r.headers.get('content-type'))", first)
        == "image/png"
    )
    lab.run(2)
    expect(view.find(".picture")).not_to_have_attribute("src", first)
    lab.watch.expected.append("ERR_FILE_NOT_FOUND")
    session = lab.page.context.new_cdp_session(lab.page)

    def is_gone() -> bool:
        session.send("HeapProfiler.collectGarbage")
        gone: bool = lab.page.evaluate("(url) => fetch(url).then(() => false, () => true)", first)
        return gone

    wait_until(is_gone, "the address of the old picture to be given up")


ARRAYS = """\
import datetime as dt
import numpy as np
server = Server("arrays")
state, ctrl = server.state, server.controller
state.update({
    "grid": np.arange(6, dtype="f4").reshape(2, 3), "when": dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
    "raw": b"\\x01\\x02", "back": None, "date": None, "seen": "",
})

@state.change("back", "date")
def on_back(back, date, **_):
    state.seen = f"{type(back).__name__} {back!r} {date!r}"

with DivLayout(server):
    html.Span("{{ grid.dtype }} {{ grid.shape }} {{ grid.data.constructor.name }} {{ grid.data[4] }}", classes="grid")
    html.Span("{{ when.toISOString() }}", classes="when")
    html.Span("{{ raw.constructor.name }} {{ raw.length }}", classes="raw")
    html.Span("{{ seen }}", classes="seen")
    html.Button("array", classes="array", click="back = grid")
    html.Button("typed", classes="typed", click="back = new window.Float32Array([1.5, 2])")
    html.Button("date", classes="date", click="date = new Date(0)")
server.start()
display(server)
"""


@pytest.mark.parametrize("path", ["websocket", pytest.param("comm", marks=pytest.mark.long)])
def test_arrays_and_times_go_both_ways(path: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue("lab" if path == "websocket" else "bare_lab")
    lab.open_cells([LOAD, ARRAYS])
    lab.run_all()
    view = lab.inline_view()
    expect(view.find(".grid")).to_have_text("<f4 [ 2, 3 ] Float32Array 4")
    view.expect_text(".when", "2024-05-06T07:08:09.000Z")
    view.expect_text(".raw", "Uint8Array 2")
    view.find(".array").click()
    expect(view.find(".seen")).to_contain_text("ndarray array([[0., 1., 2.],")
    view.find(".typed").click()
    expect(view.find(".seen")).to_contain_text(r"bytes b'\x00\x00\xc0?\x00\x00\x00@'")
    view.find(".date").click()
    expect(view.find(".seen")).to_contain_text("Timestamp(seconds=0, nanoseconds=0)")


def test_a_page_of_its_own_takes_big_files_too(
    make_page: MakePage, tmp_path: Path, big: Callable[[int], Path]
) -> None:
    program, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    start = f"server.start(port={port}, open_browser=False)\n"
    program.write_text(LOAD.removeprefix("%load_ext jupyter_trame\n") + FORM + start)
    environment = isolated_environment(tmp_path)
    with running([sys.executable, str(program)], f"http://localhost:{port}/", log, environment, tmp_path):
        address = wait_until(
            lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address"
        ).group()
        page, _ = make_page(None)
        page.goto(address)
        view = View(page.locator(HOST))
        view.find(".file").set_input_files(big(BIG))
        expect(view.find(".size")).to_have_text(str(BIG), timeout=60_000)
