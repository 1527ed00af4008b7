import { describe, expect, it, vi } from "vitest";
import { type ClientBundle, loadAhead } from "../../src/lab/client-bundle";

describe("loadAhead", () => {
  it("loads when the lab has time", () => {
    const idle = vi.fn();
    vi.stubGlobal("requestIdleCallback", idle);
    const load = vi.fn(() => Promise.resolve({} as ClientBundle));
    loadAhead(load);
    expect(load).not.toHaveBeenCalled();
    idle.mock.calls[0]?.[0]();
    expect(load).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });

  it("has the client rehearse when the lab has time again", async () => {
    const idle = vi.fn((call: () => void) => call());
    vi.stubGlobal("requestIdleCallback", idle);
    const rehearse = vi.fn(() => Promise.resolve());
    loadAhead(() => Promise.resolve({ rehearse } as unknown as ClientBundle));
    await vi.waitFor(() => expect(rehearse).toHaveBeenCalledOnce());
    expect(idle).toHaveBeenCalledTimes(2);
    vi.unstubAllGlobals();
  });

  it("keeps a failure to itself: who needs the client hears of it", async () => {
    vi.stubGlobal("requestIdleCallback", (call: () => void) => call());
    const failed = Promise.reject(new Error("offline"));
    loadAhead(() => failed);
    await expect(failed).rejects.toThrow("offline");
    vi.unstubAllGlobals();
  });
});
