import { afterEach, describe, expect, it, vi } from "vitest";
import { scopeSelector } from "../../src/view/shell/rules";
import { mount, plainResources, settled } from "./setup";

const APP = { trame__template_main: "<div><input /></div>" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
  for (const name of [...document.body.attributes]) document.body.removeAttribute(name.name);
  sessionStorage.clear();
});

describe("the shadow root", () => {
  it("marks its host and leaves nothing behind", async () => {
    const { host, root, view } = await mount(APP);
    expect(host.getAttribute("data-jupyter-trame")).toBe("inline");
    expect(host.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
    view.dispose();
    expect(host.attributes).toHaveLength(0);
    expect(root.childNodes).toHaveLength(0);
  });

  it("is used again by the next view on the host", async () => {
    const { host, view, root } = await mount(APP);
    view.dispose();
    const { mountView } = await import("../../src/view/mount");
    const { MemoryConnection } = await import("./memory");
    const connection = new MemoryConnection();
    mountView(host, { connection, mode: "tab", resources: plainResources });
    connection.open(APP);
    await settled();
    expect(root.querySelectorAll("input")).toHaveLength(1);
  });

  it("follows the theme of the lab", async () => {
    document.body.dataset.jpThemeLight = "true";
    const { find } = await mount(APP);
    expect(find(".jt-frame").dataset.theme).toBe("light");
    document.body.dataset.jpThemeLight = "false";
    await settled();
    expect(find(".jt-frame").dataset.theme).toBe("dark");
    expect(find(".jt-overlay").dataset.theme).toBe("dark");
  });

  it.each([
    ["color(srgb 0.0941176 0.109804 0.101961)", "dark"],
    ["color(srgb 1 1 1)", "light"],
    ["color(srgb 1e-7 0 0 / 0.1)", "light"],
  ])("takes a page with the background %s for %s", async (background, theme) => {
    delete document.body.dataset.jpThemeLight;
    vi.spyOn(window, "getComputedStyle").mockImplementation(
      (element) =>
        ({
          backgroundColor: element === document.body ? background : "rgba(0, 0, 0, 0)",
        }) as CSSStyleDeclaration,
    );
    const { find } = await mount(APP);
    expect(find(".jt-frame").dataset.theme).toBe(theme);
    vi.restoreAllMocks();
  });

  it("rebuilds its sheets in another document", async () => {
    const { host, root } = await mount({
      ...APP,
      trame__template_main: '<trame-style css=".mine{}" />',
    });
    for (const style of root.querySelectorAll("style")) style.remove();
    const other = document.implementation.createHTMLDocument();
    other.body.append(host);
    expect([...root.querySelectorAll("style")].map((s) => s.textContent).join()).toContain(".mine");
  });
});

describe("the frame", () => {
  it("is a region with the title of the app, but on a page of its own", async () => {
    const { find } = await mount(APP, { title: "Mine" });
    expect(find(".jt-frame").getAttribute("role")).toBe("region");
    expect(find(".jt-frame").getAttribute("aria-label")).toBe("Mine");
    const page = await mount(APP, { title: "Mine", mode: "page" });
    expect(page.find(".jt-frame").hasAttribute("role")).toBe(false);
  });
});

describe("keys", () => {
  it("stay in the app; listeners on the window get a copy", async () => {
    const { find } = await mount(APP);
    const onDocument = vi.fn();
    const onWindow = vi.fn((event: Event) => event.preventDefault());
    document.addEventListener("keydown", onDocument);
    window.addEventListener("keydown", onWindow);
    const event = new KeyboardEvent("keydown", {
      key: "Enter",
      shiftKey: true,
      bubbles: true,
      composed: true,
      cancelable: true,
    });
    find("input").dispatchEvent(event);
    document.removeEventListener("keydown", onDocument);
    window.removeEventListener("keydown", onWindow);
    expect(onDocument).not.toHaveBeenCalled();
    expect(onWindow).toHaveBeenCalledTimes(1);
    expect(onWindow.mock.calls[0]?.[0]).toMatchObject({ key: "Enter", shiftKey: true });
    expect(event.defaultPrevented).toBe(true);
  });

  it("are nobody else's on a page of its own", async () => {
    const { host } = await mount(APP, { mode: "page" });
    expect(host.hasAttribute("data-lm-suppress-shortcuts")).toBe(false);
  });
});

describe("selectors of the app", () => {
  it.each([
    [":root", ":host"],
    ["html.dark .a", ":host(.dark) .a"],
    ["body > .a, .text-body-1, .v-card__body", ".jt-root > .a, .text-body-1, .v-card__body"],
    ["html body .a", ":host .jt-root .a"],
    ["html > body", ".jt-root"],
    [".body, #html-x, tbody", ".body, #html-x, tbody"],
  ])("%s", (selector, scoped) => {
    expect(scopeSelector(selector)).toBe(scoped);
  });
});

describe("the status", () => {
  it("tells what carries the view", async () => {
    const { find, connection } = await mount(APP);
    expect(find(".jt-mark").dataset).toMatchObject({ state: "live", transport: "websocket" });
    expect(find(".jt-mark-text").textContent).toContain("websocket");
    connection.kind = "comm";
    connection.setState("live");
    expect(find(".jt-mark").dataset.transport).toBe("comm");
  });

  it("names the step while nothing is drawn", async () => {
    vi.useFakeTimers();
    const { find, root, connection } = await mount(null);
    expect(find(".jt-waiting").hidden).toBe(true);
    vi.advanceTimersByTime(300);
    expect(find(".jt-waiting").hidden).toBe(false);
    expect(find(".jt-waiting-step").textContent).toBe("Connecting…");
    expect(find(".jt-waiting-hint").hidden).toBe(true);
    vi.advanceTimersByTime(3000);
    expect(find(".jt-waiting-hint").hidden).toBe(false);
    connection.open({ a: 1 });
    expect(find(".jt-waiting-step").textContent).toContain("interface");
    connection.push(APP);
    await settled();
    expect(root.querySelector(".jt-waiting")).toBeNull();
  });

  it("keeps the last picture under the reason", async () => {
    vi.useFakeTimers();
    const { find, root, connection } = await mount(APP);
    connection.setState("lost", "the kernel died");
    expect(root.querySelector(".jt-notice")).toBeNull();
    vi.advanceTimersByTime(800);
    expect(find(".jt-notice").textContent).toContain("The kernel died.");
    expect(find(".jt-frame").dataset.picture).toBe("old");
    expect(find("input")).toBeTruthy();
    find(".jt-notice-retry").click();
    expect(connection.retries).toBe(1);
    connection.setState("live");
    expect(root.querySelector(".jt-notice")).toBeNull();
    expect(find(".jt-frame").dataset.picture).toBeUndefined();
  });

  it("offers another try where nothing is drawn and nothing happens any more", async () => {
    const { find, connection } = await mount(null);
    const waiting = find(".jt-waiting");
    connection.setState("refused", "Sign in again to go on.");
    expect(waiting.hidden).toBe(false);
    expect(waiting.dataset.ended).toBe("");
    expect(find(".jt-waiting-step").textContent).toBe(
      "The connection was refused: Sign in again to go on.",
    );
    find(".jt-waiting .jt-notice-retry").click();
    expect(connection.retries).toBe(1);
    connection.setState("connecting");
    expect(waiting.dataset.ended).toBeUndefined();
    expect(find(".jt-waiting-step").textContent).toBe("Connecting…");
  });

  it("draws the snapshot at once, and the server's state over it", async () => {
    const { find, root, connection } = await mount(null, {
      snapshot: { n: 1, trame__template_main: "<p>{{ n }}</p>" },
    });
    expect(find("p").textContent).toBe("1");
    expect(root.querySelector(".jt-waiting")).toBeNull();
    const paragraph = find("p");
    connection.open({ n: 2, trame__template_main: "<p>{{ n }}</p>" });
    await settled();
    expect(find("p").textContent).toBe("2");
    expect(find("p")).toBe(paragraph);
  });

  it.each([
    ["of this life of the server", "e1", 1],
    ["of another one", "e0", 2],
  ])(
    "mounts what a snapshot %s mounted once for the server that answers",
    async (_, snapshotEpoch, n) => {
      const template = `<trame-client-triggers @created="trigger('hello')" /><p>{{ n }}</p>`;
      const state = { n: 1, trame__template_main: template };
      const { connection } = await mount(null, { snapshot: state, snapshotEpoch });
      expect(connection.calls).toHaveLength(1);
      connection.open(state);
      await settled();
      expect(connection.calls).toHaveLength(n);
    },
  );

  it("says nothing of calls that an old picture made", async () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => undefined);
    const template = `<trame-client-triggers @created="trigger('hello')" /><p>{{ n }}</p>`;
    const { root, connection } = await mount(APP);
    connection.answer = () => Promise.reject({ code: -32010, message: "not made" });
    connection.push({ trame__template_main: template });
    await settled();
    expect(connection.calls).toHaveLength(1);
    expect(root.querySelector(".jt-error")).toBeNull();
    expect(info).toHaveBeenCalledTimes(1);
  });

  it("shows the errors of listeners of the page's life cycle, as those of any other", async () => {
    const template = `<trame-client-triggers @created="trigger('a')" /><p />`;
    const { root, find, connection } = await mount(APP);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    connection.answer = () => Promise.reject(new Error("lost"));
    connection.push({ trame__template_main: template, none: null });
    await settled();
    const shown = () =>
      [...root.querySelectorAll(".jt-error-message")].map(({ textContent }) => textContent);
    await vi.waitFor(() => expect(shown()).toEqual([expect.stringContaining("lost")]));
    expect(find("p")).not.toBeNull();
  });

  it("opens a tab", async () => {
    const openTab = vi.fn();
    const { find } = await mount(APP, { openTab });
    find(".jt-mark-open").click();
    expect(openTab).toHaveBeenCalledTimes(1);
  });

  it("shows that the server is at work until the write is settled", async () => {
    vi.useFakeTimers();
    const { find, connection, view } = await mount(APP);
    await view.trame.state.set("x", 1);
    expect(view.trame.state.get("trame__busy")).toBe(1);
    vi.advanceTimersByTime(140);
    expect(find(".jt-mark").dataset.busy, "a quick answer is not worth a mark").not.toBe("true");
    vi.advanceTimersByTime(20);
    expect(find(".jt-mark").dataset.busy).toBe("true");
    connection.settle();
    expect(find(".jt-mark").dataset.busy).toBe("false");
    vi.advanceTimersByTime(60);
    expect(view.trame.state.get("trame__busy")).toBe(0);
  });

  it("is not at work for a write that a new session gave up", async () => {
    const { find, connection, view } = await mount(APP);
    await view.trame.state.set("x", 1);
    connection.setState("lost");
    connection.pending.clear();
    connection.open(APP);
    expect(find(".jt-mark").dataset.busy).toBe("false");
  });
});

