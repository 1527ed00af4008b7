import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { carryToken } from "../../src/narvi/own-requests";

const APP = new URL("http://localhost:3000/user/ann/trame/narvi/w/app/1/");

class FakeRequest {
  static readonly made: FakeRequest[] = [];
  readonly headers: [string, string][] = [];
  opened: unknown[] = [];
  open(...args: unknown[]): void {
    this.opened = args;
    FakeRequest.made.push(this);
  }
  setRequestHeader(name: string, value: string): void {
    this.headers.push([name, value]);
  }
}

let fetched: ReturnType<typeof vi.fn<(input: unknown, init?: RequestInit) => Promise<Response>>>;
let page: typeof globalThis;
let cookie: MockInstance<() => string>;

beforeEach(() => {
  cookie = vi.spyOn(document, "cookie", "get").mockReturnValue("_xsrf=token");
  fetched = vi.fn(async () => new Response());
  class Own extends FakeRequest {}
  page = { fetch: fetched, XMLHttpRequest: Own } as unknown as typeof globalThis;
  carryToken(APP, page);
});
afterEach(() => cookie.mockRestore());

const carried = () => new Headers(fetched.mock.lastCall?.[1]?.headers).get("X-XSRFToken");

describe("a request", () => {
  it.each(["add/1/2", "./x", `${APP}x?y=1`, new URL("x", APP)])(
    "below the app carries the token: %s",
    (address) => {
      void page.fetch(address, { method: "POST", headers: { "X-Own": "1" } });
      expect(carried()).toBe("token");
      expect(fetched.mock.lastCall?.[0]).toBe(address);
      expect(fetched.mock.lastCall?.[1]?.method).toBe("POST");
      expect(new Headers(fetched.mock.lastCall?.[1]?.headers).get("X-Own")).toBe("1");
    },
  );

  it.each(["../other/x", "/api/kernels", "https://elsewhere.example/x", "http://"])(
    "for %s does not",
    (address) => {
      const init = { method: "POST" };
      void page.fetch(address, init);
      expect(fetched).toHaveBeenLastCalledWith(address, init);
    },
  );

  it("as an object keeps its own headers", () => {
    void page.fetch(new Request(new URL("x", APP), { headers: { "X-Own": "1" } }));
    expect(carried()).toBe("token");
    expect(new Headers(fetched.mock.lastCall?.[1]?.headers).get("X-Own")).toBe("1");
  });

  it("of the older kind carries it too", () => {
    for (const address of ["x", "/api"]) new page.XMLHttpRequest().open("PUT", address, true);
    const [below, other] = FakeRequest.made.slice(-2);
    expect(below?.headers).toEqual([["X-XSRFToken", "token"]]);
    expect(below?.opened).toEqual(["PUT", "x", true]);
    expect(other?.headers).toEqual([]);
  });

  it("is as it was where the server sets no token", () => {
    cookie.mockReturnValue("");
    void page.fetch("x");
    expect(fetched).toHaveBeenLastCalledWith("x", undefined);
  });
});

it("is seen to once a page", () => {
  const once = page.fetch;
  carryToken(APP, page);
  expect(page.fetch).toBe(once);
});
