import { describe, expect, it } from "vitest";
import { readConfig } from "../src/address";
import { chooseServer, type Reach, readReach } from "../src/server-choice";

const CHOOSING = ["sessionURL", "sessionManagerURL", "wsProxy", "wsChannel", "iframe"];

function choose(address: string, reach: Reach) {
  const page = new URL(address);
  return chooseServer(page, readConfig(page.search), reach);
}

describe("a page under Jupyter", () => {
  const base = "https://h:1/user/me/trame/k/app/";

  it.each(CHOOSING)("talks to the socket beside it, whatever %s says", (name) => {
    const { url, embedding, config, refused } = choose(
      `${base}?${name}=wss://h:1/ws&a=1`,
      "beside",
    );
    expect([url, embedding]).toEqual(["wss://h:1/user/me/trame/k/app/ws", "none"]);
    expect(config).toEqual({ a: 1 });
    expect(refused).toEqual([
      `The parameter ${name} is not followed: this page talks to ${url} only.`,
    ]);
  });

  it("has nothing to say where nothing is chosen", () => {
    const { refused, config } = choose(`${base}?sessionURL=&wsProxy=false&ui=x`, "beside");
    expect(refused).toEqual([]);
    expect(config.ui).toBe("x");
  });

  it("is what a page is that does not say what it is", () => {
    const page = document.implementation.createHTMLDocument();
    expect(readReach(page)).toBe("beside");
    page.documentElement.dataset.server = "host";
    expect(readReach(page)).toBe("host");
    page.documentElement.dataset.server = "anything";
    expect(readReach(page)).toBe("beside");
  });
});

describe("a page of its own server", () => {
  it.each([
    ["https://h/me/app/?ui=x#y", "", "wss://h/me/app/ws"],
    ["http://h:8080/", "", "ws://h:8080/ws"],
    ["https://h:1/", "https://USE_HOST/ws", "wss://h:1/ws"],
    ["https://h:1/", "wss://USE_HOSTNAME:1/Ws?A=B", "wss://h:1/Ws?A=B"],
    ["http://h/a/", "/b/ws#x", "ws://h/b/ws"],
    ["http://h/a/", "ws://h:80/b", "ws://h/b"],
    ["http://[::1]:5/", "ws://USE_HOST/b", "ws://[::1]:5/b"],
  ])("of %s follows %s", (page, sessionURL, expected) => {
    const chosen = choose(`${page}?sessionURL=${encodeURIComponent(sessionURL)}`, "host");
    expect(chosen.url).toBe(expected);
    expect(chosen.refused).toEqual([]);
  });

  it.each([
    "ws://evil/ws",
    "ws://h:9/ws",
    "wss://h/ws",
    "ws://USE_HOSTNAME:9/ws",
    "ws://USE_HOST@evil/",
    "ws://USE_HOST.evil/",
    "ws://evil?USE_HOST",
    "ws:\\\\evil\\ws",
    "//evil/ws",
    "/\\evil/ws",
    "ftp://h/ws",
    "javascript:0",
    "data:,x",
    "blob:http://h/x",
    "ws://user@h/ws",
    "ws://h./ws",
    "ws://[h",
    "\u0000ws://evil/",
    "\t\nws://evil/",
  ])("does not follow %s", (sessionURL) => {
    const chosen = choose(`http://h/?sessionURL=${encodeURIComponent(sessionURL)}`, "host");
    expect(chosen.url).toBe("ws://h/ws");
    expect(chosen.refused).toHaveLength(1);
    expect(chosen.config).toEqual({});
  });

  it("asks the page that embeds it where the address says so", () => {
    expect(choose("http://h/?wsProxy", "host").embedding).toBe("object");
    expect(choose("http://h/?iframe=true", "host").embedding).toBe("object");
    expect(choose("http://h/?wsChannel&wsProxy", "host").embedding).toBe("port");
    expect(choose("http://h/?wsChannel=false&wsProxy=0", "host").embedding).toBe("none");
  });

  it("knows of no launcher", () => {
    const { refused } = choose("http://h/?sessionManagerURL=http://h/paraview/", "host");
    expect(refused).toHaveLength(1);
  });
});

/** A generator of numbers below 1 that is the same in each run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("any query at all", () => {
  const parts = [
    ...[
      "ws:",
      "wss:",
      "http:",
      "HTTPS:",
      "//",
      "/",
      "\\",
      "///",
      "@",
      ":",
      "?",
      "#",
      "&",
      "=",
      "%",
    ],
    ...[
      "evil",
      "h",
      "H",
      "h.evil",
      "user",
      "USE_HOST",
      "use_hostname",
      "127.0.0.1",
      "[::1]",
      "xn--",
    ],
    ...[
      ":1",
      ":80",
      ":443",
      "ws",
      "..",
      ".",
      "%00",
      "%2f",
      "%5c",
      "%40",
      "%26",
      "%3D",
      "+",
      "\u3002",
    ],
    ...[
      "[",
      "]",
      ",",
      "true",
      "null",
      "undefined",
      "1e3",
      "__proto__",
      "constructor",
      "token",
      "\t",
    ],
  ];
  const names = [...CHOOSING, "secret", "remove", "application", "ui", "__proto__", "SESSIONURL"];

  it("leads to the page's own host, and under Jupyter to the socket beside it", () => {
    const next = dice(20240229);
    const pick = (list: readonly string[]) => list[Math.floor(next() * list.length)] as string;
    const text = () => Array.from({ length: Math.floor(next() * 9) }, () => pick(parts)).join("");
    const pages = ["http://h:1/x/", "https://h/", "http://h/a/b/index.html", "http://[::1]:1/"];
    for (let round = 0; round < 20_000; round += 1) {
      const query = Array.from({ length: 1 + Math.floor(next() * 4) }, () => {
        const value = next() < 0.5 ? encodeURIComponent(text()) : text();
        return `${pick(names)}=${value}`;
      }).join("&");
      const page = new URL(`${pick(pages)}?${query}`);
      const beside = new URL("ws", page);
      const scheme = page.protocol.replace("http", "ws");
      const config = readConfig(page.search);
      const strict = chooseServer(page, config, "beside");
      expect(strict.url, page.href).toBe(`${scheme}//${page.host}${beside.pathname}`);
      expect(strict.embedding).toBe("none");
      for (const name of CHOOSING) expect(strict.config[name] || false, page.href).toBe(false);
      const { protocol, host, username } = new URL(chooseServer(page, config, "host").url);
      expect([protocol, host, username], page.href).toEqual([scheme, page.host, ""]);
    }
  }, 60_000);
});
