import { describe, expect, it } from "vitest";
import { address, pageAddress, socketAddress } from "../../src/lab/server-urls";

const app = { kernelId: "k-1", slug: "my app" };
const own = {
  baseUrl: `${location.origin}/user/a/`,
  wsUrl: "ws://localhost:3000/user/a/",
  token: "t",
};

describe("addresses", () => {
  it("lie below trame/ of the base url", () => {
    expect(address(own, "api", "apps", "a/b")).toBe(`${own.baseUrl}trame/api/apps/a%2Fb`);
    expect(pageAddress(own, app)).toBe(`${own.baseUrl}trame/k-1/my%20app/`);
  });

  it("of the socket leave out the token where cookies do", () => {
    expect(socketAddress(own, app)).toBe("ws://localhost:3000/user/a/trame/k-1/my%20app/ws");
  });

  it("of the socket have the token where the server is of another origin", () => {
    const settings = { baseUrl: "https://hub/x/", wsUrl: "wss://hub/x/", token: "t/1" };
    expect(socketAddress(settings, app)).toBe("wss://hub/x/trame/k-1/my%20app/ws?token=t%2F1");
  });
});
