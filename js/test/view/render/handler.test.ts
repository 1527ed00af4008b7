import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mount, plainResources, settled, type as typeIn } from "../setup";

const library = {
  double: (input: number, inputs?: { plus: number }) => ({
    outputs: Number(input) * 2 + (inputs?.plus ?? 0),
  }),
  refuse: () => ({ status: false, outputs: "no" }),
  fail: () => {
    throw new Error("broken");
  },
};
const imported: string[] = [];
const resources: typeof plainResources = (context) => {
  const plain = plainResources(context);
  const importModule = async (address: string) => {
    imported.push(address);
    if (!address.startsWith("/")) throw new Error("not found");
    return library;
  };
  const place = { ...plain.place, window: { mine: library }, importModule };
  return { ...plain, place };
};

const script = (id: string, name: string, type = "umd", path = "mine") => ({
  id,
  module_type: type,
  path,
  function: name,
});
const state = (key: string, attributes = "") => ({
  seen: null,
  trame__client_external_scripts: [
    script("d", "double"),
    script("r", "refuse"),
    script("f", "fail"),
    script("m", "double", "es", "scripts/mine.js"),
    script("x", "missing"),
  ],
  trame__template_main: `<trame-handler function-key="${key}" ${attributes}
    v-slot:default="{ input_data: data, run }"
    @success="set('seen', ['success', $event])" @failure="set('seen', ['failure', $event])"
    @error="set('error', $event.message)" @completed="set('done', $event)">
    <input v-model="data.value" /><button @click="run(21)"></button>
  </trame-handler>`,
});

beforeEach(() => imported.splice(0));
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const flushed = () => new Promise((resolve) => setTimeout(resolve));

describe("trame-handler", () => {
  it("runs a function of a script when its input changes", async () => {
    const { find, connection } = await mount(state("d", ':inputs="{ plus: 1 }"'), { resources });
    typeIn(find<HTMLInputElement>("input"), "3");
    await flushed();
    expect(connection.writes).toEqual([
      { seen: ["success", 7], done: { type: "success", outputs: 7 } },
    ]);
  });

  it("runs only at a call where that is asked for", async () => {
    const { find, view } = await mount(state("d", ':trigger-on-change="false"'), { resources });
    typeIn(find<HTMLInputElement>("input"), "3");
    await flushed();
    expect(view.trame.state.get("seen")).toBeNull();
    find("button").click();
    await flushed();
    expect(view.trame.state.get("seen")).toEqual(["success", 42]);
  });

  it("loads a module once, also where it lies at the root of the server", async () => {
    const { find, view } = await mount(state("m"), { resources });
    find("button").click();
    find("button").click();
    await flushed();
    expect(view.trame.state.get("seen")).toEqual(["success", 42]);
    expect(imported).toEqual(["scripts/mine.js", "/scripts/mine.js"]);
  });

  it("keeps the functions in a table of the app, and takes others from there", async () => {
    const table: Record<string, { func: (input: number) => unknown }> = {
      own: { func: (input) => ({ outputs: input + 1 }) },
    };
    const shared: typeof plainResources = (context) => {
      const given = resources(context);
      const window = { ...given.place.window, TRAME_EXTERNAL_SCRIPTS: table };
      return { ...given, place: { ...given.place, window } };
    };
    const { find, view } = await mount(state("own"), { resources: shared });
    find("button").click();
    await flushed();
    expect(view.trame.state.get("seen")).toEqual(["success", 22]);
    await mount(state("d"), { resources: shared });
    await flushed();
    expect(table.d?.func(4)).toEqual({ outputs: 8 });
  });

  it("completes before it succeeds, and its input is nil until there is one", async () => {
    const events: string[] = [];
    const log = vi
      .spyOn(console, "log")
      .mockImplementation((event: string) => void events.push(event));
    const template = `<trame-handler function-key="d" v-slot="{ input_data, run }" @completed="window.console.log('done')"
      @success="window.console.log('success')"><i>{{ input_data.value === null }}</i><button @click="run(1)"></button>
    </trame-handler>`;
    const { find } = await mount({ ...state("d"), trame__template_main: template }, { resources });
    expect(find("i").textContent).toBe("true");
    find("button").click();
    await flushed();
    expect(events).toEqual(["done", "success"]);
    log.mockRestore();
  });

  it.each([
    ["r", { type: "failure", outputs: "no" }, undefined],
    ["f", { type: "error", outputs: "broken" }, "broken"],
    [
      "x",
      { type: "error", outputs: "mine has no function missing" },
      "mine has no function missing",
    ],
    [
      "unknown",
      { type: "error", outputs: 'no client function "unknown" is registered' },
      'no client function "unknown" is registered',
    ],
  ])("tells what went wrong (%s)", async (key, done, error) => {
    const { find, view } = await mount(state(key), { resources });
    find("button").click();
    await flushed();
    await settled();
    expect(view.trame.state.get("done")).toEqual(done);
    expect(view.trame.state.get("error")).toBe(error);
  });
});