describe("a busy server", () => {
  /** A view whose server answers nothing until it is `free`. */
  async function busyView(options: Parameters<typeof mount>[1] = {}) {
    vi.useFakeTimers();
    const mounted = await mount(APP, options);
    const waiting: (() => void)[] = [];
    mounted.connection.answer = () => new Promise<void>((resolve) => waiting.push(resolve));
    const free = async () => {
      for (const resolve of waiting.splice(0)) resolve();
      mounted.connection.settle();
      await vi.advanceTimersByTimeAsync(0);
    };
    return { ...mounted, free, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
  }

  const kernel = (may = true) => ({
    mayInterrupt: vi.fn(async () => may),
    interrupt: vi.fn(async () => undefined),
    report: vi.fn(async () => null),
  });

  it("is told with the number of what waits, as long as it does", async () => {
    const { find, view, free, pass } = await busyView({ kernel: null });
    void view.trame.trigger("press");
    void view.trame.state.set("x", 1);
    await pass(20);
    void view.trame.state.set("x", 2);
    await pass(930);
    expect(find(".jt-mark-text").textContent).toBe("live · websocket");
    await pass(100);
    expect(find(".jt-mark-text").textContent).toBe("kernel busy, 2 waiting");
    expect(find(".jt-mark").dataset.waiting).toBe("");
    expect(find(".jt-mark-state").getAttribute("role"), "which is polite").toBe("status");
    await free();
    expect(find(".jt-mark-text").textContent).toBe("live · websocket");
    expect(find(".jt-mark").dataset.waiting).toBeUndefined();
  });

  it("is not called busy where nothing is heard of it", async () => {
    const { find, connection, view, free, pass } = await busyView({ kernel: null });
    connection.reachable = false;
    void view.trame.trigger("press");
    await pass(1050);
    const either = ": the kernel is busy or the connection is slow";
    expect(find(".jt-mark-text").textContent).toBe(`no answer for 1 s${either}`);
    await pass(2000);
    expect(find(".jt-mark-text").textContent).toBe(`no answer for 3 s${either}`);
    expect(find(".jt-mark-text").title).toContain("1 waiting: sent, and not yet taken by Python");
    await pass(58_000);
    expect(find(".jt-mark-text").textContent).toBe(`no answer for 1 min${either}`);
    await free();
    expect(find(".jt-mark-text").textContent).toBe("live · websocket");
  });

  it("has no kernel where the app is a program", async () => {
    const { find, root, view, pass } = await busyView({ mode: "page" });
    void view.trame.trigger("press");
    await pass(1050);
    expect(find(".jt-mark-text").textContent).toBe("server busy, 1 waiting");
    expect(root.querySelector(".jt-mark-interrupt")).toBeNull();
  });

  it("is interrupted by who may", async () => {
    const access = kernel();
    const { find, view, free, pass } = await busyView({ kernel: access });
    const button = find(".jt-mark-interrupt") as HTMLButtonElement;
    expect(button.hidden).toBe(true);
    expect(access.mayInterrupt).not.toHaveBeenCalled();
    void view.trame.trigger("press");
    await pass(1050);
    expect(button.hidden).toBe(false);
    expect(button.textContent).toBe("interrupt");
    expect(button.title).toBe("Interrupt the kernel: stops the running cell");
    button.click();
    expect(button.disabled).toBe(true);
    await pass(0);
    expect(access.interrupt).toHaveBeenCalledTimes(1);
    expect(button.disabled).toBe(false);
    await free();
    expect(button.hidden).toBe(true);
  });

  it("is not interrupted by who may not", async () => {
    const { find, view, pass } = await busyView({ kernel: kernel(false) });
    void view.trame.trigger("press");
    await pass(5000);
    expect(find(".jt-mark-text").textContent).toBe("kernel busy, 1 waiting");
    expect(find(".jt-mark-interrupt").hidden).toBe(true);
  });

  it("says why it was not interrupted", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const access = kernel();
    access.interrupt.mockRejectedValue(new Error("the Jupyter server does not answer"));
    const { find, view, pass } = await busyView({ kernel: access });
    void view.trame.trigger("press");
    await pass(1050);
    find(".jt-mark-interrupt").click();
    await pass(0);
    expect(find(".jt-error-message").textContent).toContain("the Jupyter server does not answer");
  });

  it("is no news while the connection is lost", async () => {
    const { find, view, connection, pass } = await busyView({ kernel: kernel() });
    void view.trame.trigger("press");
    await pass(1050);
    connection.setState("lost", "the kernel died");
    expect(find(".jt-mark-text").textContent).toBe("Not connected");
    expect(find(".jt-mark").dataset.waiting).toBeUndefined();
    await pass(5000);
    expect(find(".jt-mark-interrupt").hidden).toBe(true);
  });

  it("is not asked where it is one of trame's", async () => {
    const { find, view, connection, pass } = await busyView();
    connection.epoch = null;
    void view.trame.trigger("press");
    await pass(5000);
    expect(connection.questions).toBe(0);
    expect(find(".jt-mark-text").textContent).toBe("live · websocket");
  });
});

