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
    const page = { name: "b", address: "x/{id}/", needs_id: true, install: "pip install b" };
    const { api, asked } = create([200, [{ name: "a", title: "", icon: "<svg/>" }, page]]);
    expect(await api.apps()).toEqual([
      {
        name: "a",
        title: "a",
        icon: "<svg/>",
        description: "",
        address: "",
        needsId: false,
        install: "",
      },
      {
        name: "b",
        title: "b",
        icon: "",
        description: "",
        address: "x/{id}/",
        needsId: true,
        install: "pip install b",
      },
    ]);
    expect(asked()).toEqual(["GET http://host/base/trame/api/v1/apps"]);
  });

  it("finds no apps where the server has no extension", async () => {
    expect(await create([404, "no such page"]).api.apps()).toEqual([]);
  });

  it("lists the running servers", async () => {
    const model = {
      kernel_id: "k",
      slug: "s",
      title: "T",
      name: "n",
      app: "a",
      path: null,
      owner: "launcher",
      viewers: 2,
      started: "2026-11-30T22:00:00.000Z",
      kernel_state: "idle",
    };
    const { api } = create([200, [model]]);
    expect(await api.servers()).toEqual([
      {
        kernelId: "k",
        slug: "s",
        title: "T",
        name: "n",
        appName: "a",
        path: "",
        owner: "launcher",
        viewers: 2,
        started: "2026-11-30T22:00:00.000Z",
        kernelState: "idle",
      },
    ]);
  });

  it("starts an app", async () => {
    const { api, asked } = create([200, { kernel_id: "k", slug: "s", title: "T" }]);
    expect(await api.start("a/b")).toMatchObject({ kernelId: "k", slug: "s", title: "T" });
    expect(asked()).toEqual(["POST http://host/base/trame/api/v1/apps/a%2Fb"]);
  });

  it("starts a file", async () => {
    const { api, asked } = create([201, { kernel_id: "k", slug: "s" }]);
    expect(await api.startFile("x/app.py", ["--fast"])).toMatchObject({
      kernelId: "k",
      title: "s",
      viewers: 0,
    });
    expect(asked()).toEqual(["POST http://host/base/trame/api/v1/files"]);
  });

  it("stops and restarts", async () => {
    const { api, asked } = create([204, ""], [200, { kernel_id: "k", slug: "s" }]);
    await api.stop({ kernelId: "k", slug: "s" });
    expect(await api.restart({ kernelId: "k", slug: "s" })).toMatchObject({ slug: "s" });
    expect(asked()).toEqual([
      "DELETE http://host/base/trame/api/v1/servers/k/s",
      "POST http://host/base/trame/api/v1/servers/k/s/restart",
    ]);
  });

  it("tells why an app did not start", async () => {
    const answer = {
      message: "ImportError: no vtk",
      trace: "Traceback ...",
      install: "pip install 'a[vtk]'",
    };
    const { api } = create([500, answer]);
    const error = await api.start("a").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: "ImportError: no vtk",
      trace: "Traceback ...",
      install: "pip install 'a[vtk]'",
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
