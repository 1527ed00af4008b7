import { describe, expect, it } from "vitest";
import { cleanAddress, readConfig } from "../src/address";

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

  it("are own properties, whatever their names", () => {
    const config = readConfig("?__proto__=[1]&constructor=x");
    expect(Object.keys(config)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
  });

  it("leave the address where they were for the client alone", () => {
    const page = new URL("https://x/p/?secret=s&ui=two&a=1&b=2&remove=a,%20c&c&sessionURL=q#h");
    expect(cleanAddress(page, readConfig(page.search)).href).toBe("https://x/p/?ui=two&b=2#h");
    const listed = new URL("https://x/?remove=[a,b]&a=1&b=2&token=t");
    expect(cleanAddress(listed, readConfig(listed.search)).href).toBe("https://x/?token=t");
  });
});
