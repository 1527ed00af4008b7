import { afterEach, describe, expect, it, vi } from "vitest";
import { mount, settled, type as typeIn } from "../setup";

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const show = (template: string, state: Record<string, unknown>) =>
  mount({ ...state, trame__template_main: `<JtApp>${template}</JtApp>` });

describe("a field", () => {
  it("has a label, and what is said of it belongs to its control", async () => {
    const { find } = await show(
      '<JtText v-model="name" label="Name" help="As on the card" problem="It is required" />',
      { name: "" },
    );
    const input = find<HTMLInputElement>("input");
    expect(find<HTMLLabelElement>("label").htmlFor).toBe(input.id);
    const described = (input.getAttribute("aria-describedby") ?? "").split(" ");
    expect(described.map((id) => find(`#${id}`).textContent)).toEqual([
      "As on the card",
      "It is required",
    ]);
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(find(`#${input.getAttribute("aria-errormessage")}`).textContent).toBe("It is required");
  });

  it("whose value is right says nothing of problems", async () => {
    const { find } = await show('<JtText v-model="name" label="Name" />', { name: "" });
    expect(find("input").hasAttribute("aria-invalid")).toBe(false);
    expect(find(".jt-problem").textContent).toBe("");
  });
});

describe("a slider", () => {
  it("writes its key as a number while it moves, and tells when it is let go", async () => {
    const { find, connection } = await show(
      `<JtSlider v-model="power" label="Power" :min="50" :max="230" unit="hp" @change="set('last', $event)" />`,
      { power: 150, last: 0 },
    );
    const input = find<HTMLInputElement>("input");
    expect([input.min, input.max, input.value]).toEqual(["50", "230", "150"]);
    expect(find("output").textContent).toBe("150 hp");
    typeIn(input, "160");
    await settled();
    expect(connection.writes).toEqual([{ power: 160 }]);
    expect(find("output").textContent).toBe("160 hp");
    connection.settle();
    input.dispatchEvent(new Event("change"));
    await settled();
    expect(connection.writes).toEqual([{ power: 160 }, { last: 160 }]);
  });
});

describe("a line of text", () => {
  it("is not overwritten while it is being typed, and is what the server says afterwards", async () => {
    const { find, connection, view } = await show('<JtText v-model="name" label="Name" />', {
      name: "a",
    });
    const input = find<HTMLInputElement>("input");
    typeIn(input, "ab");
    await settled();
    expect(connection.writes).toEqual([{ name: "ab" }]);
    connection.settle();
    view.trame.state.receive({ name: "AB" });
    await settled();
    expect(input.value).toBe("ab");
    input.dispatchEvent(new Event("change"));
    await settled();
    expect(input.value).toBe("AB");
  });

  it("may be emptied at Enter by what hears of it", async () => {
    const { find } = await show(`<JtText v-model="name" @change="name = ''" />`, { name: "" });
    const input = find<HTMLInputElement>("input");
    typeIn(input, "hello");
    input.dispatchEvent(new Event("change"));
    await settled();
    expect(input.value).toBe("");
  });
});

describe("a button", () => {
  it("shows that what it called still runs", async () => {
    const { find, view } = await show(`<JtButton @click="trigger('slow')">Go</JtButton>`, {});
    let end = (_: unknown): void => undefined;
    vi.spyOn(view.trame, "trigger").mockReturnValue(new Promise((resolve) => (end = resolve)));
    const button = find<HTMLButtonElement>("button");
    button.click();
    await settled();
    expect(button.getAttribute("aria-busy")).toBe("true");
    end(null);
    await settled();
    expect(button.hasAttribute("aria-busy")).toBe(false);
  });
});

it("a sidebar stands beside all the rest", async () => {
  const { find } = await show(
    '<p>one</p><JtSidebar><JtText v-model="name" label="Name" /></JtSidebar><p>two</p>',
    { name: "" },
  );
  expect(find(".jt-sidebar input")).toBeTruthy();
  expect(find(".jt-main").textContent).toBe("onetwo");
});