describe("errors of the server", () => {
  it("stand below the app until they are dismissed, the same one once", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, root, connection } = await mount(APP);
    const error = { where: "change of x", message: "ValueError: no", trace: "Traceback\n  x" };
    connection.fail(error);
    connection.fail(error);
    expect(root.querySelectorAll(".jt-error")).toHaveLength(1);
    expect(find(".jt-error-count").textContent).toBe("× 2");
    expect(find(".jt-error pre").textContent).toContain("Traceback");
    expect(logged).toHaveBeenCalledTimes(1);
    find(".jt-error-close").click();
    expect(root.querySelector(".jt-error")).toBeNull();
  });

  it("are five that are seen, and all of them on demand", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { find, root, connection } = await mount(APP);
    const seen = () =>
      [...root.querySelectorAll<HTMLElement>(".jt-error")]
        .filter(({ hidden }) => !hidden)
        .map((card) => card.querySelector(".jt-error-message")?.textContent);
    for (let n = 0; n < 5; n += 1) connection.fail({ message: `${n}` });
    expect(root.querySelector(".jt-errors-more")).toBeNull();
    for (let n = 5; n < 8; n += 1) connection.fail({ message: `${n}` });
    expect(seen()).toEqual(["7", "6", "5", "4", "3"]);
    const more = find<HTMLButtonElement>(".jt-errors-more");
    expect(more.textContent).toBe("Show 3 earlier");
    expect(more.getAttribute("aria-expanded")).toBe("false");
    more.click();
    expect(seen()).toEqual(["7", "6", "5", "4", "3", "2", "1", "0"]);
    expect(more.textContent).toBe("Show the latest 5");
    connection.fail({ message: "8" });
    expect(seen()).toHaveLength(9);
    more.click();
    expect(seen()).toEqual(["8", "7", "6", "5", "4"]);
    for (let n = 0; n < 4; n += 1) find(".jt-error-close").click();
    expect(seen()).toEqual(["4", "3", "2", "1", "0"]);
    expect(more.isConnected).toBe(false);
    for (let n = 0; n < 150; n += 1) connection.fail({ message: `again ${n}` });
    expect(root.querySelectorAll(".jt-error")).toHaveLength(100);
    expect(more.textContent).toBe("Show 95 earlier");
    expect(seen()[0]).toBe("again 149");
  });
});

