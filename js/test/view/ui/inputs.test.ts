import { afterEach, describe, expect, it, vi } from "vitest";
import { mount, settled, type as typeIn } from "../setup";

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const show = (template: string, state: Record<string, unknown>) =>
  mount({ ...state, trame__template_main: `<JtApp>${template}</JtApp>` });

/** Chooses as a user does. */
async function choose(control: HTMLElement): Promise<void> {
  control.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
}

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
    await choose(input);
    expect(connection.writes).toEqual([{ power: 160 }, { last: 160 }]);
  });
});

describe("a range", () => {
  it("has two ends, of which neither passes the other", async () => {
    const { root, connection } = await show(
      '<JtRange v-model="years" label="Years" :min="1970" :max="1982" />',
      { years: [1972, 1980] },
    );
    const [low, high] = root.querySelectorAll("input");
    expect([low, high].map((input) => input?.getAttribute("aria-label"))).toEqual([
      "Years from",
      "Years to",
    ]);
    typeIn(low as HTMLInputElement, "1982");
    await settled();
    expect(connection.writes).toEqual([{ years: [1980, 1980] }]);
    expect(low?.value).toBe("1980");
    connection.settle();
    typeIn(high as HTMLInputElement, "1981");
    await settled();
    expect(connection.writes.at(-1)).toEqual({ years: [1980, 1981] });
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
    await choose(input);
    expect(input.value).toBe("AB");
  });

  it("may be emptied at Enter by what hears of it", async () => {
    const { find } = await show(`<JtText v-model="name" @change="name = ''" />`, { name: "" });
    const input = find<HTMLInputElement>("input");
    typeIn(input, "hello");
    await choose(input);
    expect(input.value).toBe("");
  });

  it("has as many lines as it is told", async () => {
    const { find } = await show('<JtText v-model="name" :rows="3" label="Name" />', {
      name: "a\nb",
    });
    expect(find<HTMLTextAreaElement>("textarea")).toMatchObject({ rows: 3, value: "a\nb" });
  });
});

describe("an entry", () => {
  const AGE =
    '<JtEntry v-model="age" label="Age" :min="0" :max="120" :step="1" @change="set(\'told\', $event)" />';

  it("of a number is null while it is empty", async () => {
    const { find, connection } = await show(AGE, { age: 7, told: 0 });
    const input = find<HTMLInputElement>("input");
    typeIn(input, "");
    await settled();
    expect(connection.writes).toEqual([{ age: null }]);
    connection.settle();
    typeIn(input, "8");
    await settled();
    expect(connection.writes.at(-1)).toEqual({ age: 8 });
  });

  it.each([
    ["130", "Enter 120 or less."],
    ["-1", "Enter 0 or more."],
    ["1.5", "Enter a value in steps of 1 from 0."],
  ])("of %s says why it is not taken, and writes nothing", async (text, reason) => {
    const { find, connection } = await show(AGE, { age: 7, told: 0 });
    const input = find<HTMLInputElement>("input");
    typeIn(input, text);
    await choose(input);
    input.dispatchEvent(new Event("blur"));
    await settled();
    expect(connection.writes).toEqual([]);
    expect([input.value, find(".jt-problem").textContent]).toEqual([text, reason]);
    expect(input.getAttribute("aria-invalid")).toBe("true");
  });

  it("whose text was refused shows the next value that the key gets", async () => {
    const { find, view } = await show(AGE, { age: 7, told: 0 });
    const input = find<HTMLInputElement>("input");
    typeIn(input, "130");
    await choose(input);
    view.trame.state.receive({ age: 8 });
    await settled();
    expect([input.value, find(".jt-problem").textContent]).toEqual(["8", ""]);
  });

  it("of a day is text", async () => {
    const { find, connection } = await show(
      '<JtEntry v-model="born" label="Born" type="date" max="2026-01-01" />',
      { born: null },
    );
    const input = find<HTMLInputElement>("input");
    typeIn(input, "1980-05-17");
    await settled();
    expect(connection.writes).toEqual([{ born: "1980-05-17" }]);
    connection.settle();
    typeIn(input, "2027-01-01");
    await settled();
    expect(find(".jt-problem").textContent).toBe("Enter 2026-01-01 or earlier.");
    expect(connection.writes).toHaveLength(1);
  });
});

