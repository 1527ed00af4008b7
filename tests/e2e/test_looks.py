"""What can be measured of the looks: contrast, focus, motion, and what stays in sight."""

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.servers import isolated_environment, running
from tests.support.ports import free_port

PROGRAM = """
import sys
from jupyter_trame import Server

server = Server("looks")
server.state.update({"name": "", "on": True, "rows": 80})
server.state.trame__template_main = '''<div>
  <h1>Looks</h1> <p>Some <a href="#there">link</a>, <code>code</code> and <small>small text</small>.</p>
  <label>Name <input class="field" v-model="name" placeholder="Yours"></label>
  <label class="check"><input type="checkbox" v-model="on"> On</label>
  <button class="plain" @click="trigger('fail')">Fail</button> <button class="primary">Go on</button>
  <select><option>one</option></select> <progress></progress>
  <table><tr><th>Row</th></tr><tr v-for="row in rows"><td>{{ row }}</td></tr></table>
</div>'''

@server.trigger("fail")
def fail():
    raise ValueError("it failed")

server.start(port=int(sys.argv[1]), open_browser=False)
"""

CONTRAST = """(frame) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const mixed = (...layers) => {
    for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const below = (element) => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      layers.unshift(getComputedStyle(node).backgroundColor);
    }
    return ["#fff", ...layers];
  };
  const ratio = (colour, element) => {
    const behind = below(element);
    const values = [luminance(mixed(...behind, colour)), luminance(mixed(...behind))].sort((a, b) => b - a);
    return (values[0] + 0.05) / (values[1] + 0.05);
  };
  const find = (css) => frame.querySelector(css);
  const texts = ["h1", "p", "a", "code", "small", "label", ".plain", ".primary", "th", "td"];
  const found = texts.map((css) => [css, 4.5, ratio(getComputedStyle(find(css)).color, find(css))]);
  const field = find(".field");
  found.push(
    ["placeholder", 4.5, ratio(getComputedStyle(field, "::placeholder").color, field)],
    ["edge of a field", 3, ratio(getComputedStyle(field).borderTopColor, field.parentElement)],
    ["mark", 3, ratio(getComputedStyle(find(".jt-mark-dot")).backgroundColor, find(".jt-mark"))],
  );
  for (const css of [".field", ".plain", ".check input"]) {
    find(css).focus({ focusVisible: true });
    const { outlineStyle, outlineColor } = getComputedStyle(find(css));
    found.push([`focus of ${css}`, 3, outlineStyle === "none" ? 0 : ratio(outlineColor, frame)]);
  }
  return found;
}"""

MOVING = """() => document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().iterations === Infinity)
  .map((animation) => animation.animationName)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("looks"), free_port()
    program = home / "app.py"
    program.write_text(PROGRAM)
    url = f"http://localhost:{port}/"
    command = [sys.executable, str(program), str(port), "--authKey", "looks"]
    with running(command, url, home / "app.log", isolated_environment(home), home):
        yield url


def opened(browser: Browser, address: str, secret: str = "looks", **options: object) -> Page:
    page = browser.new_page(viewport={"width": 320, "height": 600}, **options)  # type: ignore[arg-type]
    page.goto(f"{address}?secret={secret}")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(browser: Browser, address: str, scheme: str) -> None:
    page = opened(browser, address, color_scheme=scheme)
    frame = page.locator(f".jt-frame[data-theme={scheme}]:has(h1)")
    expect(frame.locator(".jt-mark")).to_have_attribute("data-state", "live")
    page.wait_for_function(
        "() => document.getAnimations().every((a) => a.playState !== 'running' || !a.transitionProperty)"
    )
    poor = [(name, round(ratio, 2)) for name, least, ratio in frame.evaluate(CONTRAST) if ratio < least]
    assert not poor
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.close()


def test_controls_stand_in_one_line(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.set_viewport_size({"width": 1200, "height": 600})
    expect(page.locator(".plain")).to_be_visible()
    middles = page.evaluate(
        """() => [".field", ".check", ".plain", "select"].map((css) => {
            const { top, bottom } = document.querySelector(css).getBoundingClientRect();
            return (top + bottom) / 2;
        })"""
    )
    assert max(middles) - min(middles) <= 1
    page.close()


def test_what_a_page_says_of_itself_stays_in_sight(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    sockets = []
    page.route_web_socket("**/ws", lambda socket: sockets.append(socket) or socket.connect_to_server())
    page.reload()
    page.locator(".plain").click()
    error = page.locator(".jt-error")
    expect(error).to_be_in_viewport(ratio=1)
    page.evaluate("() => window.scrollTo(0, 900)")
    expect(page.locator("h1")).not_to_be_in_viewport()
    expect(error).to_be_in_viewport(ratio=1)
    page.evaluate("() => window.scrollTo(0, document.documentElement.scrollHeight)")
    last, top = page.locator("td").last.bounding_box(), error.bounding_box()
    assert last is not None
    assert top is not None
    assert last["y"] + last["height"] <= top["y"], "an error covers the end of the app"
    page.route_web_socket("**/ws", lambda socket: socket.close(code=4404, reason="test"))
    sockets[-1].close()
    expect(page.locator(".jt-notice")).to_be_in_viewport(ratio=1)
    page.close()


def test_nothing_moves_for_ever_where_motion_is_not_wanted(browser: Browser, address: str) -> None:
    page = opened(browser, address, reduced_motion="reduce")
    page.route_web_socket("**/ws", lambda socket: None)
    expect(page.locator("progress")).to_be_visible()
    assert page.evaluate(MOVING) == []
    page.reload()
    expect(page.locator(".jt-waiting")).to_be_visible()
    assert set(page.evaluate(MOVING)) == {"jt-turn"}, "only the wheel turns, slowly"
    page.close()


def test_a_wrong_secret_is_named(browser: Browser, address: str) -> None:
    page = opened(browser, address, secret="wrong")
    expect(page.locator("body")).to_contain_text("open the address that the program printed")
    page.close()


def test_a_wrong_secret_is_named_by_a_page_that_was_right_before(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.goto(f"{address}?secret=wrong")
    expect(page.locator(".jt-waiting")).to_contain_text("does not accept the secret")
    page.close()
