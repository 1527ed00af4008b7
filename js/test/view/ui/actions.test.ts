import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mount, settled, type as typeIn } from "../setup";

beforeEach(() => {
  // What jsdom lacks of windows over a page.
  const { prototype } = HTMLDialogElement;
  prototype.showModal = function () {
    this.open = true;
  };
  prototype.close = function (value?: string) {
    if (!this.open) return;
    if (value !== undefined) this.returnValue = value;
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
});

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const show = (template: string, state: Record<string, unknown> = {}) =>
  mount({ ...state, trame__template_main: `<JtApp>${template}</JtApp>` });

/** A call whose answer comes when the second is called. */
function later<T>(): [Promise<T>, (value: T) => void] {
  let end: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    end = resolve;
  });
  return [promise, end];
}

describe("a button", () => {
  it("shows that what it called still runs", async () => {
    const { find, view } = await show(`<JtButton @click="trigger('slow')">Go</JtButton>`);
    const [answer, end] = later<unknown>();
    vi.spyOn(view.trame, "trigger").mockReturnValue(answer);
    const button = find<HTMLButtonElement>("button");
    button.click();
    await settled();
    expect(button.getAttribute("aria-busy")).toBe("true");
    end(null);
    await settled();
    expect(button.hasAttribute("aria-busy")).toBe(false);
  });

  it("has text of which no part is an expression, as `literal` in Python writes it", async () => {
    const { find } = await show("<JtButton>Save a&#123;&#123; 1 + 1 }}&lt;b&gt;.csv</JtButton>");
    expect(find("button").textContent).toBe("Save a{{ 1 + 1 }}<b>.csv");
  });

  it("shows nothing any more when what it called failed", async () => {
    const { find, view } = await show(`<JtButton @click="trigger('slow')">Go</JtButton>`);
    vi.spyOn(view.trame, "trigger").mockRejectedValue(new Error("no"));
    find("button").click();
    await settled();
    expect(find("button").hasAttribute("aria-busy")).toBe(false);
  });

  it.each([
    [".jt-button-danger", 1],
    [".jt-button:not(.jt-button-danger)", 0],
  ])("asks before it does something (%s)", async (answer, count) => {
    const { find, view } = await show(
      `<JtButton kind="danger" confirm="Delete all?" @click="trigger('delete')">Delete</JtButton>`,
    );
    const trigger = vi.spyOn(view.trame, "trigger").mockResolvedValue(null);
    find(".jt-main button").click();
    await settled();
    expect(trigger).not.toHaveBeenCalled();
    expect(find(".jt-question").textContent).toBe("Delete all?");
    expect(find("dialog .jt-button-danger").textContent).toBe("Delete");
    find(`dialog ${answer}`).click();
    await settled();
    expect(trigger).toHaveBeenCalledTimes(count);
    expect(() => find("dialog")).toThrow("no dialog");
  });
});

describe("a button that is disabled while it has the focus", () => {
  it("keeps the focus until the user leaves it, and does nothing", async () => {
    const { find, root, view } = await show(
      `<JtButton :disabled="empty" @click="trigger('delete')">Delete</JtButton><a href="#">on</a>`,
      { empty: false },
    );
    const trigger = vi.spyOn(view.trame, "trigger").mockResolvedValue(null);
    const button = find<HTMLButtonElement>("button");
    button.focus();
    view.trame.state.receive({ empty: true });
    await settled();
    expect([root.activeElement, button.disabled]).toEqual([button, false]);
    expect(button.getAttribute("aria-disabled")).toBe("true");
    button.click();
    expect(trigger).not.toHaveBeenCalled();
    find("a").focus();
    await settled();
    expect([button.disabled, button.hasAttribute("aria-disabled")]).toEqual([true, false]);
  });
});

