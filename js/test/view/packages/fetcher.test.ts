import { afterEach, describe, expect, it, vi } from "vitest";
import { CommBuffers, type CommModel } from "../../../src/transports";
import { dataAddress } from "../../../src/view/guard/media";
import { assetText, CommFetcher, HttpFetcher } from "../../../src/view/packages/fetcher";

type Listener = (content: unknown, buffers: DataView[]) => void;
interface Request {
  jt: string;
  view: string;
  id: number;
  path: string;
}

class FakeModel {
  readonly requests: Request[] = [];
  readonly listeners = new Set<Listener>();
  send(content: Request): void {
    this.requests.push(content);
  }
  on(_: string, listener: Listener): void {
    this.listeners.add(listener);
  }
  off(_: string, listener: Listener): void {
    this.listeners.delete(listener);
  }
  answer(content: object, text?: string): void {
    const bytes = text === undefined ? [] : [new DataView(new TextEncoder().encode(text).buffer)];
    for (const listener of this.listeners) listener({ jt: "asset", ...content }, bytes);
  }
}

function comm() {
  const model = new FakeModel();
  const buffers = new CommBuffers(true);
  return { model, buffers, fetcher: new CommFetcher(model as unknown as CommModel, buffers) };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("files over the model's messages", () => {
  it("come in as many parts as they have", async () => {
    const { model, fetcher } = comm();
    const file = fetcher.fetch("p/a.js");
    const [{ view, id, path, jt } = {} as Request] = model.requests;
    expect([jt, path]).toEqual(["asset", "p/a.js"]);
    model.answer({ view: "another's", id, status: 200 }, "no");
    model.answer({ view, id, status: 200, type: "text/javascript", more: true }, "var ");
    model.answer({ view, id, status: 200, type: "text/javascript", more: false }, "x;");
    const asset = await file;
    expect([assetText(asset), asset.type]).toEqual(["var x;", "text/javascript"]);
    fetcher.dispose();
    expect(model.listeners.size).toBe(0);
  });

  it("come as text until it is known that bytes arrive", async () => {
    const { model, buffers, fetcher } = comm();
    const file = fetcher.fetch("p/a.js");
    const { view, id } = model.requests[0] as Request;
    model.answer({ view, id, status: 200, type: "", more: true, text: ["dmFy"] });
    model.answer({ view, id, status: 200, type: "", more: false, text: ["IHg7"] });
    expect(assetText(await file)).toBe("var x;");
    buffers.pass = true;
    void fetcher.fetch("p/b.js");
    expect(model.requests).toMatchObject([{ as_text: true }, { id: 1 }]);
    expect(model.requests[1]).not.toHaveProperty("as_text");
    fetcher.dispose();
  });

  it("that do not exist, and a kernel that is silent, are said", async () => {
    vi.useFakeTimers();
    const { model, fetcher } = comm();
    const missing = expect(fetcher.fetch("p/a.js")).rejects.toThrow("p/a.js: 404");
    const { view, id } = model.requests[0] as Request;
    model.answer({ view, id, status: 404, type: "" });
    await missing;
    const silent = expect(fetcher.fetch("p/b.js")).rejects.toThrow("does not answer");
    await vi.advanceTimersByTimeAsync(30_000);
    await silent;
  });

  it("have an address only where they are elsewhere", () => {
    const { fetcher } = comm();
    expect(fetcher.address("p/a.js")).toBeNull();
    expect(fetcher.address("https://x/y.js")).toBe("https://x/y.js");
  });
});

describe("files over http", () => {
  const base = new URL("https://hub.example/me/trame/k/app/");

  it("are below the app's page; a token goes to its own server only", async () => {
    const asked: [string, RequestInit][] = [];
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      asked.push([url, init]);
      return new Response("x", { headers: { "Content-Type": "text/css; charset=UTF-8" } });
    });
    const fetcher = new HttpFetcher(base, { Authorization: "token t" });
    expect((await fetcher.fetch("p/a.css")).type).toBe("text/css");
    await fetcher.fetch("https://elsewhere.example/b.css");
    expect(asked.map(([url, { headers }]) => [url, headers])).toEqual([
      ["https://hub.example/me/trame/k/app/p/a.css", { Authorization: "token t" }],
      ["https://elsewhere.example/b.css", undefined],
    ]);
  });

  it("are asked for as by a page of the server, and a login is no file", async () => {
    const own = new URL("/me/trame/k/app/", location.origin);
    vi.spyOn(document, "cookie", "get").mockReturnValue("_xsrf=t");
    const asked = vi.fn(async (_url: string, _init: RequestInit) => new Response("x"));
    vi.stubGlobal("fetch", asked);
    const fetcher = new HttpFetcher(own);
    await fetcher.fetch("p/a.css");
    expect(asked.mock.calls[0]?.[1]).toMatchObject({
      headers: { "X-XSRFToken": "t" },
      redirect: "manual",
    });
    await fetcher.fetch("/me/files/b.css");
    expect(asked.mock.calls[1]?.[1].headers).toEqual({});
    vi.stubGlobal("fetch", async () => ({ ok: false, type: "opaqueredirect" }));
    await expect(fetcher.fetch("p/a.css")).rejects.toThrow("a.css: sign in again");
    vi.restoreAllMocks();
  });

  it("that are refused are said with the reason", async () => {
    vi.stubGlobal("fetch", async () => new Response("", { status: 403, statusText: "Forbidden" }));
    await expect(new HttpFetcher(base).fetch("a.css")).rejects.toThrow("a.css: 403 Forbidden");
  });
});

it("bytes fit into an address", () => {
  const bytes = new Uint8Array(40_000).fill(65);
  const url = dataAddress({ bytes, type: "font/woff2" });
  expect(url.startsWith("data:font/woff2;base64,QUFB")).toBe(true);
  expect(atob(url.split(",")[1] ?? "")).toHaveLength(40_000);
});
