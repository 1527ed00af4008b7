import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type App, createApp, h, nextTick, shallowRef } from "vue";
import type { Change, Head, Sorting } from "../../../src/ui-chunks/table/rows-cache";
import { Table } from "../../../src/ui-chunks/table/table";
import { JtFailure } from "../../../src/view/ui/status";

// jsdom lays nothing out.
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

interface Question {
  start: number;
  count: number;
  sorting: Sorting | null;
  cells?: boolean;
}

/** An app with numbered rows, which sorts them by turning them round. */
class Host {
  readonly questions: Question[] = [];
  version = 1;

  constructor(readonly total: number) {}

  head(more: Partial<Head> = {}): Head {
    const column = (name: string, number: boolean) => ({
      name,
      heading: name,
      number,
      length: 9,
      width: "",
    });
    const rows = Array.from({ length: Math.min(50, this.total) }, (_, at) => this.#cells(at));
    const columns = [column("name", false), column("n", true)];
    return { version: this.version, total: this.total, columns, rows, ids: null, ...more };
  }

  async trigger(name: string, [question]: unknown[]): Promise<unknown> {
    expect(name).toBe("ask");
    const { start, count, sorting, cells = true } = question as Question;
    this.questions.push(question as Question);
    const end = Math.min(this.total, start + count);
    const positions = Array.from({ length: end - start }, (_, at) =>
      sorting?.descending ? this.total - 1 - start - at : start + at,
    );
    const rows = cells ? positions.map((at) => this.#cells(at)) : [];
    return { version: this.version, start, rows, positions, ids: null };
  }

  #cells(at: number): string[] {
    return [`row ${at}`, String(at)];
  }
}

let app: App | undefined;
let root: HTMLElement;
const settled = async () => {
  for (let turn = 0; turn < 8; turn += 1) await nextTick();
};

/** A table of `host`, with what it has told its app. */
async function show(host: Host, given: Record<string, unknown> = {}) {
  const head = shallowRef(host.head());
  const changes = shallowRef<Change[]>([]);
  const selected = shallowRef<unknown>(given.selected ?? null);
  const chosen: unknown[] = [];
  const opened: unknown[] = [];
  const render = () =>
    h(Table, {
      head: head.value,
      changes: changes.value,
      ask: "ask",
      label: "Cars",
      ...given,
      selected: selected.value as null,
      "onUpdate:selected": (value: unknown) => {
        selected.value = value;
      },
      onSelect: (value: unknown) => chosen.push(value),
      onOpen: (id: unknown) => opened.push(id),
    });
  app = createApp({ render });
  app.provide("trame", host);
  app.component("JtFailure", JtFailure);
  app.mount(root);
  await settled();
  return { head, changes, selected, chosen, opened };
}

const all = <T extends HTMLElement = HTMLElement>(selector: string) => [
  ...root.querySelectorAll<T>(selector),
];
const texts = () =>
  all(".jt-table-row").map((row) => row.querySelector("td:not(.jt-table-box)")?.textContent);
const grid = () => root.querySelector("table") as HTMLElement;
const area = () => root.querySelector(".jt-table-area") as HTMLElement;
const foot = () => root.querySelector("[role=status]")?.textContent;

async function press(key: string, more: KeyboardEventInit = {}) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  grid().dispatchEvent(event);
  await settled();
  return event.defaultPrevented;
}

async function click(row: string, more: MouseEventInit = {}, kind = "click") {
  const cell = all("td").find((one) => one.textContent === row);
  cell?.dispatchEvent(new MouseEvent(kind, { bubbles: true, ...more }));
  await settled();
}

async function scrollTo(top: number) {
  area().scrollTop = top;
  area().dispatchEvent(new Event("scroll"));
  await settled();
}

beforeEach(() => {
  root = document.createElement("div");
  document.body.append(root);
});
afterEach(() => {
  app?.unmount();
  root.remove();
});

describe("a table whose function has failed", () => {
  const status = { error: { message: "ValueError: too high" } };

  it("says so over the rows that it had", async () => {
    await show(new Host(3), { status });
    expect(root.querySelector("[role=alert]")?.textContent).toBe("ValueError: too high");
    expect([texts().length, foot()]).toEqual([3, "3 rows"]);
    expect(root.querySelector(".jt-table")?.hasAttribute("data-failed")).toBe(true);
  });

  it("and had none does not say that there are none", async () => {
    const shown = shallowRef<object>(status);
    const host = new Host(0);
    const { head } = await show(host, {
      get status() {
        return shown.value;
      },
    });
    expect([foot(), area().style.display]).toEqual([undefined, "none"]);
    shown.value = {};
    host.version = 2;
    head.value = { ...host.head(), total: 0 };
    await settled();
    expect([foot(), area().style.display]).toEqual(["No rows", ""]);
    expect(root.querySelector("[role=alert]")).toBeNull();
  });
});

