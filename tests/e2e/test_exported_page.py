"""A notebook that nbconvert runs, opened from its file without a network: the last state, and nothing that runs."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Dialog, expect

APP = """
import matplotlib.pyplot as plt
from jupyter_trame import Server, ui
from trame_client.widgets import html

server = Server("Report")
evil = "<script>document.title = 'run'</script><img src=x onerror=\\"document.title = 'run'\\">"
server.state.note = evil
server.state.markup = (
    evil + "<b onclick=\\"document.title = 'run'\\">bold</b><svg onload=\\"document.title = 'run'\\"></svg>"
    "<a href=\\"javascript:document.title = 'run'\\">link</a><img src='http://example.org/seen.png' alt='far'>"
    "<iframe srcdoc=\\"<script>parent.document.title = 'run'</script>\\"></iframe>"
)
with ui.app(server):
    with ui.row():
        ui.slider("n", 1, 10, label="How many")
        ui.text_input("note")
    @ui.output
    def curve(n):
        figure, axes = plt.subplots(figsize=(4, 2))
        axes.plot([n * x for x in range(5)])
        return figure
    html.Div(v_html=("markup",))
server
"""


def test_the_last_state_is_seen_and_nothing_runs(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    cells = [new_code_cell(APP), new_code_cell("server.state.n = 7")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "report.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "report.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=200)

    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        asked, dialogs = list[str](), list[str]()

        def note(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", note)
        page.goto((tmp_path / "report.html").as_uri())
        picture = page.locator(".jp-RenderedHTML", has_text="The last state of an app.")
        expect(picture).to_have_count(1)
        expect(picture.get_by_text("How many")).to_be_visible()
        expect(picture.get_by_text("7", exact=True)).to_be_visible()
        expect(picture.get_by_text("<script>document.title")).to_be_visible()
        curve = picture.get_by_role("img", name="Curve")
        expect(curve).to_be_visible()
        assert curve.evaluate("image => image.complete && image.naturalWidth") > 0
        picture.get_by_text("bold").click()
        picture.get_by_text("link").click()
        assert page.title() == "report"
        assert picture.locator("script, iframe, svg, form, [onclick], [onerror], [href]").count() == 0
        assert not dialogs
        assert not [url for url in asked if "example.org" in url or url.endswith("/x")]
    finally:
        context.close()
