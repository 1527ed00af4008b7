import { beforeEach, expect, it } from "vitest";
import { rememberSecret } from "../src/secret";

beforeEach(() => sessionStorage.clear());

function remember(given: string | null, page: string, socket: string): string | undefined {
  return rememberSecret(given, {
    page: new URL(page),
    socket: new URL(socket),
    storage: () => sessionStorage,
  });
}

it("is known again after a reload", () => {
  expect(remember(null, "http://h/a/", "ws://h/a/ws")).toBeUndefined();
  expect(remember("s", "http://h/a/", "ws://h/a/ws")).toBe("s");
  expect(remember(null, "http://h/a/index.html", "ws://h/b")).toBe("s");
  expect(remember("t", "http://h/a/", "ws://h/a/ws")).toBe("t");
  expect(remember(null, "http://h/a/", "ws://h/a/ws")).toBe("t");
});

it("goes to its own host and app only", () => {
  remember("s", "http://h/a/", "ws://h/a/ws");
  expect(remember(null, "http://h/a/", "ws://evil/a/ws")).toBeUndefined();
  expect(remember(null, "http://h/a/", "ws://h:1/a/ws")).toBeUndefined();
  expect(remember(null, "http://h/b/", "ws://h/b/ws")).toBeUndefined();
});

it("is used where a browser forbids the storage", () => {
  const place = {
    page: new URL("http://h/a/"),
    socket: new URL("ws://h/a/ws"),
    storage: (): Storage => {
      throw new DOMException("denied", "SecurityError");
    },
  };
  expect(rememberSecret("s", place)).toBe("s");
  expect(rememberSecret(null, place)).toBeUndefined();
});
