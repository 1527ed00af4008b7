import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Close, WebSocketTransport } from "../../src/transports";

class FakeSocket {
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static made: FakeSocket[] = [];
  readyState = FakeSocket.OPEN;
  binaryType = "blob";
  onopen: () => void = () => undefined;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  readonly sent: unknown[] = [];
  readonly closed: unknown[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    FakeSocket.made.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(...args: unknown[]): void {
    this.closed.push(args);
  }
}

let transport: WebSocketTransport;
let heard: unknown[];

const socket = (): FakeSocket => FakeSocket.made.at(-1) as FakeSocket;

beforeEach(() => {
  FakeSocket.made = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  transport = new WebSocketTransport("wss://host/base/trame/k/demo/ws?token=t");
  heard = [];
  transport.onopen = () => heard.push("open");
  transport.onframe = (frame) => heard.push([...frame]);
  transport.onclose = (code, reason) => heard.push([code, reason]);
  transport.open();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("WebSocketTransport", () => {
  it("carries binary frames, and ignores text", () => {
    socket().onopen();
    transport.send(Uint8Array.of(1));
    socket().onmessage({ data: Uint8Array.of(2, 3).buffer });
    socket().onmessage({ data: "text" });
    expect(socket().binaryType).toBe("arraybuffer");
    expect(socket().sent).toEqual([Uint8Array.of(1)]);
    expect(heard).toEqual(["open", [2, 3]]);
  });

  it("sends nothing on a socket that is closing, which the browser would report", () => {
    socket().onopen();
    socket().readyState = FakeSocket.CLOSING;
    transport.send(Uint8Array.of(1));
    expect(socket().sent).toEqual([]);
    socket().onclose({ code: 1006, reason: "" });
    expect(heard).toEqual(["open", [1006, ""]]);
  });

  it("tells why it ended", () => {
    socket().onopen();
    socket().onclose({ code: 1001, reason: "Server shutdown" });
    expect(heard).toEqual(["open", [1001, "Server shutdown"]]);
  });

  it("says nothing after an own close", () => {
    socket().onopen();
    transport.close(1002, "a reason");
    socket().onmessage({ data: Uint8Array.of(2).buffer });
    socket().onclose({ code: 1006, reason: "" });
    expect(heard).toEqual(["open"]);
    expect(socket().closed).toEqual([[4000, "a reason"]]);
  });

  it("asks nobody why it did not open when it was closed before", () => {
    const asked = vi.fn();
    vi.stubGlobal("fetch", asked);
    transport.close();
    socket().onclose({ code: 1006, reason: "" });
    expect(asked).not.toHaveBeenCalled();
    expect(heard).toEqual([]);
  });

  it.each([
    ["signed out", { status: 401 }, Close.denied],
    ["sent to the login page", { status: 0, type: "opaqueredirect" }, Close.denied],
    ["not there", { status: 404 }, Close.missing],
    ["broken", { status: 503, text: async () => "<html>" }, 1006],
    ["there, but takes no socket", { status: 400 }, 1006],
  ])("asks why it was refused: %s", async (_, answer, code) => {
    const fetch = vi.fn(async () => answer);
    vi.stubGlobal("fetch", fetch);
    socket().onclose({ code: 1006, reason: "" });
    await vi.waitFor(() => expect(heard).toEqual([[code, expect.any(String)]]));
    expect(String((fetch.mock.calls as unknown[][])[0]?.[0])).toBe(
      "https://host/base/trame/k/demo/ws?token=t",
    );
  });

  it("says why the server cannot ask the kernel", async () => {
    const answer = { status: 503, text: async () => "503: the gateway does not answer" };
    vi.stubGlobal("fetch", async () => answer);
    socket().onclose({ code: 1006, reason: "" });
    await vi.waitFor(() => expect(heard).toEqual([[1006, "the gateway does not answer"]]));
  });

  it.each([
    ["a stranger", { status: 0, type: "opaqueredirect" }, Close.denied],
    ["who may look only", { status: 200, type: "basic" }, Close.forbidden],
    ["who may not even look", { status: 403, type: "basic" }, Close.forbidden],
  ])("asks the page who was refused: %s", async (_, answer, code) => {
    const answers = [{ status: 403, type: "basic" }, answer];
    const fetch = vi.fn(async (_url: URL, _init: RequestInit) => answers.shift());
    vi.stubGlobal("fetch", fetch);
    socket().onclose({ code: 1006, reason: "" });
    await vi.waitFor(() => expect(heard).toEqual([[code, expect.any(String)]]));
    const [url, { method }] = fetch.mock.calls[1] as [URL, RequestInit];
    expect([method, url.href]).toEqual([
      "HEAD",
      "https://host/base/trame/k/demo/index.html?token=t",
    ]);
  });

  it.each([
    ["its own server with the token of the page", location.host, { "X-XSRFToken": "t" }],
    ["another one without", "elsewhere.example", {}],
  ])("asks %s", async (_, host, headers) => {
    vi.spyOn(document, "cookie", "get").mockReturnValue("_xsrf=t");
    const fetch = vi.fn(async (_url: URL, _init: RequestInit) => ({ status: 403, type: "basic" }));
    vi.stubGlobal("fetch", fetch);
    const asking = new WebSocketTransport(`ws://${host}/user/ann/trame/k/demo/ws`);
    asking.onclose = (code) => heard.push(code);
    asking.open();
    socket().onclose({ code: 1006, reason: "" });
    await vi.waitFor(() => expect(heard).toEqual([Close.forbidden]));
    expect(fetch).toHaveBeenCalledTimes(2);
    for (const [url, init] of fetch.mock.calls) {
      expect(init.headers).toEqual(headers);
      // A hub sends who has no token to its login; that is no answer to the question.
      expect(init.redirect).toBe("manual");
      expect(url.search).toBe("");
    }
  });

  it("asks, and nobody answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    socket().onclose({ code: 1006, reason: "" });
    await vi.waitFor(() => expect(heard).toEqual([[1006, "the server does not answer"]]));
  });
});
