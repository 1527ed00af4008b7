import { afterEach, describe, expect, it, vi } from "vitest";
import { isBelow, ownHeaders } from "../../src/transports/own-request";

const here = new URL("/user/ann/x", location.origin);

function cookies(text: string): void {
  vi.spyOn(document, "cookie", "get").mockReturnValue(text);
}

afterEach(() => vi.restoreAllMocks());

describe("the headers of an own request", () => {
  it("hold the token of the nearest folder", () => {
    cookies("other=1; _xsrf=near; not_xsrf=2; _xsrf=far");
    expect(ownHeaders(here)).toEqual({ "X-XSRFToken": "near" });
  });

  it("are none without a cookie, and none for others", () => {
    cookies("not_xsrf=2");
    expect(ownHeaders(here)).toEqual({});
    cookies("_xsrf=near");
    expect(ownHeaders(new URL("https://elsewhere.example/user/ann/x"))).toEqual({});
  });

  it("are none in a sandboxed page", () => {
    vi.spyOn(document, "cookie", "get").mockImplementation(() => {
      throw new DOMException("sandboxed", "SecurityError");
    });
    expect(ownHeaders(here)).toEqual({});
  });
});

it.each([
  ["/user/ann/trame/k/app/p/a.js", true],
  ["/user/ann/trame/k/app/", true],
  ["/user/ann/trame/k/app/../other/", false],
  ["/user/ann/trame/k/application/", false],
  ["/user/bob/trame/k/app/", false],
  ["https://elsewhere.example/user/ann/trame/k/app/x", false],
])("%s is below the app: %s", (address, expected) => {
  const folder = new URL("/user/ann/trame/k/app/", location.origin);
  expect(isBelow(new URL(address, location.origin), folder)).toBe(expected);
});