describe("a table", () => {
  it("draws the first rows without asking, and tells how many there are", async () => {
    const host = new Host(100_000);
    await show(host);
    expect(texts()[0]).toBe("row 0");
    expect(texts().length).toBeLessThan(40);
    expect(host.questions).toEqual([]);
    expect(grid().getAttribute("aria-rowcount")).toBe("100001");
    expect(all(".jt-table-row")[0]?.getAttribute("aria-rowindex")).toBe("2");
    expect(foot()).toBe("100\u202f000 rows");
  });

  it("asks for the rows that are scrolled to", async () => {
    const host = new Host(100_000);
    await show(host);
    await scrollTo(32 * 60_000);
    expect(host.questions).toEqual([{ start: 59_950, count: 100, sorting: null }]);
    expect(texts()).toContain("row 60000");
    await scrollTo(32 * 60_004);
    expect(host.questions).toHaveLength(1);
  });

  it("is sorted by its headings, and says so", async () => {
    const host = new Host(200);
    await show(host);
    const heading = () => all("th")[1] as HTMLElement;
    const button = () => heading().querySelector("button") as HTMLElement;
    expect(heading().getAttribute("aria-sort")).toBe("none");
    button().click();
    await settled();
    expect(heading().getAttribute("aria-sort")).toBe("ascending");
    button().click();
    await settled();
    expect(heading().getAttribute("aria-sort")).toBe("descending");
    expect(texts()[0]).toBe("row 199");
    expect(host.questions.at(-1)).toEqual({
      start: 0,
      count: 50,
      sorting: { column: "n", descending: true },
    });
    button().click();
    await settled();
    expect(heading().getAttribute("aria-sort")).toBe("none");
    expect(texts()[0]).toBe("row 0");
  });

  it("shows the order of the last click, whatever is answered late", async () => {
    const host = new Host(200);
    const late: (() => void)[] = [];
    const answered = host.trigger.bind(host);
    host.trigger = async (name, args) => {
      const answer = await answered(name, args);
      await new Promise<void>((resolve) => late.push(resolve));
      return answer;
    };
    await show(host);
    const button = all("th button")[1] as HTMLElement;
    for (let click = 0; click < 2; click += 1) {
      button.click();
      await settled();
    }
    late[0]?.();
    await settled();
    late[1]?.();
    await settled();
    expect(host.questions.map(({ sorting }) => sorting?.descending)).toEqual([false, true]);
    expect(texts()[0]).toBe("row 199");
  });

  it("takes changes of single cells, and new rows", async () => {
    const host = new Host(200);
    const { changes, head } = await show(host);
    changes.value = [{ version: 2, cells: [[3, 0, "other"]] }];
    await settled();
    expect(texts()[3]).toBe("other");
    expect(host.questions).toEqual([]);
    head.value = { ...new Host(2).head(), version: 3 };
    changes.value = [];
    await settled();
    expect(texts()).toEqual(["row 0", "row 1"]);
    head.value = { ...new Host(0).head(), version: 4 };
    await settled();
    expect([texts(), foot()]).toEqual([[], "No rows"]);
  });

  it("turns pages", async () => {
    const host = new Host(120);
    await show(host, { pageSize: 50 });
    expect(foot()).toBe("1 to 50 of 120 rows");
    const button = (name: string) =>
      root.querySelector(`[aria-label="${name} page"]`) as HTMLButtonElement;
    expect(button("Previous").disabled).toBe(true);
    button("Last").click();
    await settled();
    expect(foot()).toBe("101 to 120 of 120 rows");
    expect(texts()[0]).toBe("row 100");
    expect(button("Next").disabled).toBe(true);
    button("Previous").click();
    await settled();
    expect(foot()).toBe("51 to 100 of 120 rows");
    // Keys stay on the page.
    await press("ArrowUp");
    expect(root.querySelector(".jt-table-active")?.getAttribute("data-index")).toBe("50");
  });
});

