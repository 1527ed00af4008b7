import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { kernelOfPage, labAddress, RestKernel } from "../../../src/view/shell/kernel";

const fetched = vi.fn<typeof fetch>();
let place = 0;
/** Each test has a server of its own: what a user may do is asked once a page. */
let base: URL;

beforeEach(() => {
  place += 1;
  base = new URL(`/user${place}/`, location.origin);
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

function kernel(headers = {}): RestKernel {
  return new RestKernel(() => new URL("api/kernels/k1/", base), headers);
}

function answer(body: unknown, status = 200): void {
  fetched.mockImplementation(async () => new Response(JSON.stringify(body), { status }));
}

describe("who may interrupt", () => {
  it.each([
    ["may write kernels", { permissions: { kernels: ["write"] } }, 200, true],
    ["may read them only", { permissions: { kernels: [] } }, 200, false],
    ["is not known", { message: "Forbidden" }, 403, false],
    ["is answered with something else", [], 200, false],
  ])("who %s", async (_, body, status, may) => {
    answer(body, status);
    expect(await kernel().mayInterrupt()).toBe(may);
  });

  it("is asked once, of the server that has the kernel", async () => {
    answer({ permissions: { kernels: ["write"] } });
    await Promise.all([kernel().mayInterrupt(), kernel().mayInterrupt()]);
    expect(await kernel().mayInterrupt()).toBe(true);
    expect(fetched).toHaveBeenCalledTimes(1);
    const url = fetched.mock.calls[0]?.[0] as URL;
    expect(url.pathname).toBe(`${base.pathname}api/me`);
    expect(JSON.parse(url.searchParams.get("permissions") ?? "")).toEqual({ kernels: ["write"] });
  });

  it("is asked again after a server that did not answer", async () => {
    fetched.mockRejectedValueOnce(new TypeError("no"));
    expect(await kernel().mayInterrupt()).toBe(false);
    answer({ permissions: { kernels: ["write"] } });
    expect(await kernel().mayInterrupt()).toBe(true);
  });

  it("is asked again after a login that had ended", async () => {
    answer({}, 401);
    expect(await kernel().mayInterrupt()).toBe(false);
    answer({ permissions: { kernels: ["write"] } });
    expect(await kernel().mayInterrupt()).toBe(true);
  });

  it("is nobody where no server is known", async () => {
    expect(await new RestKernel(() => null).mayInterrupt()).toBe(false);
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("an interrupt", () => {
  it("is a request with what proves that it comes from a page of the server", async () => {
    vi.spyOn(document, "cookie", "get").mockReturnValue("_xsrf=proof");
    fetched.mockImplementation(async () => new Response(null, { status: 204 }));
    await kernel({ Authorization: "token t" }).interrupt();
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect((url as URL).pathname).toBe(`${base.pathname}api/kernels/k1/interrupt`);
    expect(init).toMatchObject({ method: "POST", credentials: "include", redirect: "manual" });
    expect(init?.headers).toEqual({ Authorization: "token t", "X-XSRFToken": "proof" });
  });

  it("that failed says why", async () => {
    answer({}, 403);
    await expect(kernel().interrupt()).rejects.toThrow("did not interrupt the kernel (403)");
    fetched.mockRejectedValue(new TypeError("no"));
    await expect(kernel().interrupt()).rejects.toThrow("the Jupyter server does not answer");
    await expect(new RestKernel(() => null).interrupt()).rejects.toThrow("no way to the kernel");
  });
});

describe("the address", () => {
  it("of a kernel is known by that of an app in it", () => {
    const page = new URL("https://hub.example/user/me/trame/k%201/app/?ui=main");
    expect(kernelOfPage(page).href).toBe("https://hub.example/user/me/api/kernels/k%201/");
  });

  it("of the lab is what its page says", () => {
    expect(labAddress()).toBeNull();
    const data = document.createElement("script");
    data.id = "jupyter-config-data";
    data.type = "application/json";
    document.body.append(data);
    data.textContent = '{"baseUrl": "/voila/"}';
    expect(labAddress(), "Voila's page names no application").toBeNull();
    data.textContent = '{"baseUrl": "/lab/", "appName": "JupyterLab"}';
    expect(labAddress()?.href).toBe(`${location.origin}/lab/`);
    data.textContent = "{";
    expect(labAddress()).toBeNull();
  });
});

describe("the report of a Jupyter server", () => {
  it("is none of an earlier release", async () => {
    answer({}, 404);
    expect(await kernel().report(new URL("trame/k1/demo/", base))).toBeNull();
  });

  it("is that of the app whose page it is", async () => {
    answer({ subject: "x" });
    const page = new URL("trame/k%201/demo/", base);
    expect(await kernel({ Authorization: "token t" }).report(page)).toEqual({ subject: "x" });
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect((url as URL).pathname).toBe(`${base.pathname}trame/api/v1/servers/k%201/demo/doctor`);
    expect(init?.headers).toMatchObject({ Authorization: "token t" });
  });

  it.each([
    [401, "you are not signed in any more"],
    [503, "answered with the status 503"],
  ])("is not to be had where it answers %s", async (status, message) => {
    answer({}, status);
    await expect(kernel().report(new URL("trame/k1/demo/", base))).rejects.toThrow(message);
  });
});
