import { ServerConnection } from "@jupyterlab/services";
import { describe, expect, it, vi } from "vitest";
import { Api, ApiError } from "../../src/lab/api";

type Answer = [status: number, body: unknown];

function create(...answers: Answer[]) {
  const fetch = vi.fn(async (_: RequestInfo | URL, _init?: RequestInit) => {
    const [status, body] = answers.shift() as Answer;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Response(status === 204 ? null : text, { status });
  });
  const settings = ServerConnection.makeSettings({ baseUrl: "http://host/base/", fetch });
  const asked = () =>
    fetch.mock.calls.map(([input]) => {
      const { method, url } = input as Request;
      return `${method} ${url.split("?")[0]}`;
    });
  return { api: new Api(settings), asked };
}

describe("Api", () => {
  it("lists the registered apps", async () => {
    const page = { name: "b", address: "x/{id}/", needs_id: true };
    const { api, asked } = create([200, [{ name: "a", title: "", icon: "<svg/>" }, page]]);
    expect(await api.apps()).toEqual([
      { name: "a", title: "a", icon: "<svg/>", description: "", address: "", needsId: false },
      { name: "b", title: "b", icon: "", description: "", address: "x/{id}/", needsId: true },
    ]);
    expect(asked()).toEqual(["GET http://host/base/trame/api/apps"]);
  });

  it("finds no apps where the server has no extension", async () => {
    expect(await create([404, "no such page"]).api.apps()).toEqual([]);
  });

  it("lists the running servers", async () => {
    const { api } = create([200, [{ kernel_id: "k", slug: "s", title: "T", name: "n" }]]);
    expect(await api.servers()).toEqual([{ kernelId: "k", slug: "s", title: "T", name: "n" }]);
  });

  it("starts an app", async () => {
    const { api, asked } = create([200, { kernel_id: "k", slug: "s", title: "T" }]);
    expect(await api.start("a/b")).toMatchObject({ kernelId: "k", slug: "s", title: "T" });
    expect(asked()).toEqual(["POST http://host/base/trame/api/apps/a%2Fb"]);
  });

  it("tells why an app did not start", async () => {
    const { api } = create([500, { message: "ImportError: no vtk", trace: "Traceback ..." }]);
    const error = await api.start("a").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: "ImportError: no vtk",
      trace: "Traceback ...",
      status: 500,
    });
  });

  it("tells that somebody has to sign in", async () => {
    const { api, asked } = create([403, "no"], [403, "no"]);
    await expect(api.start("a")).rejects.toThrow("Sign in again to go on.");
    expect(asked()[1]).toBe("GET http://host/base/api/me");
    await expect(create([401, "no"]).api.start("a")).rejects.toThrow("Sign in again to go on.");
  });

  it("tells who is signed in that they may not", async () => {
    const { api } = create([403, "no"], [200, { identity: {} }]);
    await expect(api.start("a")).rejects.toThrow("You may not do this");
  });

  it("tells that the server lacks the extension", async () => {
    await expect(create([405, ""]).api.check({ kernelId: "k", slug: "s" })).rejects.toThrow(
      "no jupyter_trame extension",
    );
  });

  it("tells whether a server runs", async () => {
    const { api, asked } = create([200, ""], [404, ""]);
    await api.check({ kernelId: "k", slug: "s" });
    await expect(api.check({ kernelId: "k", slug: "s" })).rejects.toMatchObject({ status: 404 });
    expect(asked()[0]).toBe("HEAD http://host/base/trame/k/s/");
  });
});
