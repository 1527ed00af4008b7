"""Where a page may not evaluate text, no template can be shown: the view says so."""

from playwright.sync_api import expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, Lab, View
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer

SENTENCE = "The content policy of this page forbids evaluating templates (unsafe-eval): the app cannot be shown here."
FORBID = """() => {
    const meta = document.createElement("meta");
    meta.httpEquiv = "Content-Security-Policy";
    meta.content = "script-src 'self' 'unsafe-inline' blob:";
    document.head.append(meta);
}"""
"""From now on; JupyterLab itself evaluates text when it starts."""


def _expect_sentence(view: View) -> None:
    expect(view.find(".jt-waiting-step")).to_have_text(SENTENCE)
    expect(view.find(".jt-spinner")).to_have_count(0)


def test_it_is_said_in_a_cell_and_on_a_page(lab: Lab, lab_server: JupyterServer, make_page: MakePage) -> None:
    lab.watch.expected.append("Content Security Policy")
    lab.open_cells([LOAD, APP])
    lab.run(0)
    lab.page.evaluate(FORBID)
    lab.run(1)
    _expect_sentence(View(lab.page.locator(HOST).first))
    page, watch = make_page(lab_server)
    watch.expected.append("Content Security Policy")
    page.add_init_script(f"document.addEventListener('readystatechange', {FORBID}, {{ once: true }})")
    page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/counter/?token={TOKEN}")
    _expect_sentence(View(page.locator("body")))
