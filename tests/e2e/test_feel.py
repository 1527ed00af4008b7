"""How an app feels under the hand: sliders, keys, focus, first paint, frames, marks."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.lab import Lab, View
from tests.e2e.notebooks import LOAD

SLOW = """\
import time
server = Server("slow")
state, ctrl = server.state, server.controller
state.update({"n": 0, "handled": 0, "word": "", "query": ""})

@state.change("n")
def on_n(n, **_):
    time.sleep(0.1)
    state.n = min(int(n), 80)
    state.handled += 1

@ctrl.set("search")
def search(text):
    state.query += text + ";"

def wait():
    time.sleep(1)

with DivLayout(server):
    html.Input(type="range", min=0, max=100, v_model_number=("n",), classes="slider", style="width: 600px")
    html.Span("{{ n }}", classes="n")
    html.Span("{{ handled }}", classes="handled")
    html.Input(
        classes="search",
        input=f"debounce(200, () => trigger('{ctrl.trigger_name(ctrl.search)}', [$event.target.value]))",
    )
    html.Span("{{ query }}", classes="query")
    html.Button("wait", click=wait, classes="wait")
server.start()
display(server)
"""

WATCH_SLIDER = """(host) => {
    const slider = host.shadowRoot.querySelector(".slider");
    window.jumps = [];
    window.moves = 0;
    let last = Number(slider.value);
    slider.addEventListener("input", () => { last = Number(slider.value); window.moves += 1; });
    const look = () => {
        const now = Number(slider.value);
        if (now !== last && window.watching) window.jumps.push([last, now]);
        requestAnimationFrame(look);
    };
    window.watching = true;
    look();
}"""
"""Notes each frame in which the slider stands elsewhere than where the hand left it."""


def show(lab: Lab, *cells: str) -> View:
    lab.open_cells([LOAD, *cells])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.expect_live("websocket")
    return view


def test_a_slider_stays_under_the_hand_and_takes_the_server_s_value_afterwards(lab: Lab) -> None:
    view = show(lab, SLOW, "print(state.n)")
    view.host.evaluate(WATCH_SLIDER)
    mouse = lab.page.mouse
    mouse.move(*view.point(".slider", 0.02, 0.5))
    mouse.down()
    for step in range(1, 60):
        mouse.move(*view.point(".slider", 0.02 + step / 64, 0.5))
    expect(view.find(".handled")).not_to_have_text("0")  # answers come while the button is held
    moves, jumps = lab.page.evaluate("() => [window.moves, window.jumps]")
    lab.page.evaluate("() => { window.watching = false; }")
    mouse.up()
    assert moves > 20
    assert jumps == []
    expect(view.find(".slider")).to_have_value("80")  # the server clamps
    view.expect_text(".n", "80")
    lab.run(2)
    assert lab.text_output(2) == "80\n"
    expect(view.find(".slider")).to_have_value("80")


def test_a_debounced_handler_runs_once_with_the_last_text(lab: Lab) -> None:
    view = show(lab, SLOW)
    view.find(".search").press_sequentially("trame", delay=20)
    view.expect_text(".query", "trame;")
    view.find(".search").press_sequentially("!", delay=20)
    view.expect_text(".query", "trame;trame!;")


def test_the_busy_mark_shows_for_long_calls_alone(lab: Lab, picture: Callable[[str], Path]) -> None:
    view = show(lab, SLOW)
    mark = view.find(".jt-mark")
    view.find(".wait").click()
    expect(mark).to_have_attribute("data-busy", "true")
    lab.screenshot(picture("busy"))
    expect(mark).to_have_attribute("data-busy", "false")
    view.host.evaluate("""(host) => {
        window.busy = 0;
        const mark = host.shadowRoot.querySelector(".jt-mark");
        new MutationObserver(() => { if (mark.dataset.busy === "true") window.busy += 1; })
            .observe(mark, {attributes: true});
    }""")
    view.find(".search").press_sequentially("a")
    view.expect_text(".query", "a;")
    assert lab.page.evaluate("() => window.busy") == 0


KEYS = """\
server = Server("keys")
state = server.state
state.update({"text": "", "area": "", "n": 5, "choice": "a", "pressed": ""})
with DivLayout(server):
    html.Input(type="text", v_model=("text",), classes="text", keydown="pressed += $event.key + ' '")
    html.Textarea(v_model=("area",), classes="area")
    html.Input(type="range", min=0, max=10, v_model_number=("n",), classes="slider")
    html.Span("{{ n }}", classes="n")
    html.Span("{{ pressed }}", classes="pressed")
    html.Button("b", classes="button", click="pressed += 'click '")