describe("options", () => {
  it("of a list keep their types", async () => {
    const { find, root, connection } = await show(
      `<JtSelect v-model="n" label="N" :options="[4, [6, 'six'], {value: null, label: 'none'}]" />`,
      { n: 6 },
    );
    const select = find<HTMLSelectElement>("select");
    const labels = Array.from(root.querySelectorAll("option"), (option) => option.textContent);
    expect([labels, select.selectedOptions[0]?.textContent]).toEqual([["4", "six", "none"], "six"]);
    select.selectedIndex = 2;
    await choose(select);
    expect(connection.writes).toEqual([{ n: null }]);
  });

  it("may be labels by their values, and a value that is none of them is shown as nothing chosen", async () => {
    const { find } = await show(
      `<JtSelect v-model="n" label="N" :options="{a: 'A', b: 'B'}" placeholder="Choose one" />`,
      { n: "x" },
    );
    expect(find<HTMLSelectElement>("select").selectedOptions[0]?.textContent).toBe("Choose one");
  });

  it("of which one is chosen are radio buttons", async () => {
    const { root, find, connection } = await show(
      `<JtChoices v-model="sort" label="Sort" :options="['mpg', 'hp']" />`,
      { sort: "mpg" },
    );
    const group = find("[role=radiogroup]");
    expect(find(`#${group.getAttribute("aria-labelledby")}`).textContent).toBe("Sort");
    const [first, second] = root.querySelectorAll<HTMLInputElement>("input[type=radio]");
    expect([first?.checked, second?.checked, first?.name === second?.name]).toEqual([
      true,
      false,
      true,
    ]);
    second?.click();
    await settled();
    expect(connection.writes).toEqual([{ sort: "hp" }]);
  });

  it("of which many are chosen stay in their order", async () => {
    const { root, connection } = await show(
      '<JtChoices v-model="c" label="Cylinders" :options="[4, 6, 8]" many />',
      { c: [8] },
    );
    const boxes = root.querySelectorAll<HTMLInputElement>("input[type=checkbox]");
    boxes[0]?.click();
    await settled();
    expect(connection.writes).toEqual([{ c: [4, 8] }]);
    connection.settle();
    boxes[2]?.click();
    await settled();
    expect(connection.writes.at(-1)).toEqual({ c: [4] });
  });
});

describe("a check", () => {
  it.each(["", "toggle"])("is true or false (%s)", async (kind) => {
    const { find, connection } = await show(`<JtCheck v-model="on" label="On" ${kind} />`, {
      on: false,
    });
    const input = find<HTMLInputElement>("input");
    expect(input.getAttribute("role")).toBe(kind ? "switch" : null);
    input.click();
    await settled();
    expect(connection.writes).toEqual([{ on: true }]);
  });
});

describe("a colour", () => {
  it("is written as it is chosen", async () => {
    const { find, connection } = await show('<JtColor v-model="c" label="Paint" />', {
      c: "#102030",
    });
    typeIn(find<HTMLInputElement>("input"), "#ffffff");
    await settled();
    expect(connection.writes).toEqual([{ c: "#ffffff" }]);
    expect(find("output").textContent).toBe("#ffffff");
  });
});

describe("an upload", () => {
  it.each([
    ["", { name: "a.csv" }],
    ["multiple", [{ name: "a.csv" }]],
  ])("is a file, or a list (%s)", async (kind, expected) => {
    const { find, view } = await show(
      `<JtUpload v-model="doc" label="Data" accept=".csv" ${kind} />`,
      {
        doc: null,
      },
    );
    const set = vi.spyOn(view.trame.state, "set");
    const input = find<HTMLInputElement>("input");
    Object.defineProperty(input, "files", { value: [new File(["1"], "a.csv")] });
    await choose(input);
    expect(set.mock.calls[0]).toMatchObject(["doc", expected]);
  });
});
