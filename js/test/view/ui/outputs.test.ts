import { afterEach, describe, expect, it, vi } from "vitest";
import { readShown } from "../../../src/view/ui/shown";
import { mount, settled } from "../setup";

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const show = (template: string, state: Record<string, unknown>) =>
  mount({ ...state, trame__template_main: `<JtApp>${template}</JtApp>` });

describe("what is shown", () => {
  it("is read of its kind, and of anything else as its text", () => {
    expect(readShown(null)).toBeNull();
    expect(readShown("a")).toEqual({ kind: "text", text: "a", isCode: false });
    expect(readShown({ trame__shown: "chart", spec: "{}" })).toEqual({ kind: "chart", spec: "{}" });
    expect(readShown({ trame__shown: "html", html: 5 })).toEqual({ kind: "html", html: "" });
    expect(readShown({ trame__shown: 5 })).toMatchObject({ kind: "text", isCode: true });
    expect(readShown({ a: [1n, null] })).toMatchObject({
      text: '{\n  "a": [\n    "1",\n    null\n  ]\n}',
    });
    expect(readShown(new Uint8Array([1]))).toMatchObject({ kind: "picture" });
    const picture = { trame__shown: "picture", data: 1, width: 2, height: 3 };
    expect(readShown(picture)).toEqual({ kind: "picture", data: 1, alt: "", width: 2, height: 3 });
  });

  it("is a sentence where a later kernel shows what this page does not know", async () => {
    for (const kind of ["hologram", "constructor"]) {
      const value = { trame__shown: kind, spec: "{}" };
      const { find } = await show('<JtOutput :value="value" />', { value });
      expect(find(".jt-output").textContent).toMatch(/^This page is older than .*: reload it, or/);
    }
  });

  it("is text as text, and a page in a frame without an origin", async () => {
    const { find, connection } = await show('<JtOutput :value="value" />', { value: "<b>a</b>" });
    expect(find(".jt-text").innerHTML).toBe("&lt;b&gt;a&lt;/b&gt;");
    connection.push({ value: { trame__shown: "page", html: "<script>1</script>" } });
    await settled();
    const frame = find<HTMLIFrameElement>("iframe");
    expect(frame.getAttribute("sandbox")).toContain("allow-scripts");
    expect(frame.getAttribute("sandbox")).not.toContain("same-origin");
    expect(frame.srcdoc).toContain("<script>1</script>");
  });

  it("is a page as high as it says, which may not grow without end; each page anew", async () => {
    const page = (html: string) => ({ value: { trame__shown: "page", html } });
    const { find, connection } = await show('<JtOutput :value="value" />', page("one"));
    const frame = find<HTMLIFrameElement>("iframe");
    const grow = async (heights: number) => {
      for (let n = 1; n <= heights; n += 1) {
        const data = { jtFrameHeight: 100 * n };
        window.dispatchEvent(new MessageEvent("message", { source: frame.contentWindow, data }));
      }
      await settled();
      return frame.style.height;
    };
    expect(await grow(20)).toBe("1200px");
    connection.push(page("two"));
    await settled();
    expect(frame.style.height).toBe("420px");
    expect(await grow(3)).toBe("300px");
  });

  it("is a page that names itself, and says from where files of it do not come", async () => {
    const page = (html: string) => ({ value: { trame__shown: "page", html } });
    const { find, root, connection } = await show(
      '<JtOutput :value="value" alt="A map" />',
      page(" <!DOCTYPE html>\n<p>one"),
    );
    const frame = find<HTMLIFrameElement>("iframe");
    expect(frame.title).toBe("A map");
    expect(frame.srcdoc, "a page without quirks").toMatch(/^ <!DOCTYPE html><script>/);
    const tell = async (data: unknown, source: Window | null = frame.contentWindow) => {
      window.dispatchEvent(new MessageEvent("message", { source, data }));
      await settled();
      return root.querySelector("[role=alert]")?.textContent;
    };
    const missing = { jtFrameMissing: "https://cdn.example.org/map.js" };
    expect(await tell(missing, window)).toBeUndefined();
    expect(await tell({ jtFrameMissing: 5 })).toBeUndefined();
    expect(await tell(null)).toBeUndefined();
    expect(await tell(missing)).toContain("needs files from cdn.example.org, which did not come.");
    expect(await tell({ jtFrameMissing: "https://other.example.org/" })).toContain(
      "cdn.example.org",
    );
    connection.push(page("two"));
    await settled();
    expect(root.querySelector("[role=alert]")).toBeNull();
    expect(await tell({ jtFrameMissing: "map.js" })).toContain("files from map.js");
  });

  it("is a picture with a text for who does not see it, its own if it has one", async () => {
    const picture = { trame__shown: "picture", data: new Uint8Array([137, 80, 78, 71]) };
    const { find, connection } = await show('<JtOutput :value="value" alt="Fuel by power" />', {
      value: picture,
    });
    expect(find<HTMLImageElement>("img").alt).toBe("Fuel by power");
    connection.push({ value: { ...picture, alt: "A map" } });
    await settled();
    expect(find<HTMLImageElement>("img").alt).toBe("A map");
  });

  it("says what went wrong in its place, beside what was there", async () => {
    const { find, connection, root } = await show('<JtOutput :value="value" :status="status" />', {
      value: "before",
      status: { busy: false, error: { message: "ValueError: no", trace: "line 1" } },
    });
    expect(find("[role=alert] p").textContent).toBe("ValueError: no");
    expect(find("details pre").textContent).toBe("line 1");
    expect(find(".jt-text").textContent).toBe("before");
    connection.push({ status: { busy: true, error: null } });
    await settled();
    expect(root.querySelector("[role=alert]")).toBeNull();
    expect(find(".jt-output").getAttribute("aria-busy")).toBe("true");
  });
});