server.start()
display(server)
"""
SELECTED = """(name) => {
    const panel = [...window.jupyterapp.shell.widgets("main")].find((w) => w.context?.path === name);
    return [panel.content.activeCellIndex, panel.content.mode, panel.content.widgets.length];
}"""


def test_keys_of_the_app_are_no_commands_of_the_notebook(lab: Lab) -> None:
    path = lab.open_cells([LOAD, KEYS, "1 + 1"])
    lab.run(0)
    lab.run(1)
    view = lab.inline_view()
    view.find(".text").click()
    before = lab.page.evaluate(SELECTED, path.name)
    view.type("ddxab")
    for key in ["ArrowUp", "ArrowDown", "Enter", "Shift+Enter", "Escape", "d", "d", "x", "Control+Enter"]:
        view.press(key)
    expect(view.find(".pressed")).to_contain_text("d d x a b ArrowUp ArrowDown Enter")
    expect(view.find(".text")).to_have_value("ddxabddx")
    view.find(".area").click()
    view.type("a")
    view.press("Enter")
    view.type("b")
    expect(view.find(".area")).to_have_value("a\nb")
    view.find(".slider").focus()
    for _ in range(3):
        view.press("ArrowRight")
    view.expect_text(".n", "8")
    view.find(".button").focus()
    view.press("Enter")
    view.press(" ")
    expect(view.find(".pressed")).to_contain_text("click click")
    view.press("d")
    view.press("d")
    assert lab.page.evaluate(SELECTED, path.name) == before
    assert lab.cell_count() == 3


LAYOUTS = """\
server = Server("layouts")
state = server.state
state.update({"text": "abcdef", "other": "", "rows": 100})

def build(title):
    with DivLayout(server) as layout:
        if title:
            html.H3(title, classes="title")
        html.Input(v_model=("other",), name="other")
        html.Input(v_model=("text",), name="text", classes="text")
        with html.Div(style="height: 120px; overflow: auto", classes="list"):
            html.Div("row {{ n }}", v_for="n in rows")
build("")
server.start()
display(server)
"""


def test_focus_caret_and_scroll_stay_when_the_layout_is_built_again(lab: Lab) -> None:
    view = show(lab, LAYOUTS, "build('again')")
    field, rows = view.find(".text"), view.find(".list")
    field.click()
    field.evaluate("(field) => field.setSelectionRange(2, 4)")
    rows.evaluate("(list) => { list.scrollTop = 500; }")
    page = lab.page
    page.evaluate(
        """(name) => {
            const panel = [...window.jupyterapp.shell.widgets("main")].find((w) => w.context?.path === name);
            const kernel = panel.sessionContext.session.kernel;
            kernel.requestExecute({code: "build('again'); state.flush()"});
        }""",
        page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path"),
    )
    view.expect_text(".title", "again")
    where = (
        "(field) => [field.getRootNode().activeElement === field, field.selectionStart, field.selectionEnd]"
    )
    assert field.evaluate(where) == [True, 2, 4]
    assert rows.evaluate("(list) => list.scrollTop") == 500
    view.type("X")
    expect(field).to_have_value("abXef")


STYLED = """\
from trame_client.widgets import client
server = Server("styled")
server.state.n = 1
with DivLayout(server):
    client.Style(".box { background: rgb(1, 2, 3); height: 40px }")
    html.Div("box", classes="box")
    html.Button("button", classes="button")
