import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type AppParameters,
  type Connection,
  type Message,
  type Options,
  type Services,
  socketAddress,
  start_narvi,
} from "../src/narvi";
import { FakeSocket } from "./narvi/fake-socket";

class App {
  static all: App[] = [];
  static get last(): App {
    return App.all.at(-1) as App;
  }
  readonly services: Services;
  readonly parameters: AppParameters;
  readonly heard: Message[] = [];
  readonly statuses: string[] = [];

  constructor(services: Services, parameters: AppParameters) {
    this.services = services;
    this.parameters = parameters;
    services.add_message_listener((message) => this.heard.push(message));
    services.add_status_listener((status) => this.statuses.push(status));
    App.all.push(this);
  }
}

let connection: Connection;
const start = (Class: typeof App = App, options: Options = {}) => {
  connection = start_narvi(Class, options);
  return FakeSocket.last;
};
const notice = () =>
  document.querySelector("narvi-notice")?.shadowRoot?.querySelector("div")?.textContent ?? "";
const press = () =>
  document.querySelector("narvi-notice")?.shadowRoot?.querySelector("button")?.click();
const turn = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", async () => new Response("", { status: 400 }));
  FakeSocket.all = [];
  App.all = [];
});
afterEach(() => {
  connection?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("an address", () => {
  it.each([
    ["http://a:8999/narvi/w/app/1/index.html", "ws://a:8999/narvi/w/app/1/connect"],
    [
      "https://a/user/ann/trame/w/app/1/index.html?x=1#top",
      "wss://a/user/ann/trame/w/app/1/connect?x=1",
    ],
    ["http://a/w/app/a%20b/", "ws://a/w/app/a%20b/connect"],
  ])("of %s", (page, socket) => {
    expect(socketAddress(page)).toBe(socket);
  });
});

describe("a session", () => {
  it("makes the app with its parameters when the server has opened it", async () => {
    const socket = start();
    socket.open();
    expect(App.all).toEqual([]);
    socket.say('{"session_id": "s1", "action": "session_connected", "app_parameters": {"a": [1]}}');
    expect(App.last.parameters).toEqual({ a: [1] });
    expect(App.last.services.session_id).toBe("s1");
    expect(socket.binaryType).toBe("arraybuffer");
    expect(connection.status).toBe("open");
  });

  it("passes texts and bytes on as they are", async () => {
    const socket = start();
    socket.greet();
    const bytes = new Uint8Array([1, 2, 3]).buffer;
    socket.say('{"action": "session_connected"}');
    socket.say(bytes);
    await turn();
    expect(App.last.heard).toEqual(['{"action": "session_connected"}', bytes]);
    App.last.services.send("text");
    App.last.services.send(new Uint8Array([0, 7, 8, 9]).subarray(1, 3));
    expect(socket.sent[0]).toBe("text");
    expect([...new Uint8Array(socket.sent[1] as ArrayBuffer)]).toEqual([7, 8]);
    expect(() => App.last.services.send({} as string)).toThrow("not object");
  });

  it("keeps what came before anybody listened, in order", async () => {
    class Late extends App {}
    const socket = start(
      class extends Late {
        constructor(services: Services, parameters: AppParameters) {
          super(
            {
              ...services,
              add_message_listener() {},
              add_status_listener: () => () => {},
            } as never,
            parameters,
          );
          (this as { services: Services }).services = services;
        }
      },
    );
    socket.greet();
    for (const text of ["1", "2"]) socket.say(text);
    const heard: Message[] = [];
    App.last.services.add_message_listener((message) => heard.push(message));
    socket.say("3");
    expect(heard).toEqual([]);
    await turn();
    expect(heard).toEqual(["1", "2", "3"]);
  });

  it("warns once of what nobody will hear", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const socket = start(class {} as never);
    socket.greet();
    for (let number = 0; number < 1005; number += 1) socket.say(`${number}`);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("waits for the page to be parsed, and so do messages", async () => {
    const state = vi.spyOn(document, "readyState", "get").mockReturnValue("loading");
    const socket = start();
    socket.greet();
    socket.say("early");
    await turn();
    expect(App.all).toEqual([]);
    state.mockReturnValue("interactive");
    document.dispatchEvent(new Event("DOMContentLoaded"));
    await turn();
    expect(App.all).toHaveLength(1);
    expect(App.last.heard).toEqual(["early"]);
  });

  it("beats every ten seconds, on the open socket alone", () => {
    const socket = start();
    socket.greet();
    vi.advanceTimersByTime(20_000);
    expect(socket.sent).toEqual(["", ""]);
    socket.readyState = 2;
    vi.advanceTimersByTime(10_000);
    expect(socket.sent).toEqual(["", ""]);
    socket.end();
    vi.advanceTimersByTime(1000);
    FakeSocket.last.greet();
    vi.advanceTimersByTime(10_000);
    expect(FakeSocket.last.sent).toEqual([""]);
    expect(socket.sent).toEqual(["", ""]);
  });

  it("survives callbacks that throw", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const socket = start(
      class extends App {
        constructor(services: Services, parameters: AppParameters) {
          services.add_message_listener(() => {
            throw new Error("listener");
          });
          services.add_status_listener(() => {
            throw new Error("status");
          });
          super(services, parameters);
        }
      },
    );
    socket.greet();
    socket.say("1");
    socket.say("2");
    await turn();
    socket.end();
    expect(App.last.heard).toEqual(["1", "2"]);
    expect(App.last.statuses).toEqual(["lost"]);
    expect(report.mock.calls.map(([error]) => error.message)).toEqual([
      "listener",
      "listener",
      "status",
    ]);
  });

  it("says when the app cannot be made", () => {
    vi.stubGlobal("reportError", () => {});
    start(
      class {
        constructor() {
          throw new Error("no");
        }
      } as never,
    ).greet();
    expect(notice()).toContain("could not be started");
  });
});

describe("a lost connection", () => {
  it("comes back with the same session and the same app, and sends what waited", () => {
    const alert = vi.spyOn(window, "alert");
    const socket = start();
    socket.greet();
    const { services } = App.last;
    socket.end();
    services.send("1");
    const bytes = new Uint8Array([1]);
    services.send(bytes);
    bytes[0] = 2;
    vi.advanceTimersByTime(250);
    const next = FakeSocket.last;
    expect(next).not.toBe(socket);
    next.greet("s1");
    expect(App.all).toHaveLength(1);
    expect(next.sent[0]).toBe("1");
    expect([...new Uint8Array(next.sent[1] as ArrayBuffer)]).toEqual([1]);
    expect(App.last.statuses).toEqual(["lost", "connecting", "open"]);
    expect(alert).not.toHaveBeenCalled();
  });

  it("keeps what is sent while the socket closes", () => {
    const socket = start();
    socket.greet();
    socket.readyState = 2;
    App.last.services.send("1");
    expect(socket.sent).toEqual([]);
    socket.end();
    vi.advanceTimersByTime(250);
    FakeSocket.last.greet("s1");
    expect(FakeSocket.last.sent).toEqual(["1"]);
  });

  it("makes the app anew for another session; the old one is told, and sends nothing more", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const socket = start();
    socket.greet("s1", { a: 1 });
    const [old] = App.all as [App];
    socket.end(1012);
    old.services.send("lost");
    vi.advanceTimersByTime(250);
    FakeSocket.last.greet("s2", { a: 2 });
    expect(App.all).toHaveLength(2);
    expect(App.last.parameters).toEqual({ a: 2 });
    expect(old.statuses.at(-1)).toBe("closed");
    old.services.send("more");
    App.last.services.send("new");
    FakeSocket.last.say("for the new one");
    await turn();
    expect(FakeSocket.last.sent).toEqual(["new"]);
    expect([old.heard, App.last.heard]).toEqual([[], ["for the new one"]]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("1 messages"));
  });

  it("keeps an app that listens to new sessions", () => {
    const socket = start();
    socket.greet("s1");
    const sessions: unknown[] = [];
    App.last.services.add_session_listener((id, parameters) => {
      sessions.push([id, parameters]);
      App.last.services.send("first");
    });
    socket.end();
    App.last.services.send("waits");
    vi.advanceTimersByTime(250);
    FakeSocket.last.greet("s2", { a: 2 });
    expect(App.all).toHaveLength(1);
    expect(sessions).toEqual([["s2", { a: 2 }]]);
    expect(App.last.services.session_id).toBe("s2");
    expect(FakeSocket.last.sent).toEqual(["waits", "first"]);
  });

  it("is tried less and less often, and at once when somebody looks", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    start();
    const gaps = [250, 500, 1000, 2000, 4000, 8000, 8000];
    for (const [index, gap] of gaps.entries()) {
      FakeSocket.last.end();
      vi.advanceTimersByTime(gap - 1);
      expect(FakeSocket.all).toHaveLength(index + 1);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all).toHaveLength(index + 2);
    }
    FakeSocket.last.end();
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(gaps.length + 2);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(gaps.length + 2);
  });

  it("that ends as soon as it is back is tried less often too, and a steady one at once", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    start();
    for (const gap of [250, 500, 1000]) {
      FakeSocket.last.greet("s1");
      FakeSocket.last.end(1012);
      const before = FakeSocket.all.length;
      vi.advanceTimersByTime(gap - 1);
      expect(FakeSocket.all).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all).toHaveLength(before + 1);
    }
    FakeSocket.last.greet("s1");
    vi.advanceTimersByTime(5001);
    FakeSocket.last.end();
    const before = FakeSocket.all.length;
    vi.advanceTimersByTime(250);
    expect(FakeSocket.all).toHaveLength(before + 1);
  });

  it("holds a thousand messages at most", () => {
    const socket = start();
    socket.greet();
    socket.end();
    for (let number = 0; number < 1000; number += 1) App.last.services.send(`${number}`);
    expect(() => App.last.services.send("one more")).toThrow("1000 messages");
    vi.advanceTimersByTime(250);
    FakeSocket.last.greet("s1");
    expect(FakeSocket.last.sent).toHaveLength(1000);
  });

  it("is not spoken of when it is back at once", () => {
    const socket = start();
    socket.greet();
    socket.end();
    vi.advanceTimersByTime(300);
    FakeSocket.last.greet("s1");
    vi.advanceTimersByTime(5000);
    expect(notice()).toBe("");
  });
});

