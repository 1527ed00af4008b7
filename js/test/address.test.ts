import { describe, expect, it } from "vitest";
import { cleanAddress, readConfig, sessionAddress } from "../src/address";

describe("the parameters of a page", () => {
  it("have types", () => {
    const search = "?a&b=true&c=null&d=1.5&e=[1,x,true]&f=a%20b&g=&h=undefined&i=x=y&j=[]";
    expect(readConfig(search)).toEqual({
      a: true,
      b: true,
      c: null,
      d: 1.5,
      e: [1, "x", true],
      f: "a b",
      g: "",
      h: undefined,
      i: "x=y",
      j: [],
    });
  });

  it("leave the address where they were for the client alone", () => {
    const page = new URL("https://x/p/?secret=s&ui=two&a=1&b=2&remove=a,%20c&c&sessionURL=q#h");
    expect(cleanAddress(page, readConfig(page.search)).href).toBe("https://x/p/?ui=two&b=2#h");
    const listed = new URL("https://x/?remove=[a,b]&a=1&b=2&token=t");
    expect(cleanAddress(listed, readConfig(listed.search)).href).toBe("https://x/?token=t");
  });
});

describe("the socket", () => {
  it.each([
    ["https://h/me/app/?ui=x#y", undefined, "wss://h/me/app/ws"],
    ["http://h:8080/", undefined, "ws://h:8080/ws"],
    ["https://h:1/", "https://USE_HOST/ws", "wss://h:1/ws"],
    ["https://h:1/", "http://USE_HOSTNAME:9/Ws", "ws://h:9/Ws"],
    ["https://h/", "wss://other/ws", "wss://other/ws"],
  ])("of %s with %s", (page, sessionURL, expected) => {
    expect(sessionAddress(new URL(page), { sessionURL })).toBe(expected);
  });
});