describe("a page that forbids evaluation", () => {
  it("says so in one line", async () => {
    vi.stubGlobal("Function", () => {
      throw new EvalError("refused");
    });
    const { find, root } = await mount(APP);
    vi.unstubAllGlobals();
    expect(find(".jt-waiting-step").textContent).toContain("unsafe-eval");
    expect(root.querySelector("input")).toBeNull();
  });
});

describe("title and icon", () => {
  it("follow the app on a page of its own only", async () => {
    const icon = document.createElement("link");
    icon.rel = "icon";
    document.head.append(icon);
    document.title = "before";
    const state = { ...APP, trame__title: "Mine", trame__favicon: "data:," };
    await mount(state, { mode: "tab" });
    expect(document.title).toBe("before");
    await mount(state, { mode: "page" });
    expect(document.title).toBe("Mine");
    expect(icon.href).toBe("data:,");
    icon.remove();
  });
});

describe("why", () => {
  it("is a button where somebody looks, or where there is something to ask about", async () => {
    vi.useFakeTimers();
    const { find, root, connection } = await mount(APP, { kernel: null });
    const offered = () => root.querySelector(".jt-mark-why") !== null;
    expect(offered()).toBe(false);
    find(".jt-mark").dispatchEvent(new Event("pointerenter"));
    expect(offered()).toBe(true);
    find(".jt-mark").dispatchEvent(new Event("pointerleave"));
    expect(offered(), "for a moment, as a pointer may slip off").toBe(true);
    vi.advanceTimersByTime(1000);
    expect(offered()).toBe(false);
    find(".jt-mark-state").focus();
    expect(offered()).toBe(true);
    find(".jt-mark-state").blur();
    vi.advanceTimersByTime(1000);
    expect(offered()).toBe(false);
    connection.setState("stopped", "the kernel was shut down");
    expect(offered()).toBe(true);
    expect(find(".jt-notice-why").textContent).toBe("Why?");
  });

  it("shows what the page knows, and says that it does", async () => {
    const { find, root, connection } = await mount(APP, { kernel: null });
    connection.setState("stopped", "the kernel was shut down");
    find(".jt-why").scrollIntoView = () => undefined;
    find(".jt-notice-why").click();
    expect(find(".jt-why").hidden).toBe(false);
    expect(find(".jt-why dd").textContent).toContain("connected");
    expect(find(".jt-mark-why").getAttribute("aria-expanded")).toBe("true");
    find(".jt-why-close").click();
    expect(find(".jt-why").hidden).toBe(true);
    connection.setState("live");
    find(".jt-mark-state").focus();
    find(".jt-mark-why").click();
    vi.useFakeTimers();
    find(".jt-mark").dispatchEvent(new Event("pointerleave"));
    find(".jt-why-close").click();
    vi.advanceTimersByTime(1000);
    expect(root.activeElement, "it stays while it has the focus").toBe(find(".jt-mark-why"));
  });
});
