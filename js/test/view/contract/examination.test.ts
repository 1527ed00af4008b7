import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { examine, ownReport } from "../../../src/view/contract/examination";
import type { Report } from "../../../src/view/contract/report";
import { MemoryConnection } from "../memory";

const SERVERS: Report = {
  subject: "app x in kernel k",
  environments: [
    { place: "Jupyter server", version: "1.2.3", packages: { Python: "3.12.3" } },
    { place: "kernel", version: "1.3.0", packages: {} },
  ],
  paths: [{ name: "Jupyter server and kernel: a socket of this machine", reason: "" }],
  round_trips: [],
  limits: [{ name: "largest message of a page", value: "1 GiB" }],
  findings: [
    { severity: "warning", what: "they differ", command: "%pip install x", where: "there" },
  ],
};

let connection: MemoryConnection;

beforeEach(() => {
  vi.useFakeTimers();
  connection = new MemoryConnection();
  connection.open({});
});
afterEach(() => {
  vi.useRealTimers();
});

async function examined(
  fetchReport: (() => Promise<unknown>) | null,
  inKernel = true,
): Promise<{ report: Report; steps: number }> {
  let steps = 0;
  const onStep = () => {
    steps += 1;
  };
  const { signal } = new AbortController();
  const whole = examine({ connection, inKernel, fetchReport }, onStep, signal);
  await vi.runAllTimersAsync();
  return { report: await whole, steps };
}

describe("what a page knows by itself", () => {
  const own = (inKernel = true) => ownReport({ connection, inKernel, fetchReport: null });

  it("are the versions at each end, and the way", () => {
    connection.packages = { page: "1.2.3", host: "1.2.3", server: "1.3.0" };
    expect(own().environments.map(({ place, version }) => [place, version])).toEqual([
      ["Jupyter server", "1.2.3"],
      ["kernel", "1.3.0"],
      ["page", "1.2.3"],
    ]);
    expect(own().paths).toEqual([{ name: "page: websocket", reason: "" }]);
    expect(own().findings).toEqual([]);
  });

  it("is one environment where host and server are one", () => {
    expect(own(false).environments.map(({ place }) => place)).toEqual(["program", "page"]);
    connection.kind = "comm";
    expect(own().environments.map(({ place }) => place)).toEqual(["kernel", "page"]);
  });

  it("is why the websocket is not used", () => {
    connection.kind = "comm";
    connection.passedOver = "the server refused the connection (HTTP 502)";
    expect(own().paths[0]?.reason).toContain("the websocket was refused: the server refused");
    expect(own().findings[0]).toMatchObject({ severity: "warning" });
    connection.passedOver = "";
    expect(own().paths[0]?.reason).toContain("no Jupyter server with the extension");
    expect(own().findings).toEqual([]);
  });

  it("is that it was loaded before the server had its version", () => {
    connection.packages = { page: "1.2.3", host: "1.3.0", server: "1.3.0" };
    expect(own().findings).toMatchObject([{ command: "Ctrl+Shift+R", where: "in the page" }]);
  });

  it("is what the connection says of itself", () => {
    connection.setState("lost");
    connection.message = "the kernel was shut down";
    connection.kind = null;
    expect(own().findings).toMatchObject([{ severity: "error", what: "the kernel was shut down" }]);
    expect(own().paths[0]?.name).toBe("page: not connected");
  });
});

describe("an examination", () => {
  it("asks host and loop at once and with pauses, and the Jupyter server", async () => {
    const { report, steps } = await examined(async () => structuredClone(SERVERS));
    expect(report.round_trips.map(({ between, count }) => [between, count])).toEqual([
      ["page and Jupyter server", 10],
      ["page and the kernel's loop", 10],
    ]);
    expect([connection.pings, connection.questions]).toEqual([20, 20]);
    expect(report.environments.map(({ place }) => place)).toEqual([
      "Jupyter server",
      "kernel",
      "page",
    ]);
    expect(report.environments[0]?.packages).toEqual({ Python: "3.12.3" });
    expect(report.limits).toEqual(SERVERS.limits);
    expect(report.findings).toEqual(SERVERS.findings);
    expect(steps).toBeGreaterThan(2);
  });

  it("asks the app itself where there is no way to a Jupyter server", async () => {
    connection.answer = ({ method }) => (method === "jupyter_trame.doctor" ? SERVERS : null);
    const { report } = await examined(null);
    expect(report.limits).toEqual(SERVERS.limits);
    expect(connection.calls.map(({ method }) => method)).toEqual(["jupyter_trame.doctor"]);
  });

  it("asks no server of an earlier release, and takes no report that is none", async () => {
    connection.packages = { page: "1.2.3", host: "", server: "" };
    expect((await examined(null)).report.limits).toEqual([]);
    expect(connection.calls).toEqual([]);
    expect((await examined(async () => null)).report.findings).toEqual([]);
  });

  it("says what could not be found out, and waits for nothing that is slow", async () => {
    const begun = performance.now();
    const drawn: [number, string[]][] = [];
    connection.answer = () => new Promise(() => undefined);
    const whole = examine(
      { connection, inKernel: true, fetchReport: async () => structuredClone(SERVERS) },
      (report) => drawn.push([performance.now() - begun, report.findings.map(({ what }) => what)]),
      new AbortController().signal,
    );
    await vi.advanceTimersByTimeAsync(100);
    expect(drawn.at(-1)?.[1], "the server's report is there at once").toEqual(["they differ"]);
    await vi.advanceTimersByTimeAsync(2500);
    const loop =
      "no round trip between page and the kernel's loop was measured: no answer within 2.5 s";
    expect((await whole).findings.map(({ what }) => what)).toEqual(["they differ", loop]);
    expect(connection.waiting, "what a view asks is nothing that waits").toBe(0);
  });

  it("says what was refused", async () => {
    connection.ping = () => Promise.reject(new Error("there is no connection"));
    const { report } = await examined(() => Promise.reject(new Error("you are not signed in")));
    expect(new Set(report.findings.map(({ what }) => what))).toEqual(
      new Set([
        "no round trip between page and Jupyter server was measured: there is no connection",
        "the server's own report is not to be had: you are not signed in",
      ]),
    );
  });

  it("ends when nobody looks any more", async () => {
    const ended = new AbortController();
    const whole = examine(
      { connection, inKernel: true, fetchReport: null },
      () => undefined,
      ended.signal,
    );
    await vi.advanceTimersByTimeAsync(60);
    ended.abort();
    await vi.runAllTimersAsync();
    await whole;
    const { pings, questions } = connection;
    expect([pings, questions].every((asked) => asked < 14)).toBe(true);
  });

  it.each([
    ["1.3.0", "warning"],
    ["1.2.4", "note"],
    ["2.2.3", "error"],
  ])("says how far %s is from the page", (host, severity) => {
    connection.packages = { page: "1.2.3", host, server: host };
    const { findings } = ownReport({ connection, inKernel: true, fetchReport: null });
    expect(findings[0]?.severity).toBe(severity);
  });

  it("says of the page's version what the server says, where it does", async () => {
    connection.packages = { page: "1.2.3", host: "1.3.0", server: "1.3.0" };
    const finding = {
      severity: "note" as const,
      what: "reload",
      command: "Ctrl+Shift+R",
      where: "in the page",
    };
    const { report } = await examined(async () => ({ ...SERVERS, findings: [finding] }));
    expect(report.findings).toEqual([finding]);
  });
});
