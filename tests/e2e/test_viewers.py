"""What one viewer writes runs in no other viewer's page, wherever that is shown and whatever the template binds."""

import asyncio
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from jupyter_trame.client import Client
from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.servers import TOKEN, JupyterServer, isolated_environment, running, wait_until
from tests.support.ports import free_port

APP = """\
from pathlib import Path
from jupyter_trame import Server
from trame_client.widgets import html
from trame_vuetify.ui.vuetify3 import VAppLayout
from trame_vuetify.widgets import vuetify3 as v

server = Server("shared")
state = server.state
server.serve["data"] = str(Path("data").resolve())
state.update({
    "link": None, "page": "", "name": "title", "code": "", "object": "b", "node": "", "bytes": b"", "items": [],
    "icon": "mdi-home", "tag": "b", "markup": "", "done": 0, "odd": "title", "times": 2, "part": "none",
})
TEMPLATE = '''
<a class="probe" :href="link">link</a>
<a class="probe" :href="link" target="_blank">tab</a>
<svg width="20" height="20"><a class="probe" :href="link"><text y="20">x</text></a>
  <a class="probe" :xlink:href="link"><text y="20">x</text></a>
  <a class="probe"><text y="20">x</text><set attributeName="href" :to="link"></set></a>
  <g class="probe" :onclick="code"><text y="20">x</text></g></svg>
<form :action="link" class="form"><button>form</button></form>
<form><button class="form" :formaction="link">button</button></form>
<iframe :src="link"></iframe><embed :src="link"><object :data="link"></object>
<iframe class="written" :srcdoc="page"></iframe>
<b class="probe" v-bind:[name]="code">dynamic</b>
<b class="probe" :onclick="code">handler</b>
<component :is="object"></component>
<component :is="node"></component>
<component :is="tag">{{ code }}</component>
<img class="picture" :src="bytes"><iframe class="bytes" :src="bytes"></iframe>
<a class="probe" :href="bytes" target="_blank">bytes</a>
<iframe class="served" src="data/page.html"></iframe>
<a class="served-link" href="data/page.html" target="_blank">served</a>
<v-btn class="probe" :href="link">component</v-btn>
<v-img :src="link" width="10" height="10"></v-img>
<v-icon :icon="icon"></v-icon>
<v-list :items="items"></v-list>
<p class="markup" v-html="markup"></p>
<b class="odd" v-bind:[odd]="done" :ref="odd"><i>odd</i></b>
<b :title="odd" :style="odd" :class="odd" v-on="odd" v-bind="odd">{{ odd }}</b>
<component :is="odd" :key="odd">x</component>
<select :value="odd" :tabindex="odd"><option :value="odd">x</option></select>
<v-btn :class="odd" :style="odd" :title="odd" :color="odd">{{ odd }}</v-btn>
<template v-for="i in times"><template v-if="i < 4"><i class="time"></i></template></template>
<trame-template :template-name="part"></trame-template>
<p class="done">{{ done }}</p>
'''
with VAppLayout(server) as layout:
    html.Div(TEMPLATE)
"""

REFUSALS = [
    "sandbox",
    "Blocked",
    "javascript:",
    "localStorage",
    "SecurityError",
    "data:text/html",
    "object-src",
    ":is: a value is neither",
    "v-bind: a value is no object",
]
"""Parts of what the browser, and the view, say of what they did not do."""

MARK = "localStorage.setItem('ran-' + '{}', location.href)"


def _code(name: str) -> str:
    return f"window.name = 'x', {MARK.format(name)}"


def _element(name: str) -> str:
    return f'<img src="data:," onerror="{_code(name)}">'


