"""Igor's clients in pages of JupyterLab: rows 13 and 14, in a cell, in a lab tab and in a view of an app."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.docs.pages import ROOT
from tests.e2e.lab import Lab

NOTEBOOK = ROOT / "notebooks" / "03_igor.ipynb"
OUTPUTS = {
    "igor-page": "Hello Ada: ▮{20}$",
    "igor-count": "a client hears [0-9]+",
    "igor-visits": "2 of yours, 2 of all",
    "igor-file": "Hello from a file",
}
"""Class of a line that a cell of the notebook shows -> what it says."""

SERVER = """
%load_ext jupyter_trame
from jupyter_trame.igor import IgorServer

def echo(output, data, **kwargs):
    output.send(f"echo {data}")

def count(output, data, **kwargs):
    for number in range(data):
        output.send(number)

def remember(output, data, *, session, **kwargs):
    session["value"] = data

def recall(output, data, *, session, **kwargs):
    output.send(session.get("value"))

async def news(output, **kwargs):
    import asyncio
    for number in range(10**6):
        output.send("tick", number)
        await asyncio.sleep(0.05)

robot = IgorServer({"echo": echo, "count": count, "remember": remember, "recall": recall}, name="robot")
robot.add_process("news", news)
robot.run_forever()
"""

CLIENT = '''
robot.javascript("""
const show = (name) => {
  const line = document.createElement("p");
  line.className = `igor-${name}`;
  element.append(line);
  return (text) => { line.textContent = text; };
};
const [said, status, tick] = ["said", "status", "tick"].map(show);
client.onStatus(status);
client.onProcess("news", ({ data }) => tick(`tick ${data}`));
window.igorClient = client;
(window.igorClients ??= []).push(client);
await client.introduce(`page ${Math.random()}`);
const [answer] = await client.dispatch("echo", "hé").promise;
const numbers = await client.dispatch("count", 3).promise;
said(`${answer}; ${numbers}`);
""")
'''


@pytest.fixture
def talking(lab: Lab) -> Iterator[Lab]:
    """The window is used again, and clients would look for their server in it."""
    yield lab
    lab.page.evaluate("() => (window.igorClients ?? []).splice(0).forEach((client) => client.close())")


def output(lab: Lab, index: int = 1) -> Locator:
    return lab.page.locator(f".jp-Notebook [data-windowed-list-index='{index}'] .jp-OutputArea").first


def expect_talk(place: Locator) -> None:
    expect(place.locator(".igor-said")).to_have_text("echo hé; 0,1,2")
    first = place.locator(".igor-tick").text_content(timeout=30_000)
    expect(place.locator(".igor-tick")).not_to_have_text(str(first))


def test_row_13_a_cell_and_a_lab_tab(talking: Lab) -> None:
    lab = talking
    lab.open_cells([SERVER, CLIENT])
    lab.run_all()
    expect_talk(output(lab))
    lab.select(1)
    lab.execute("notebook:create-output-view")
    tab = lab.page.locator("#jp-main-dock-panel .jp-LinkedOutputView")
    expect_talk(tab)


CUT = "for client in robot.clients.values():\n    robot._life._loop.call_soon_threadsafe(client.abort)"


def test_row_13_the_client_comes_back_within_the_grace(talking: Lab) -> None:
    lab = talking
    lab.open_cells([SERVER, CLIENT, CUT])
    lab.run(0)
    lab.run(1)
    expect_talk(output(lab))
    lab.page.evaluate("async () => { await igorClient.dispatch('remember', 7).promise; }")
    lab.page.evaluate(
        """() => {
            window.igorStatuses = [];
            igorClient.onStatus((status) => igorStatuses.push(status));
        }"""
    )
    lab.run(2)
    lab.page.wait_for_function("() => igorStatuses.join() === 'lost,connecting,open'")
    assert lab.page.evaluate("() => igorClient.dispatch('recall').promise") == [7]


def test_row_13_who_is_not_signed_in(talking: Lab, browser: Browser) -> None:
    lab = talking
    lab.open_cells([SERVER, CLIENT])
    lab.run_all()
    expect_talk(output(lab))
    address = lab.page.evaluate("igorClient.url")
    own = "(address) => new Promise((done) => { const ws = new WebSocket(address);"
    own += " ws.onopen = () => { ws.close(); done('open'); }; ws.onerror = () => done('refused'); })"
    assert lab.page.evaluate(own, address) == "open", "a browser's own WebSocket, with the cookie"
    stranger = browser.new_context()
    try:
        page = stranger.new_page()
        page.goto(f"{lab.server.url}login")
        assert page.evaluate(own, address) == "refused"
        other = stranger.new_page()
        other.goto("about:blank")
        assert other.evaluate(own, address) == "refused"
    finally:
        stranger.close()


APP = """
from jupyter_trame import Server
from trame_client.ui.html import DivLayout
from trame_client.widgets import html
app = Server("robot-app")
app.state.update({"latest": None, "all": []})
beside = IgorServer({"count": count}, name="beside", server=app)
with DivLayout(app):
    html.Button("count", click="trigger('igor.beside.count', [4, 'latest']).then((v) => { all = v; })", classes="count")
    html.Span("{{ latest }}", classes="latest")
    html.Span("{{ all }}", classes="all")