describe("a form", () => {
  const FORM = `<JtForm label="Person" @save="trigger('save')">
    <JtText v-model="name" label="Name" :problem="problem" />
    <JtEntry v-model="age" label="Age" :max="120" />
    <JtButton type="submit">Save</JtButton></JtForm>`;

  it("saves once at a time, and its button shows it", async () => {
    const { find, view } = await show(FORM, { name: "", age: 1, problem: "" });
    const [answer, end] = later<unknown>();
    const trigger = vi.spyOn(view.trame, "trigger").mockReturnValue(answer);
    find<HTMLFormElement>("form").requestSubmit();
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    expect(trigger.mock.calls).toEqual([["save"]]);
    expect(find("button").getAttribute("aria-busy")).toBe("true");
    end(null);
    await settled();
    expect(find("button").hasAttribute("aria-busy")).toBe(false);
  });

  it.each([
    [".jt-button-primary", [["save"]]],
    [".jt-button:not(.jt-button-primary)", []],
  ])("is saved once its button's question has its answer (%s)", async (answer, calls) => {
    const { find, view } = await show(
      `<JtForm @save="trigger('save')"><JtButton type="submit" confirm="Really?">Save</JtButton></JtForm>`,
    );
    const trigger = vi.spyOn(view.trame, "trigger").mockResolvedValue(null);
    find(".jt-main button").click();
    await settled();
    expect(trigger).not.toHaveBeenCalled();
    find(`dialog ${answer}`).click();
    await settled();
    expect(trigger.mock.calls).toEqual(calls);
  });

  it("leads to the first input with a problem", async () => {
    const { find, root, view } = await show(FORM, { name: "", age: 1, problem: "" });
    vi.spyOn(view.trame, "trigger").mockImplementation(async () => {
      view.trame.state.receive({ problem: "A name is needed." });
    });
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    await settled();
    expect(root.activeElement).toBe(find("input"));
  });

  it("with what an input does not take is not saved", async () => {
    const { find, root, view } = await show(FORM, { name: "", age: 1, problem: "" });
    const trigger = vi.spyOn(view.trame, "trigger").mockResolvedValue(null);
    const age = find<HTMLInputElement>("[type=number]");
    typeIn(age, "130");
    await settled();
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    expect(trigger).not.toHaveBeenCalled();
    expect(root.activeElement).toBe(age);
  });

  it("leads to a check's problem above what an input does not take", async () => {
    const { find, root, view } = await show(
      FORM.replace("@save", `@check="trigger('check')" @save`),
      { name: "", age: 1, problem: "" },
    );
    const trigger = vi.spyOn(view.trame, "trigger").mockImplementation(async () => {
      view.trame.state.receive({ problem: "A name is needed." });
    });
    typeIn(find<HTMLInputElement>("[type=number]"), "130");
    await settled();
    find<HTMLFormElement>("form").requestSubmit();
    await settled();
    await settled();
    expect(trigger.mock.calls).toEqual([["check"]]);
    expect(root.activeElement).toBe(find("input"));
  });

  it("is saved while the checks of what the user has mended are still asked", async () => {
    const { find, view } = await show(FORM.replace("@save", `@check="trigger('check')" @save`), {
      name: "",
      age: 1,
      problem: "",
    });
    const [answer, end] = later<unknown>();
    const trigger = vi.spyOn(view.trame, "trigger").mockReturnValue(answer);
    for (const age of ["130", "30"]) {
      typeIn(find<HTMLInputElement>("[type=number]"), age);
      await settled();
      find<HTMLFormElement>("form").requestSubmit();
    }
    expect(trigger.mock.calls).toEqual([["check"], ["save"]]);
    end(null);
  });
});

describe("a dialog", () => {
  const DIALOG = '<JtDialog v-model="asked" title="A question"><p class="inside">?</p></JtDialog>';

  it("is open while its key is true", async () => {
    const { find, view, root } = await show(DIALOG, { asked: false });
    const dialog = find<HTMLDialogElement>("dialog");
    expect([dialog.open, root.querySelector(".inside")]).toEqual([false, null]);
    view.trame.state.receive({ asked: true });
    await settled();
    expect([dialog.open, find(".inside").textContent]).toEqual([true, "?"]);
    view.trame.state.receive({ asked: false });
    await settled();
    expect(dialog.open).toBe(false);
  });

  it("that the user closes says so", async () => {
    const { find, connection } = await show(DIALOG, { asked: true });
    find("[aria-label=Close]").click();
    await settled();
    expect(connection.writes).toEqual([{ asked: false }]);
    expect(find<HTMLDialogElement>("dialog").open).toBe(false);
  });
});

describe("a toast", () => {
  const publish = (view: Awaited<ReturnType<typeof show>>["view"], toast: object) =>
    view.trame.client
      .getConnection()
      .getSession()
      .deliver("trame.ui.toast", toast, (error) => {
        throw error;
      });

  it("is shown for its time, and is closed by its button", async () => {
    const { root, find, view } = await show("<p></p>");
    vi.useFakeTimers();
    try {
      publish(view, { text: "Saved", kind: "ok", seconds: 4 });
      publish(view, { text: "Stays", kind: "error", seconds: 0 });
      const texts = () =>
        Array.from(root.querySelectorAll(".jt-toast span"), (one) => one.textContent);
      expect(texts()).toEqual(["Saved", "Stays"]);
      vi.advanceTimersByTime(4000);
      expect(texts()).toEqual(["Stays"]);
      find(".jt-toast button").click();
      expect(texts()).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("makes room for others", async () => {
    const { root, view } = await show("<p></p>");
    for (let n = 1; n < 8; n += 1) publish(view, { text: `${n}`, kind: "info", seconds: 0 });
    expect(root.querySelectorAll(".jt-toast")).toHaveLength(5);
  });

  it("goes with its view", async () => {
    const { root, view } = await show("<p></p>");
    publish(view, { text: "Saved", kind: "ok", seconds: 4 });
    view.dispose();
    expect(root.querySelector(".jt-toast")).toBeNull();
  });
});