describe("what a page says", () => {
  const progress = () =>
    document.querySelector("narvi-notice")?.shadowRoot?.querySelector("progress")?.style.display;

  it("that it waits, while the service has to start", () => {
    const socket = start();
    vi.advanceTimersByTime(499);
    expect(notice()).toBe("");
    vi.advanceTimersByTime(1);
    expect(notice()).toBe("Waiting for the service…");
    expect(progress()).toBe("");
    socket.greet();
    expect(notice()).toBe("");
    socket.end();
    vi.advanceTimersByTime(1000);
    expect(progress()).toBe("none");
  });

  it("that the connection is lost, and that it is back", () => {
    const socket = start();
    socket.greet();
    socket.end();
    vi.advanceTimersByTime(1000);
    expect(notice()).toContain("The connection is lost. Trying again");
    FakeSocket.last.greet("s1");
    expect(notice()).toBe("");
  });

  it.each([
    [404, "text/plain", "no service of this id: 7", "no service of this id: 7"],
    [503, "text/html", "<h1>busy</h1>", "HTTP 503"],
    [403, "text/html", "", "You may not use this service"],
    [401, "text/html", "", "You are not signed in"],
  ])("why a server refuses: %s", async (status, type, body, text) => {
    const fetched = vi.fn(
      async () => new Response(body, { status, headers: { "Content-Type": type } }),
    );
    vi.stubGlobal("fetch", fetched);
    const socket = start(App, { url: "wss://a/w/app/7/connect" });
    socket.end();
    await turn();
    expect(String((fetched.mock.calls as unknown[][])[0]?.[0])).toBe("https://a/w/app/7/connect");
    expect(notice()).toContain(text);
    vi.advanceTimersByTime(1500);
    expect(notice(), "the reason stays").toContain(text);
  });

  it("that nothing answers", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("network");
    });
    start().end();
    await turn();
    expect(notice()).toContain("does not answer");
  });

  it.each([
    "The class app.Echo cannot be imported",
    '{"error": 1}',
    "null",
    '{"action": "session_connected"}',
  ])("what comes in the place of a session: %s", (text) => {
    const socket = start();
    socket.open();
    socket.say(text);
    expect(notice()).toContain(text);
    expect(socket.closedWith).toBe(4002);
    expect(App.all).toEqual([]);
    vi.advanceTimersByTime(250);
    FakeSocket.last.greet();
    expect(App.all).toHaveLength(1);
    expect(notice()).toBe("");
  });

  it("that the service has ended, which a page does not start again by itself", () => {
    const socket = start();
    socket.greet();
    socket.end(1000, "stopped");
    vi.advanceTimersByTime(60_000);
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(1);
    expect(notice()).toContain("The service has ended: stopped.");
    expect(App.last.statuses).toEqual(["closed"]);
    press();
    expect(notice()).toBe("Waiting for the service…");
    FakeSocket.last.greet("s2");
    expect(App.all).toHaveLength(2);
    expect(notice()).toBe("");
  });

  it("nothing where the app says it", () => {
    start(App, { notice: false }).end();
    vi.advanceTimersByTime(2000);
    expect(notice()).toBe("");
  });
});

describe("the end", () => {
  it("is for good", () => {
    const socket = start();
    socket.greet();
    connection.close();
    socket.end(1006);
    vi.advanceTimersByTime(60_000);
    expect(socket.closedWith).toBe(1000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(App.last.statuses).toEqual(["closed"]);
  });
});

describe("the classic script", () => {
  it("makes one name", async () => {
    await import("../src/narvi/script");
    expect((globalThis as { start_narvi?: unknown }).start_narvi).toBe(start_narvi);
  });
});
