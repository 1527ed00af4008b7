import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guardedRequests, isGuarded } from "../../../src/view/packages/guard";

const page = new URL("/user/ann/trame/k/app/", location.origin);
let cookie: ReturnType<typeof vi.spyOn>;

function config(value: object): void {
  const script = document.createElement("script");
  script.type = "application/json";
  script.id = "jupyter-config-data";
  script.textContent = JSON.stringify(value);
  document.head.append(script);
}

beforeEach(() => {
  vi.stubGlobal("Worker", class {});
  cookie = vi.spyOn(document, "cookie", "get").mockReturnValue("_xsrf=t");
});
afterEach(() => {
  document.head.replaceChildren();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("whether a server is guarded", () => {
  it("is known from the pages of a lab", async () => {
    const asked = vi.fn();
    vi.stubGlobal("fetch", asked);
    config({ hubPrefix: "/hub/" });
    expect(await isGuarded(page)).toBe(true);
    document.head.replaceChildren();
    config({ baseUrl: "/" });
    expect(await isGuarded(page)).toBe(false);
    expect(asked).not.toHaveBeenCalled();
  });

  it.each([
    [{ status: 0, type: "opaqueredirect" }, true],
    [{ status: 403, type: "basic" }, true],
    [{ status: 200, type: "basic" }, false],
    [{ status: 404, type: "basic" }, false],
  ])("is asked for on other pages: %j", async (answer, expected) => {
    const asked = vi.fn(async (_: URL, _init: RequestInit) => answer);
    vi.stubGlobal("fetch", asked);
    expect(await isGuarded(page)).toBe(expected);
    expect(String(asked.mock.calls[0]?.[0])).toBe(`${page}index.html`);
    expect(asked.mock.calls[0]?.[1]).not.toHaveProperty("headers");
  });

  it("is not asked where there is no token", async () => {
    cookie.mockReturnValue("");
    config({ hubPrefix: "/hub/" });
    expect(await isGuarded(page)).toBe(false);
  });
});

describe("requests of packages", () => {
  it("carry the token to the files of the app, and nowhere else", async () => {
    const asked: Request[] = [];
    vi.stubGlobal("fetch", async (request: Request) => asked.push(request));
    const { fetch } = guardedRequests(page, window);
    await fetch(`${page}p/a.json`, { headers: { Accept: "x/y" } });
    await fetch(new URL("/user/bob/trame/k/app/a.json", page));
    await fetch("https://elsewhere.example/a.json");
    expect(asked.map(({ headers }) => headers.get("X-XSRFToken"))).toEqual(["t", null, null]);
    expect(asked[0]?.headers.get("Accept")).toBe("x/y");
  });

  it("are those of XMLHttpRequest too", () => {
    const set = vi.spyOn(XMLHttpRequest.prototype, "setRequestHeader");
    const { XMLHttpRequest: Own } = guardedRequests(page, window);
    new Own().open("GET", `${page}p/a.json`);
    new Own().open("GET", "https://elsewhere.example/a.json");
    expect(set.mock.calls).toEqual([["X-XSRFToken", "t"]]);
  });

  it("are those for the code of workers", () => {
    const made: string[] = [];
    const codes: BlobPart[] = [];
    class FakeWorker {
      constructor(address: string | URL) {
        made.push(String(address));
      }
    }
    vi.stubGlobal("Worker", FakeWorker);
    vi.stubGlobal(
      "Blob",
      class {
        constructor([code]: BlobPart[]) {
          if (code) codes.push(code);
        }
      },
    );
    URL.createObjectURL = vi.fn(() => "blob:own");
    const { Worker } = guardedRequests(page, window);
    new Worker(`${page}p/w.js`);
    new Worker(`${page}p/m.js`, { type: "module" });
    new Worker("https://elsewhere.example/w.js");
    expect(made).toEqual(["blob:own", "blob:own", "https://elsewhere.example/w.js"]);
    expect(codes[0]).toBe(`importScripts("${page}p/w.js")`);
    expect(codes[1]).toContain('{"X-XSRFToken":"t"}');
    expect(codes[1]).not.toContain("_xsrf");
  });
});