describe("a column of a table", () => {
  const heading = () => all("th")[0] as HTMLElement;
  const widths = () => [...all("col").map(({ style }) => style.width), grid().style.width];
  /** jsdom has none of it. */
  const layOut = () => {
    for (const th of all("th")) Object.defineProperty(th, "offsetWidth", { value: 100 });
    const grip = all(".jt-table-grip")[0] as HTMLElement;
    grip.setPointerCapture = () => undefined;
    return grip;
  };
  const point = async (grip: HTMLElement, type: string, clientX: number) => {
    grip.dispatchEvent(new MouseEvent(type, { clientX, bubbles: true, cancelable: true }));
    await settled();
  };

  it("is made wider by a hand, and the others stay as they are", async () => {
    await show(new Host(3));
    const before = widths();
    const grip = layOut();
    await point(grip, "pointerdown", 10);
    await point(grip, "pointermove", 40);
    expect(widths()).toEqual(["130px", "100px", "230px"]);
    await point(grip, "pointermove", -200);
    expect(widths(), "and never too narrow to be found").toEqual(["48px", "100px", "148px"]);
    await point(grip, "lostpointercapture", 0);
    await point(grip, "pointermove", 300);
    expect(widths()).toEqual(["48px", "100px", "148px"]);
    await point(grip, "dblclick", 0);
    expect(widths()).toEqual(before);
  });

  it("is made wider and narrower with the keyboard, and not sorted by it", async () => {
    const host = new Host(200);
    await show(host);
    layOut();
    const button = heading().querySelector("button") as HTMLElement;
    const pressed = async (key: string, shiftKey: boolean) => {
      const event = new KeyboardEvent("keydown", {
        key,
        shiftKey,
        bubbles: true,
        cancelable: true,
      });
      button.dispatchEvent(event);
      await settled();
      return event.defaultPrevented;
    };
    expect(await pressed("ArrowRight", false)).toBe(false);
    expect(await pressed("ArrowRight", true)).toBe(true);
    expect(widths()).toEqual(["116px", "100px", "216px"]);
    await pressed("ArrowLeft", true);
    await pressed("ArrowLeft", true);
    expect(widths()).toEqual(["84px", "100px", "184px"]);
    expect(host.questions).toEqual([]);
  });

  it("that the boxes are in is as wide as before", async () => {
    await show(new Host(3), { select: "many", selected: [] });
    const grip = layOut();
    await point(grip, "pointerdown", 0);
    await point(grip, "pointermove", 20);
    expect(widths()).toEqual(["", "120px", "100px", "320px"]);
  });
});

describe("a selection in a table", () => {
  it("is the one row that was clicked, and none where none is wanted", async () => {
    const { selected, chosen } = await show(new Host(200), { select: "one" });
    await click("row 2");
    expect([selected.value, chosen]).toEqual([2, [2]]);
    expect(all("[aria-selected=true]")).toHaveLength(1);
    expect(foot()).toBe("200 rows, 1 selected");
    await click("row 2", { ctrlKey: true });
    expect(selected.value).toBeNull();
    app?.unmount();
    const none = await show(new Host(200));
    await click("row 2");
    expect([none.selected.value, none.chosen]).toEqual([null, []]);
    expect(all("[aria-selected]")).toEqual([]);
  });

  it("has many rows with Ctrl, Shift and boxes", async () => {
    const host = new Host(100_000);
    const { selected } = await show(host, { select: "many", selected: [] });
    await click("row 2");
    await click("row 4", { ctrlKey: true });
    expect(selected.value).toEqual([2, 4]);
    all("td.jt-table-box span")[5]?.click();
    await settled();
    expect(selected.value).toEqual([2, 4, 5]);
    await click("row 8", { shiftKey: true });
    expect(selected.value).toEqual([5, 6, 7, 8]);
    await press("a", { ctrlKey: true });
    expect(selected.value).toHaveLength(100_000);
    expect(host.questions.at(-1)).toEqual({
      start: 0,
      count: 100_000,
      sorting: null,
      cells: false,
    });
    await press("Escape");
    expect(selected.value).toEqual([]);
  });

  it("is made with the keyboard", async () => {
    const { selected, opened } = await show(new Host(200), { select: "many", selected: [] });
    expect(await press("ArrowDown")).toBe(true);
    await press(" ");
    expect(selected.value).toEqual([1]);
    await press("ArrowDown", { shiftKey: true });
    await press("ArrowDown", { shiftKey: true });
    expect(selected.value).toEqual([1, 2, 3]);
    await press("Enter");
    expect(opened).toEqual([3]);
    const active = root.querySelector(".jt-table-active");
    expect(grid().getAttribute("aria-activedescendant")).toBe(active?.id);
    await press("End");
    expect(texts()).toContain("row 199");
    expect(await press("x")).toBe(false);
  });

  it("leaves the keys of a heading to it", async () => {
    await show(new Host(200), { select: "one" });
    const event = new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true });
    root.querySelector("th button")?.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });

  it("is of the row that a double click opens", async () => {
    const { opened } = await show(new Host(200));
    await click("row 7", {}, "dblclick");
    expect(opened).toEqual([7]);
  });
});
