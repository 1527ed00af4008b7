"""Where a page may not evaluate text, no template can be shown: the view says so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakeLab, MakePage
from tests.e2e.lab import HOST, View
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server

SENTENCE = "The content policy of this page forbids evaluating templates (unsafe-eval): the app cannot be shown here."
POLICY = "script-src 'self' 'unsafe-inline' blob:"


@pytest.fixture(scope="module")
def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Its pages may load scripts, and evaluate nothing."""
    with jupyter_server(tmp_path_factory.mktemp("guarded"), policy=POLICY) as server:
        yield server


def _expect_sentence(view: View) -> None:
    expect(view.find(".jt-waiting-step")).to_have_text(SENTENCE)
    expect(view.find(".jt-spinner")).to_have_count(0)


def test_it_is_said_in_a_cell_and_on_a_page(
    make_lab: MakeLab, guarded_server: JupyterServer, make_page: MakePage
) -> None:
    lab = make_lab(guarded_server)
    lab.watch.expected += ["Content Security Policy", "unsafe-eval"]
    lab.open_cells([LOAD, APP])
    lab.run_all()
    _expect_sentence(View(lab.page.locator(HOST).first))
    page, watch = make_page(guarded_server)
    watch.expected.append("Content Security Policy")
    page.goto(f"{guarded_server.url}trame/{lab.kernel_id()}/counter/?token={TOKEN}")
    _expect_sentence(View(page.locator("body")))
