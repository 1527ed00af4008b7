import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mount } from "../setup";

const APP = { trame__template_main: "<p></p>" };

let log: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  log = vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

const told = ({ calls }: { calls: { method: string; args: unknown[] }[] }) =>
  calls.filter(({ method }) => method === "trame.error.client").map(({ args }) => args[0]);

describe("errors of a page of its own", () => {
  it("are told to the server once, wherever they come from", async () => {
    const { view, connection } = await mount(APP, { mode: "page" });
    console.error("of a package:", new Error("no"));
    window.dispatchEvent(new ErrorEvent("error", { message: "Uncaught x", error: new Error("x") }));
    console.error("values:", { a: 1 }, [2, "b"], null);
    expect(told(connection)).toEqual([
      "of a package: no",
      "the page: x",
      'values: {"a":1} [2,"b"] null',
    ]);
    expect(log.mock.calls[0]?.[0]).toBe("of a package:");
    view.dispose();
    expect(console.error).toBe(log);
  });

  it("are not those of somebody else's page", async () => {
    const { connection } = await mount(APP, { mode: "inline" });
    console.error("of the notebook");
    window.dispatchEvent(new ErrorEvent("error", { message: "x" }));
    expect(told(connection)).toEqual([]);
  });
});

describe("coming and going", () => {
  const names = ({ calls }: { calls: { args: unknown[] }[] }) => calls.map(({ args }) => args[0]);

  it("is told to a stock server, which does not know it by itself", async () => {
    const { connection } = await mount(null, { mode: "page" });
    connection.epoch = null;
    connection.open(APP);
    window.dispatchEvent(new Event("beforeunload"));
    expect(names(connection)).toEqual(["client_connected", "client_exited"]);
  });

  it("is not told to ours, which does", async () => {
    const { connection } = await mount(APP, { mode: "page" });
    window.dispatchEvent(new Event("beforeunload"));
    expect(names(connection)).toEqual([]);
  });
});