server.start()
display(server)
"""
WATCH_PAINT = """() => {
    window.seen = [];
    const look = () => {
        for (const host of document.querySelectorAll("[data-jupyter-trame]")) {
            const box = host.shadowRoot?.querySelector(".box");
            const button = host.shadowRoot?.querySelector(".button");
            if (box && button) {
                window.seen.push([getComputedStyle(box).backgroundColor, getComputedStyle(button).borderRadius,
                                  box.getBoundingClientRect().height]);
            }
        }
        requestAnimationFrame(look);
    };
    look();
}"""
"""Notes in each frame how the app looks, from the first one on in which it is there."""


def test_the_first_picture_has_its_styles(own_lab: Lab) -> None:
    own_lab.open_cells([LOAD, STYLED])
    own_lab.page.evaluate(WATCH_PAINT)
    own_lab.run_all()
    own_lab.inline_view().expect_visible(".box")
    own_lab.page.wait_for_function("() => window.seen.length > 20")
    looks = {tuple(look) for look in own_lab.page.evaluate("() => window.seen")}
    assert len(looks) == 1, f"the app changed its looks after the first frame: {looks}"
    assert next(iter(looks))[0] == "rgb(1, 2, 3)"


DRAG = """\
server = Server("drag")
state = server.state
state.update({"x": 0, "y": 0, "sum": 0, "writes": 0})

@state.change("x", "y")
def moved(x, y, **_):
    state.sum = x + y
    state.writes += 1

with DivLayout(server):
    html.Div(
        style="height: 200px; width: 600px; background: #8884", classes="area",
        mousemove="x = $event.offsetX; y = $event.offsetY",
    )
    html.Span("{{ x + y }}", classes="here")
    html.Span("{{ sum }}", classes="sum")
    html.Span("{{ writes }}", classes="writes")
server.start()
display(server)
"""
COUNT_FRAMES = """() => {
    const ticks = window.ticks = [];
    let last = performance.now();
    const tick = (now) => { ticks.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""
STORM = """async (host) => {
    const area = host.shadowRoot.querySelector(".area"), box = area.getBoundingClientRect();
    const start = performance.now();
    let events = 0;
    while (performance.now() - start < 1500) {
        for (let n = 0; n < 8; n++) {
            const clientX = box.x + (events * 7) % 600, clientY = box.y + (events * 3) % 200;
            area.dispatchEvent(new MouseEvent("mousemove", {clientX, clientY, bubbles: true, composed: true}));
            events += 1;
        }
        await new Promise((resolve) => setTimeout(resolve, 4));
    }
    return events;
}"""
"""A mouse that reports far more often than the screen is drawn."""


def test_dragging_sends_once_a_frame_and_drops_few_frames(lab: Lab) -> None:
    view = show(lab, DRAG)
    lab.page.evaluate(COUNT_FRAMES)
    events = view.host.evaluate(STORM)
    frames = lab.page.evaluate("() => window.ticks")
    expect(view.find(".sum")).to_have_text(view.find(".here").inner_text())  # the last one arrives
    writes = int(view.find(".writes").inner_text())
    late = sum(frame > 34 for frame in frames)
    print(f"{events} events, {writes} changes in Python, {len(frames)} frames, {late} later than 34 ms")
    assert events > 500
    assert writes < events / 4
    assert late < len(frames) / 3


def test_what_stands_in_for_an_interface(lab: Lab, picture: Callable[[str], Path]) -> None:
    lab.open_cells(
        [
            LOAD,
            'server = Server("bare")\nstate = server.state\nstate.n = 1\nserver.start()\ndisplay(server)',
            'with DivLayout(server):\n    html.Span("here {{ n }}", classes="here")\nstate.flush()',
            'server.view(template="nope")',
            'state["trame__template_side"] = "<p>\\n{{ a + }}</p>"\nstate.flush()\nserver.view(template="side")',
        ]
    )
    lab.watch.expected.append('template "side"')
    lab.run(0)
    lab.run(1)
    view = lab.inline_view(0)
    expect(view.find(".jt-waiting-step")).to_have_text("This app has no interface yet.")
    lab.screenshot(picture("none"))
    lab.run(2)
    view.expect_text(".here", "here 1")
    view.expect_hidden(".jt-waiting")
    lab.run(3)
    other = lab.inline_view(1)
    expect(other.find(".jt-waiting-step")).to_have_text('This app has no template "nope".')
    expect(other.find(".jt-waiting-hint")).to_have_text('It has "main".')
    lab.run(4)
    wrong = lab.inline_view(2)
    expect(wrong.find(".jt-failed")).to_contain_text('The template "side" cannot be drawn.')
    expect(wrong.find(".jt-error-message")).to_contain_text("line 2")
    wrong.find(".jt-error").scroll_into_view_if_needed()
    lab.screenshot(picture("wrong"))