app.start()
display(app)
"""


def test_row_14_an_action_is_called_from_a_view(lab: Lab) -> None:
    lab.open_cells([SERVER, APP])
    lab.run_all()
    view = lab.inline_view()
    view.find(".count").click()
    view.expect_text(".latest", "3")
    view.expect_text(".all", "[ 0, 1, 2, 3 ]")


def test_the_client_as_a_module_of_the_extension(lab: Lab) -> None:
    """Where modules are served: `igor.js` beside the client of apps."""
    lab.open_cells([SERVER])
    lab.run_all()
    url = f"{lab.server.url}trame/static/igor.js"
    kernel = lab.kernel_id()
    found = lab.page.evaluate(
        """async ([url, address]) => {
            const { connect } = await import(url);
            const client = connect(address);
            const found = await client.dispatch("echo", 1).promise;
            client.close();
            return found;
        }""",
        [url, f"trame/igor/{kernel}/robot/ws"],
    )
    assert found == ["echo 1"]


def test_files_of_a_notebook(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "page.html").write_text("<script>document.title = 'ran'</script><p>text</p>")
    options = f'{{"file_server": True, "file_server_config": {{"root_directory": {str(folder)!r}}}}}'
    lab.open_cells(
        [SERVER, f'files = IgorServer({{}}, {options}, name="files")\nfiles.start()\nprint(files.file_url)']
    )
    lab.run_all()
    address = lab.server.url + lab.text_output(1).strip() + "page.html"
    page = lab.page.context.new_page()
    page.goto(address)
    expect(page.locator("p")).to_have_text("text")
    assert page.title() != "ran", "a file runs no script"
    page.close()


def test_the_notebook(own_lab: Lab, picture: Callable[[str], Path]) -> None:
    """As a reader runs it: each output shows what its text says."""
    source = NOTEBOOK.read_text("utf-8")
    cells = ["".join(cell["source"]) for cell in json.loads(source)["cells"] if cell["cell_type"] == "code"]
    shown = {name: next(i for i, cell in enumerate(cells) if name in cell) for name in OUTPUTS}
    app = next(i for i, cell in enumerate(cells) if cell.endswith("\napp"))
    lab = own_lab
    lab.open_cells(cells[:-1])
    lab.run_all(120)
    for name, text in OUTPUTS.items():
        lab.scroll_to(shown[name])
        expect(output(lab, shown[name]).locator(f".{name}")).to_have_text(re.compile(text), timeout=30_000)
    lab.scroll_to(app)
    view = lab.inline_view()
    before = view.find(".count").text_content()
    expect(view.find(".count")).not_to_have_text(str(before))
    view.find(".steps").click()
    expect(view.find(".progress")).to_have_js_property("value", 20, timeout=30_000)
    lab.screenshot(picture("app"))