describe("a job", () => {
  const template =
    '<JtJob label="Work" :value="value" :status="status" @run="said = \'run\'" @stop="said = \'stop\'" />';

  it("can be run when it does not run, and stopped when it does", async () => {
    const { find, connection, root } = await show(template, {
      said: "",
      value: null,
      status: { stage: "ready" },
    });
    const [run, stop] = [...root.querySelectorAll("button")] as HTMLButtonElement[];
    expect([run?.disabled, stop?.disabled]).toEqual([false, true]);
    run?.click();
    await settled();
    expect(connection.writes.at(-1)).toEqual({ said: "run" });
    connection.push({ status: { stage: "running", done: 0.25, text: "reading" } });
    await settled();
    expect([run?.disabled, stop?.disabled]).toEqual([true, false]);
    expect(find<HTMLProgressElement>("progress").value).toBe(0.25);
    expect(find("[role=status]").textContent).toBe("reading");
    connection.push({ status: { stage: "done" }, value: "all" });
    await settled();
    expect(root.querySelector("progress")).toBeNull();
    expect(find(".jt-text").textContent).toBe("all");
  });

  it("says how far it came where it was stopped, if it is known", async () => {
    const status = { stage: "stopped", done: 0.4 };
    const { find, connection } = await show(template, { said: "", value: null, status });
    expect(find("[role=status]").textContent).toBe("Stopped at 40 %.");
    connection.push({ status: { stage: "stopped", done: null } });
    await settled();
    expect(find("[role=status]").textContent).toBe("Stopped.");
  });

  it("leaves the focus to the button that was pressed", async () => {
    const { root, connection } = await show(template, {
      said: "",
      value: null,
      status: { stage: "ready" },
    });
    const [run] = [...root.querySelectorAll("button")] as HTMLButtonElement[];
    run?.focus();
    run?.click();
    connection.push({ status: { stage: "running" } });
    await settled();
    const inside = run?.getRootNode() as ShadowRoot | undefined;
    expect(inside?.activeElement).toBe(run);
    expect([run?.disabled, run?.getAttribute("aria-disabled")]).toEqual([false, "true"]);
    connection.push({ said: "" });
    await settled();
    const writes = connection.writes.length;
    run?.click();
    await settled();
    expect(connection.writes.length, "and it runs once").toBe(writes);
  });

  it("is ready where nothing is known of it", async () => {
    const { root } = await show(template, { said: "", value: null, status: null });
    const [run, stop] = [...root.querySelectorAll("button")] as HTMLButtonElement[];
    expect([run?.disabled, stop?.disabled]).toEqual([false, true]);
  });
});

