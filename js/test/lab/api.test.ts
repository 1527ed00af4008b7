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
  const bodies = () => Promise.all(fetch.mock.calls.map(([input]) => (input as Request).text()));
  return { api: new Api(settings), asked, bodies };
}

describe("Api", () => {
  it("lists the registered apps", async () => {
    const { api, asked } = create([200, [{ name: "a", title: "", icon: "<svg/>" }, "no app"]]);
    expect(await api.apps()).toMatchObject([{ name: "a", title: "a", icon: "<svg/>" }]);
    expect(asked()).toEqual(["GET http://host/base/trame/api/v1/apps"]);
  });

  it("finds no apps where the server has no extension", async () => {
    expect(await create([404, "no such page"]).api.apps()).toEqual([]);
  });

  it("lists the running servers", async () => {
    const { api } = create([200, [{ kernel_id: "k", slug: "s", title: "T", name: "n" }]]);
    expect(await api.servers()).toMatchObject([
      { kernelId: "k", slug: "s", title: "T", name: "n" },
    ]);
  });

  it("starts an app", async () => {
    const { api, asked } = create([200, { kernel_id: "k", slug: "s", title: "T" }]);
    expect(await api.start("a/b")).toMatchObject({ kernelId: "k", slug: "s", title: "T" });
    expect(asked()).toEqual(["POST http://host/base/trame/api/v1/apps/a%2Fb"]);
  });

  it("waits for an app that starts slowly, in several requests", async () => {
    const starting: Answer = [202, { id: "i/1", what: "the app 'a'" }];
    const { api, asked } = create(starting, starting, [200, { kernel_id: "k", slug: "s" }]);
    expect(await api.start("a", new AbortController().signal)).toMatchObject({ slug: "s" });
    const question = "GET http://host/base/trame/api/v1/starts/i%2F1";
    expect(asked()).toEqual(["POST http://host/base/trame/api/v1/apps/a", question, question]);
  });

  it.each(["before", "while"])("stops a start %s it waits for it", async (when) => {
    const stopping = new AbortController();
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const asked: string[] = [];
    const answer = (status: number, body: unknown) =>
      new Response(status === 204 ? null : JSON.stringify(body), { status });
    const fetch = async (input: RequestInfo | URL) => {
      const { method, url } = input as Request;
      asked.push(`${method} ${new URL(url).pathname}`);
      if (method === "POST") return answer(202, { id: "1" });
      if (method === "DELETE") stop();
      if (method === "DELETE") return answer(204, null);
      if (when === "while") stopping.abort();
      await stopped;
      return answer(409, { message: "the start of the app 'a' was stopped" });
    };
    if (when === "before") stopping.abort();
    const settings = ServerConnection.makeSettings({ baseUrl: "http://host/base/", fetch });
    await expect(new Api(settings).start("a", stopping.signal)).rejects.toThrow("was stopped");
    expect(asked).toContain("DELETE /base/trame/api/v1/starts/1");
  });

  it("tells why an app did not start", async () => {
    const install = "pip install vtk";
    const { api } = create([500, { message: "ImportError: no vtk", trace: "Traceback", install }]);
    const error = await api.start("a").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: "ImportError: no vtk",
      trace: "Traceback",
      install,
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
    await expect(api.start("a")).rejects.toThrow("You may not do this on this Jupyter server.");
    const why = create([403, { message: "only owners start apps" }], [200, { identity: {} }]);
    await expect(why.api.start("a")).rejects.toThrow("Jupyter server: only owners start apps");
  });

  it("runs a file", async () => {
    const { api, asked, bodies } = create([201, { kernel_id: "k", slug: "s" }]);
    expect(await api.runFile("a b/c.py")).toMatchObject({ kernelId: "k", slug: "s", title: "s" });
    expect(asked()).toEqual(["POST http://host/base/trame/api/v1/files"]);
    expect(await bodies()).toEqual(['{"path":"a b/c.py","args":[]}']);
  });

  it("stops and restarts a server", async () => {
    const { api, asked } = create([204, ""], [200, { kernel_id: "k", slug: "s" }]);
    const server = { kernelId: "k", slug: "s" };
    await api.stop(server);
    expect(await api.restart(server)).toMatchObject(server);
    const route = "http://host/base/trame/api/v1/servers/k/s";
    expect(asked()).toEqual([`DELETE ${route}`, `POST ${route}/restart`]);
  });

  it("gives the files of a template", async () => {
    const files = [{ path: "a.trame.py", text: "code" }];
    const { api, asked } = create(
      [200, [{ name: "app", title: "App" }]],
      [200, { name: "app", files }],
    );
    expect(await api.templates()).toEqual([{ name: "app", title: "App", description: "" }]);
    expect(await api.template("app", "a")).toEqual(files);
    expect(asked()[1]).toBe("GET http://host/base/trame/api/v1/templates/app");
  });

  it.each([
    [{ permissions: { kernels: ["execute"] } }, true],
    [{ permissions: { kernels: [] } }, false],
    [{ permissions: "all" }, false],
    [{}, false],
  ])("knows from %j whether the user may run code", async (answer, may) => {
    const { api, asked } = create([200, answer]);
    expect(await api.mayExecute()).toBe(may);
    expect(asked()).toEqual(["GET http://host/base/api/me"]);
  });

  it("tells that the server lacks the extension", async () => {
    for (const status of [404, 405]) {
      const { api, asked } = create([status, "no page"], [404, ""], [404, ""]);
      await expect(api.start("a")).rejects.toThrow("no jupyter_trame extension");
      expect(asked()[2]).toBe("GET http://host/base/trame/api/apps");
    }
    const { api } = create([404, ""], [404, ""], [404, ""]);
    await expect(api.demand()).rejects.toThrow("no jupyter_trame extension");
  });

  it("tells that the server's extension is older", async () => {
    const { api } = create([404, ""], [404, ""], [200, "[]"]);
    await expect(api.start("a")).rejects.toThrow("is older than");
    await expect(create([200, {}]).api.demand()).resolves.toBeUndefined();
  });

  it("tells whether a server runs", async () => {
    const { api, asked } = create([200, ""], [404, ""], [200, "{}"]);
    await api.check({ kernelId: "k", slug: "s" });
    await expect(api.check({ kernelId: "k", slug: "s" })).rejects.toMatchObject({ status: 404 });
    expect(asked()[0]).toBe("HEAD http://host/base/trame/k/s/");
  });
});
