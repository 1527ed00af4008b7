"""What a finger needs of a page: controls that it can reach and hit, and touch events as a screen makes them."""

from playwright.sync_api import Locator, Page

PHONE: dict[str, object] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
"""Options of Playwright's page or context."""

LEAST = 24
"""CSS pixels of a target, each way: WCAG 2.2, 2.5.8."""

# A link in a sentence is excepted by the rule; a control has its label as a part of the target. Of two sliders on one
# track only the thumbs take a finger: a test drags them.
_PROBLEMS = """async ([css, least]) => {
  const controls = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const every = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    [one, ...(one.shadowRoot ? every(one.shadowRoot) : [])]);
  const inside = (one, outer) => {
    for (let at = one; at; at = at.parentNode ?? at.host) if (at === outer) return true;
    return false;
  };
  const at = (x, y) => {
    let found = document.elementFromPoint(x, y);
    while (found?.shadowRoot?.elementFromPoint(x, y) && found.shadowRoot.elementFromPoint(x, y) !== found)
      found = found.shadowRoot.elementFromPoint(x, y);
    return found;
  };
  const host = document.querySelector(css);
  const problems = [];
  let seen = 0;
  for (const one of every(host.shadowRoot ?? host)) {
    const excepted = ":disabled, [type=hidden], p a, li a, td a, svg *, .jt-two-ranges input";
    const usable = one.matches(controls) && !one.matches(excepted)
      && one.checkVisibility({ visibilityProperty: true });
    if (!usable) continue;
    seen += 1;
    const target = one.closest("label") ?? one;
    target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const { left, top, width, height } = target.getBoundingClientRect();
    const said = (one.ariaLabel ?? one.textContent).trim().slice(0, 30);
    const name = `${one.tagName.toLowerCase()}.${one.className} ${said}`;
    if (width < least || height < least) problems.push(`${name} is ${width.toFixed(1)} x ${height.toFixed(1)} px`);
    const spot = [0.5, 0.04, 0.96].map((part) => at(left + part * width, top + height / 2));
    if (!spot.some((hit) => hit && (inside(hit, target) || inside(target, hit) && hit.matches("label"))))
      problems.push(`${name} is covered or out of the window`);
  }
  const wide = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) problems.push(`the page is ${wide} px wider than the window`);
  if (seen === 0) problems.push(`no controls in ${css}`);
  return problems;
}"""


def touch_problems(page: Page, host: str) -> list[str]:
    """Controls within `host`, a CSS selector, that a finger cannot hit, and what makes the page scroll sideways."""
    found: list[str] = page.evaluate(_PROBLEMS, [host, LEAST])
    return found


def drag(element: Locator, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
    """Moves a finger over an element, by touch events of the browser: from and to parts of its width and height."""
    element.scroll_into_view_if_needed()
    handle = element.element_handle()
    handle.wait_for_element_state("stable")
    box = element.bounding_box()
    assert box is not None, f"{element} has no box"
    session = element.page.context.new_cdp_session(element.page)

    def send(kind: str, part: float | None) -> None:
        points = []
        if part is not None:
            across, down = (a + part * (b - a) for a, b in zip(start, end, strict=True))
            points = [{"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 0)
    for step in range(1, steps + 1):
        send("touchMove", step / steps)
    send("touchEnd", None)
    session.detach()