def _attacks() -> list[dict[str, Any]]:
    """Values of one viewer, written one after the other."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>{_code("svg")}</script></svg>'
    )
    forged = {"__v_isVNode": True, "__v_skip": True, "shapeFlag": 1, "type": "div"}
    return [
        {
            "link": f"javascript:{_code('link')}",
            "page": f"<script>{_code('page')}</script>",
            "name": "onclick",
            "code": _code("handler"),
            "object": {"template": f"<div>{_element('template')}</div>"},
            "node": forged | {"props": {"innerHTML": _element("node")}},
            "tag": "script",
            "bytes": svg.encode(),
            "icon": {"template": f"<div>{_element('icon')}</div>"},
            "items": [
                {"title": "1", "value": 1, "props": {"href": f"javascript:{_code('item')}"}},
                {"title": "2", "value": 2, "props": {"innerHTML": _element("item")}},
                {"title": "3", "value": 3, "props": {"onclick": _code("item"), "class": "probe"}},
                {"title": forged | {"props": {"innerHTML": _element("title")}}, "value": 4},
            ],
        },
        {
            "link": f" java\nscript:{_code('spaced')}",
            "name": "innerHTML",
            "code": _element("dynamic"),
            "object": {"mixins": [{"template": f"<div>{_element('mixin')}</div>"}]},
            "tag": "iframe",
        },
        {"link": f"data:text/html,<script>{_code('data')}</script>", "name": ".innerHTML"},
        {"link": [f"javascript:{_code('list')}"], "name": "srcdoc", "tag": "base", "code": ["x"]},
    ]


def _served(root: Path) -> None:
    (root / "data").mkdir(exist_ok=True)
    script = f"document.title = 'it runs'; document.body.textContent = 'shown'; {MARK.format('served')}"
    (root / "data" / "page.html").write_text(f"<body><script>{script}</script></body>")


def _write(address: str, values: dict[str, Any]) -> None:
    """As another viewer."""

    async def write() -> None:
        async with Client(address) as client:
            with client.state:
                client.state.update(values)
            # It is answered after what was written before.
            await client.call("trame.state.get")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, write()).result(timeout=30)


def _ran(page: Page) -> list[str]:
    """What has run with the rights of the page."""
    script = "Object.keys(localStorage).filter((key) => key.startsWith('ran-'))"
    return list(page.evaluate(script))


def _try_everything(view: View) -> None:
    """Clicks whatever may be clicked, and waits for what that would have done."""
    for probe in view.find(".probe").all():
        probe.evaluate(
            "(element) => element.dispatchEvent("
            "new MouseEvent('click', { bubbles: true, composed: true, cancelable: true }))"
        )
    for item in view.find(".v-list-item").all():
        item.evaluate("(element) => element.click()")
    view.page.evaluate("new Promise((done) => setTimeout(() => setTimeout(done)))")


def _attack(view: View, write: Any) -> None:
    view.expect_text(".done", "0")
    page = view.page
    page.evaluate("localStorage.clear()")  # a window may have been another test's
    for number, values in enumerate(_attacks(), 1):
        write({**values, "done": number})
        view.expect_text(".done", str(number))
        _try_everything(view)
        assert _ran(page) == []
        # Without one a form is sent to the page that it is in.
        for form in view.find(".form").all():
            assert not {"action", "formaction"} & set(form.evaluate("(form) => form.getAttributeNames()"))
        assert view.find(".v-application script").count() == 0
    view.wait_picture(".picture")
    assert view.find(".picture").evaluate("(image) => image.src").startswith("data:image/svg+xml")
    assert view.find(".written").get_attribute("sandbox")
    # What the app chooses to show as markup is the app's, and says that such code would have been seen.
    write({"markup": _element("chosen"), "done": 99})
    view.expect_text(".done", "99")
    wait_until(lambda: _ran(page) == ["ran-chosen"], "the markup that the app chose")


ODD: list[Any] = [
    "1 x",
    "a b",
    5,
    -1,
    ["a b", {"toString": "x"}],
    {"toString": "x", "valueOf": 1},
    {"color": {"toString": "x"}, "1 x": 1, "ref": {"r": 1}, "style": 5},
    {"i": {"refs": {}}, "r": "x", "key": {}, "is": {"toString": 1}},
    "outerText",
    ".insertBefore",
    "constructor",
]
"""Values that a template puts where they have no place; each once left a half-drawn page behind."""


def _frame(page: Page) -> Frame | None:
    return next((frame for frame in page.frames if "page.html" in frame.url or _shows(frame)), None)


def _shows(frame: Frame) -> bool:
    return frame.url.startswith("blob:") and frame.locator("body").inner_text() == "shown"


def _expect_served(page: Page) -> None:
    """The page in the frame runs, and is not of this origin."""
    frame = wait_until(lambda: _frame(page), "the served page in its frame")
    expect(frame.locator("body")).to_have_text("shown")
    assert frame.evaluate("self.origin") == "null"


@pytest.mark.parametrize(
    "show",
    ["server", 'server.view(embed="frame")', pytest.param("server.open('tab')", marks=pytest.mark.long)],
)
def test_in_jupyterlab(own_lab: Lab, show: str) -> None:
    _served(own_lab.server.root)
    own_lab.watch.expected.extend(REFUSALS)
    own_lab.open_cells([f"%load_ext jupyter_trame\n{APP}\nserver.start()\n{show}"])
    own_lab.run_all()
    host = own_lab.page.locator(HOST).first
    view = View(host.frame_locator("iframe") if "frame" in show else host, own_lab.page)
    address = f"{own_lab.server.url}trame/{own_lab.kernel_id()}/shared/"
    _attack(view, lambda values: _write(f"{address}?token={TOKEN}", values))
    _expect_served(own_lab.page)


def test_on_a_page_of_jupyter(lab: Lab, lab_server: JupyterServer, make_page: MakePage) -> None:
    _served(lab.server.root)
    lab.open_cells([f"%load_ext jupyter_trame\n{APP}\nserver.start()"])
    lab.run_all()
    address = f"{lab.server.url}trame/{lab.kernel_id()}/shared/"
    page, watch = make_page(lab_server)
    watch.expected.extend(REFUSALS)
    page.goto(f"{address}?token={TOKEN}")
    _attack(
        View(page.locator("body"), page),
        lambda values: _write(f"{address}?token={TOKEN}", values),
    )
    _expect_served(page)
    page.goto(f"{address}data/page.html")
    expect(page).to_have_title("it runs")
    assert page.evaluate("self.origin") == "null"


@pytest.mark.parametrize(
    "show",
    [pytest.param(show, marks=pytest.mark.long) for show in ("server", 'server.view(embed="frame")')],
)
def test_without_the_extension(bare_lab: Lab, show: str) -> None:
    lab = bare_lab
    _served(lab.server.root)
    lab.watch.expected.extend(REFUSALS)
    cells = [f"%load_ext jupyter_trame\n{APP}\nserver.start()\n{show}"]
    cells += [f"state.update({ {**values, 'done': number}!r})" for number, values in enumerate(_attacks(), 1)]
    cells.append(f"state.update({ {'markup': _element('chosen'), 'done': 99}!r})")
    lab.open_cells(cells)
    lab.run(0)
    host = lab.page.locator(HOST).first
    view = View(host.frame_locator("iframe") if "frame" in show else host, lab.page)
    _attack(view, lambda values: lab.run(min(values["done"], len(cells) - 1)))
    _expect_served(lab.page)
    with lab.page.expect_download() as saved:
        view.find(".served-link").evaluate("(link) => link.click()")
    assert saved.value.suggested_filename == "page.html"


@pytest.fixture(params=["tornado", pytest.param("aiohttp", marks=pytest.mark.long)])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a running program."""
    start = f"\nserver.start(port=int(sys.argv[1]), open_browser=False, backend={request.param!r})\n"
    path, log, port = tmp_path / "app.py", tmp_path / "app.log", free_port()
    path.write_text(f"import sys\n{APP}{start}")
    _served(tmp_path)
    command = [sys.executable, str(path), str(port)]
    with running(command, f"http://localhost:{port}/", log, isolated_environment(tmp_path), tmp_path):
        found = wait_until(lambda: re.search(r"http://localhost:\S+", log.read_text()), "the address")
        yield found.group()


