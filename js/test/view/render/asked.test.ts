import { afterEach, describe, expect, it, vi } from "vitest";
import { mount, settled } from "../setup";

afterEach(() => {
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

async function clicked(handler: string) {
  const errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { find, root, connection } = await mount({
    n: 0,
    trame__template_main: `<button @click="${handler}">x</button>`,
  });
  connection.answer = ({ method }) =>
    method === "trame.trigger" ? Promise.reject(new Error("the kernel was shut down")) : null;
  find("button").click();
  await settled();
  await vi.waitFor(() => expect(errors).toHaveBeenCalled());
  await settled();
  return { root, errors };
}

describe("a call of a handler that fails", () => {
  // An error that nobody catches fails the run.
  it.each([
    "trigger('go')",
    "n = 1; trigger('go')",
    "() => { trigger('go') }",
    "async () => { await trigger('go') }",
    "trigger('go').then((n) => n)",
  ])("is told in the view, once: %s", async (handler) => {
    const { root, errors } = await clicked(handler);
    expect(root.querySelectorAll(".jt-error")).toHaveLength(1);
    expect(root.querySelector(".jt-error-message")?.textContent).toBe("the kernel was shut down");
    expect(root.querySelector(".jt-error-count")?.textContent).toBe("");
    expect(errors).toHaveBeenCalledOnce();
  });

  it("is the handler's own where it catches it", async () => {
    const { connection, find, root } = await mount({
      said: "",
      trame__template_main: `<button @click="trigger('go').catch((e) => { said = e.message })">x</button>`,
    });
    connection.answer = ({ method }) =>
      method === "trame.trigger" ? Promise.reject(new Error("no")) : null;
    find("button").click();
    await vi.waitFor(() => expect(connection.writes).toEqual([{ said: "no" }]));
    expect(root.querySelector(".jt-error")).toBeNull();
  });
});