describe("numbers", () => {
  it("have the digits, the unit and the sign that are asked for", async () => {
    const { find } = await show(
      '<JtMetric label="Mean" :value="mean" unit="kW" :digits="1" :delta="change" />',
      { mean: 1234.56, change: 2 },
    );
    expect(find("dt").textContent).toBe("Mean");
    expect(find(".jt-value").textContent).toBe(
      `${new Intl.NumberFormat(undefined, { minimumFractionDigits: 1 }).format(1234.6)} kW`,
    );
    expect(find(".jt-delta").dataset.direction).toBe("1");
    expect(find(".jt-delta").textContent).toMatch(/\+2[.,]0/);
  });

  it("are missing where there is none", async () => {
    const { find, root } = await show('<JtMetric label="Mean" :value="mean" />', { mean: null });
    expect(find(".jt-value").textContent).toBe("–");
    expect(root.querySelector(".jt-delta")).toBeNull();
  });

  it("are a bar with its name, which moves where nothing is known", async () => {
    const { find, connection } = await show('<JtProgress label="Done" :value="done" />', {
      done: 0.4,
    });
    const bar = find<HTMLProgressElement>("progress");
    expect([bar.value, bar.getAttribute("aria-label")]).toEqual([0.4, "Done"]);
    expect(find(".jt-reading").textContent).toBe("40 %");
    connection.push({ done: null });
    await settled();
    expect(bar.hasAttribute("value")).toBe(false);
  });
});

it("a log is read to its end, unless somebody reads above", async () => {
  const { find, connection } = await show('<JtLog label="Log" :value="lines" />', { lines: ["a"] });
  const box = find("[role=log]");
  Object.defineProperties(box, {
    scrollHeight: { value: 500 },
    clientHeight: { value: 100 },
  });
  box.scrollTop = 395;
  connection.push({ lines: ["a", "b"] });
  await settled();
  expect(box.textContent).toBe("a\nb");
  expect(box.scrollTop).toBe(500);
  box.scrollTop = 10;
  connection.push({ lines: ["a", "b", "c"] });
  await settled();
  expect(box.scrollTop).toBe(10);
});

describe("a picture", () => {
  const size = (image: HTMLElement) => {
    Object.defineProperties(image, {
      naturalWidth: { value: 200 },
      naturalHeight: { value: 100 },
    });
    vi.spyOn(image, "getBoundingClientRect").mockReturnValue(new DOMRect(10, 20, 100, 50));
  };

  it("tells clicks in its own pixels, whatever its size on the page", async () => {
    const { find, connection, view } = await show(
      '<JtImage :value="picture" alt="A field" clickable @update:clicked="point = $event" />',
      { picture: "a.png", point: null },
    );
    size(find("img"));
    find("button").dispatchEvent(new MouseEvent("click", { clientX: 60, clientY: 45, detail: 1 }));
    await settled();
    expect(connection.writes.at(-1)).toEqual({ point: [100, 50] });
    find("button").dispatchEvent(new MouseEvent("click", { clientX: 500, clientY: 0, detail: 1 }));
    await settled();
    expect(view.trame.state.state.point).toEqual([199, 0]);
  });

  it("is clicked with the keyboard where the arrows have led", async () => {
    const { find, connection } = await show(
      '<JtImage :value="picture" clickable @update:clicked="point = $event" />',
      { picture: "a.png", point: null },
    );
    size(find("img"));
    const press = (key: string, shiftKey = false) =>
      find("button").dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
    find("button").click();
    expect(connection.writes).toEqual([]);
    press("ArrowRight");
    press("ArrowDown", true);
    await settled();
    expect(find("[role=status]").textContent).toBe("110, 51");
    find("button").click();
    await settled();
    expect(connection.writes.at(-1)).toEqual({ point: [110, 51] });
  });

  it("says what went wrong with the function that makes it, over the last one", async () => {
    const { find, root, connection } = await show(
      '<JtImage :value="picture" :status="status" clickable />',
      { picture: null, status: { busy: false, error: { message: "ValueError: no", trace: "T" } } },
    );
    expect(find(".jt-image [role=alert] p").textContent).toBe("ValueError: no");
    expect(find(".jt-image pre").textContent).toBe("T");
    expect(root.querySelector("img, button")).toBeNull();
    connection.push({ picture: new Uint8Array([137, 80, 78, 71]) });
    await settled();
    expect(find(".jt-image").dataset.failed).toBe("true");
    expect(root.querySelectorAll("[role=alert] ~ button img")).toHaveLength(1);
    connection.push({ status: { busy: true, error: null } });
    await settled();
    expect(root.querySelector("[role=alert]")).toBeNull();
    expect(find(".jt-image").getAttribute("aria-busy")).toBe("true");
  });

  it("that is no picture, or not to be clicked, has no button", async () => {
    const { root } = await show('<JtImage :value="picture" /><JtImage :value="none" clickable />', {
      picture: new Uint8Array([137, 80, 78, 71]),
      none: 5,
    });
    expect(root.querySelectorAll("img")).toHaveLength(1);
    expect(root.querySelector("button")).toBeNull();
  });
});
