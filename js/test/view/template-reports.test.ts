import { afterEach, describe, expect, it, vi } from "vitest";
import { TEMPLATE_MISTAKE, UNKNOWN_KEY } from "../../src/protocol/names";
import { mount, settled } from "./setup";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const main = (template: string, state = {}) => ({ trame__template_main: template, ...state });
const cards = (root: ShadowRoot, kind = ".jt-error") =>
  Array.from(root.querySelectorAll(`${kind} .jt-error-message`), ({ textContent }) => textContent);
const quiet = () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  return vi.spyOn(console, "warn").mockImplementation(() => undefined);
};

describe("a mistake in a template", () => {
  it("is told at once, and then with the line of Python", async () => {
    quiet();
    let answer = (_: unknown) => {};
    const { root, connection } = await mount(main("<p>x</p>"));
    connection.answer = () => new Promise((resolve) => (answer = resolve));
    connection.push({ trame__template_main: '<div>\n<p :title="a +">x</p></div>' });
    await settled();
    expect(cards(root)).toEqual([expect.stringMatching(/^line 2: /)]);
    expect(connection.calls.at(-1)).toMatchObject({
      method: TEMPLATE_MISTAKE,
      args: ["main", expect.stringMatching(/^line 2: /), 2],
    });
    answer("line 2: it is no JavaScript (html.P in cell In[3], line 7)");
    await settled();
    expect(cards(root)).toEqual(["line 2: it is no JavaScript (html.P in cell In[3], line 7)"]);
  });

  it("is an error like any other for a stock server", async () => {
    quiet();
    const { root, connection } = await mount(main("<p>x</p>"));
    connection.epoch = null;
    connection.push({ trame__template_main: "<b>" });
    await settled();
    expect(cards(root)).toHaveLength(1);
    expect(connection.calls.at(-1)?.method).toBe("trame.error.client");
  });
});

describe("a key that nobody has set", () => {
  it("is a hint in the words of the server, until it comes", async () => {
    const warn = quiet();
    vi.useFakeTimers();
    const { root, connection } = await mount(main("<p>{{ lwo }}{{ lwo }}{{ a }}</p>", { a: 1 }));
    connection.answer = ({ method }) => (method === UNKNOWN_KEY ? "is 'low' meant?" : null);
    connection.push({ a: 2 });
    await vi.advanceTimersByTimeAsync(900);
    expect(connection.calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(connection.calls.map(({ args }) => args)).toEqual([["main", "lwo"]]);
    expect(cards(root, ".jt-hint")).toEqual(["is 'low' meant?"]);
    expect(warn).toHaveBeenCalledTimes(1);
    connection.push({ lwo: 1 });
    expect(cards(root)).toEqual([]);
  });

  it("is told anew of another text", async () => {
    quiet();
    vi.useFakeTimers();
    const { root, connection } = await mount(main("<p>{{ lwo }}</p>"));
    connection.answer = () => "is 'low' meant?";
    await vi.advanceTimersByTimeAsync(1100);
    connection.push({ trame__template_main: "<b>{{ lwo }}</b>" });
    await vi.advanceTimersByTimeAsync(10);
    expect(cards(root)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1100);
    expect(cards(root)).toEqual(["is 'low' meant?"]);
  });

  it.each([
    [
      "comes in time",
      "e1",
      (connection: { push(changes: object): void }) => connection.push({ lwo: 1 }),
    ],
    ["is of a server that says nothing", "e1", () => undefined],
  ])("is no hint where it %s", async (_, epoch, meanwhile) => {
    quiet();
    vi.useFakeTimers();
    const { root, connection } = await mount(main("<p>{{ lwo }}</p>"));
    connection.epoch = epoch;
    meanwhile(connection);
    await vi.advanceTimersByTimeAsync(1100);
    expect(cards(root)).toEqual([]);
  });

  it("is a warning in the console for a stock server", async () => {
    const warn = quiet();
    vi.useFakeTimers();
    const { root, connection } = await mount(main("<p>{{ lwo }}</p>"));
    connection.epoch = null;
    await vi.advanceTimersByTimeAsync(1100);
    expect(cards(root)).toEqual([]);
    expect(warn.mock.calls.flat().join()).toContain('"lwo" of template "main" is not in the state');
  });
});

describe("errors and hints of the server", () => {
  it("are told apart, and a hint once", async () => {
    quiet();
    const { root, connection } = await mount(main("<p>x</p>"));
    const report = { message: "is 'a' meant?", trace: null, time: 1, hint: true };
    connection.fail({ where: "state", ...report });
    connection.fail({ where: "state", ...report });
    connection.fail({ where: "here", message: "ValueError: no", trace: null, time: 1 });
    expect(cards(root, ".jt-hint")).toEqual(["is 'a' meant?"]);
    expect(root.querySelector(".jt-hint .jt-error-count")?.textContent).toBe("");
    expect(root.querySelector(".jt-hint")?.getAttribute("role")).toBe("note");
    expect(cards(root)).toHaveLength(2);
  });

  const onClick = {
    where: 'app.py, line 3 of template "main"',
    message: "is 'click' meant?",
    hint: true,
  };

  it("of an element stand there until its template has another text, however late that is drawn", async () => {
    quiet();
    const { root, connection } = await mount(null);
    connection.fail(onClick);
    connection.open(main("<p>x</p>"));
    await settled();
    expect(cards(root, ".jt-hint"), "before the state").toEqual([onClick.message]);
    connection.push({ trame__template_main: "<p>y</p>" });
    expect(cards(root)).toEqual([]);
    connection.fail(onClick);
    await settled();
    expect(cards(root, ".jt-hint"), "before the text is drawn").toEqual([onClick.message]);
  });

  it("of an element outlast an error in its template", async () => {
    quiet();
    const { root, connection } = await mount(main("<p>{{ a.b }}</p>", { a: null }));
    connection.fail(onClick);
    expect(cards(root)).toHaveLength(2);
    connection.push({ a: {} });
    await settled();
    expect(cards(root)).toEqual([onClick.message]);
  });

  it("of the next life of the server stand there although they came before its state", async () => {
    quiet();
    const { root, connection } = await mount(main("<p>x</p>"));
    connection.setState("connecting");
    connection.fail(onClick);
    connection.epoch = "e2";
    connection.open(main("<b>x</b>"));
    await settled();
    expect(cards(root)).toEqual([onClick.message]);
  });

  it("are forgotten when another life of the server begins", async () => {
    quiet();
    const { root, connection } = await mount(main("<p>x</p>"));
    connection.fail({ where: "here", message: "ValueError: no", trace: null, time: 1 });
    connection.setState("lost");
    connection.open({}, { resumed: true });
    expect(cards(root), "the same life").toHaveLength(1);
    connection.epoch = "e2";
    connection.open(main("<p>x</p>"));
    expect(cards(root)).toEqual([]);
  });
});