def test_on_the_page_of_a_program(program: str, make_page: MakePage) -> None:
    page, watch = make_page(None)
    watch.expected.extend(REFUSALS)
    page.goto(program)
    _attack(View(page.locator(HOST), page), lambda values: _write(program, values))
    _expect_served(page)


def test_a_value_without_a_place_leaves_the_rest_alone(program: str, make_page: MakePage) -> None:
    page, watch = make_page(None)
    watch.expected.extend([*REFUSALS, "jupyter_trame: "])
    page.goto(program)
    view = View(page.locator(HOST), page)
    view.expect_text(".done", "0")
    done = 0
    for odd in ODD:
        for value in (odd, "title"):
            done += 1
            _write(program, {"odd": value, "done": done})
            view.expect_text(".done", str(done))
        assert view.find(".odd").get_attribute("title") == str(done)
        assert view.find(".odd i").count() == 1
    # Without end: a range, and a template in itself.
    _write(program, {"times": 10**9, "part": "main", "done": 100})
    view.expect_text(".done", "100")
    assert view.find(".time").count() == 3
    assert view.find(".done").count() == 1
    expect(page.locator(".jt-error-message").filter(has_text="contains itself")).to_have_count(1)
    expect(page.locator(".jt-error-message").filter(has_text="only the first")).to_have_count(1)
    # Who comes while it is there sees the rest.
    _write(program, {"odd": ODD[5], "done": 101})
    page.reload()
    view.expect_text(".done", "101")
    _write(program, {"odd": "title", "times": 1, "part": "none", "done": 102})
    view.expect_text(".done", "102")
    assert view.find(".time").count() == 1
    assert view.find(".odd").get_attribute("title") == "102"
