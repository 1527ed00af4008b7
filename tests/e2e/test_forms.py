"""Forms and links of an app take no page away, wherever it is shown; handlers of the app run."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import MakePage
from tests.e2e.lab import HOST, TAB_HOST, Lab, View
from tests.e2e.notebooks import LOAD, write_notebook
from tests.e2e.servers import TOKEN, JupyterServer

APP = """\
server = Server("forms")
state = server.state
state.update({"said": "", "text": "", "elsewhere": "data:text/plain,elsewhere"})

@server.trigger("say")
def say(word):
    state.said += word

state.trame__template_main = '''<div>
  <form class="plain" @submit="trigger('say', ['a'])"><input class="text" v-model="text"><button>Send</button></form>
  <form class="quiet"><input class="text"><button>Send</button></form>
  <form class="stopped" @submit.stop="trigger('say', ['b'])"><button type="submit">Send</button></form>
  <div v-html="'<form class=markup><button>Send</button></form>'"></div>
  <form ref="form" class="script"><button type="button" class="submit"
    @click="$event.target.form.submit(); $event.target.form.requestSubmit(); trigger('say', ['c'])">Send</button></form>
  <teleport to="body"><form class="moved" @submit="trigger('say', ['d'])"><button>Send</button></form></teleport>
  <form class="leaving" action="/api" target="_top"><button>Leave</button></form>
  <a class="link" href="/api">Leave</a>
  <span class="said">{{ said }}</span>
</div>'''
server.start()
"""


def use_every_form(view: View, page: Page) -> None:
    """Submits each in its own way; the page must be the same one afterwards, and Python have heard of it."""
    frame = view.find(".plain").element_handle().owner_frame() or page.main_frame
    for place in (page.main_frame, frame):
        place.evaluate("() => { window.stillHere = true; }")
    view.find(".plain button").click()
    view.expect_text(".said", "a")
    view.find(".plain .text").fill("word")
    view.find(".plain .text").press("Enter")
    view.expect_text(".said", "aa")
    view.find(".quiet button").click()
    view.find(".quiet .text").press("Enter")
    view.find(".stopped button").click()
    view.expect_text(".said", "aab")
    view.find(".markup button").click()
    view.find(".script button").click()
    view.expect_text(".said", "aabc")
    moved = frame.locator(".moved button").last
    moved.evaluate("(button) => button.click()")
    view.expect_text(".said", "aabcd")
    for place in (page.main_frame, frame):
        assert place.evaluate("() => window.stillHere") is True


def leave(view: View, page: Page) -> None:
    """What has an address of its own opens it beside the page."""
    for css in (".leaving button", ".link"):
        with page.context.expect_page() as opened:
            view.find(css).first.click()
        expect(opened.value).not_to_have_url("about:blank")
        opened.value.close()
    assert page.evaluate("() => window.stillHere") is True


@pytest.mark.parametrize("embed", ["auto", pytest.param("frame", marks=pytest.mark.long)])
def test_forms_in_a_cell_take_no_page_away(lab: Lab, embed: str) -> None:
    lab.open_cells([LOAD, APP, f"server.view(embed={embed!r})"])
    lab.run_all()
    host = lab.page.locator(HOST).first
    view = View(host if embed == "auto" else lab.page.frame_locator(f"{HOST} iframe"), lab.page)
    use_every_form(view, lab.page)
    leave(view, lab.page)


def test_forms_in_a_tab_take_no_page_away(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "server.open('tab')"])
    lab.run_all()
    view = View(lab.page.locator(TAB_HOST).first, lab.page)
    use_every_form(view, lab.page)
    leave(view, lab.page)


def test_forms_on_a_page_stay_there(lab: Lab, lab_server: JupyterServer, make_page: MakePage) -> None:
    lab.open_cells([LOAD, APP])
    lab.run_all()
    page, watch = make_page(lab_server)
    page.goto(f"{lab_server.url}trame/{lab.kernel_id()}/forms/?token={TOKEN}")
    view = View(page.locator(HOST), page)
    use_every_form(view, page)
    # The page is the app's own: an address leads there.
    view.find(".link").click()
    expect(page).to_have_url(f"{lab_server.url}api")
    watch.expected.append("favicon")


def test_forms_in_voila_take_no_page_away(make_page: MakePage, voila_server: JupyterServer) -> None:
    path = write_notebook(voila_server.root / "forms.ipynb", [LOAD, f"{APP}display(server)"])
    page, _ = make_page(voila_server)
    page.goto(f"{voila_server.url}voila/render/{path.name}", timeout=60_000)
    use_every_form(View(page.locator(HOST), page), page)
