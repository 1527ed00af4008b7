import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message, Services, Status } from "../../src/narvi";
import { Monitor } from "../../src/narvi-monitor/monitor";
import type { InstanceInfo, Overview } from "../../src/narvi-monitor/overview";

class FakeServices {
  readonly session_id = "s1";
  status: Status = "open";
  readonly sent: unknown[] = [];
  hear: (message: Message) => void = () => {};
  changed: (status: Status) => void = () => {};
  keeps = false;

  send(message: string): void {
    this.sent.push(JSON.parse(message));
  }
  add_message_listener(callback: (message: Message) => void): void {
    this.hear = callback;
  }
  add_status_listener(callback: (status: Status) => void): () => void {
    this.changed = callback;
    return () => {};
  }
  add_session_listener(): () => void {
    this.keeps = true;
    return () => {};
  }
  become(status: Status): void {
    this.status = status;
    this.changed(status);
  }
  tell(overview: Overview): void {
    this.hear(JSON.stringify(overview));
  }
}

const info = (more: Partial<InstanceInfo> = {}): InstanceInfo => ({
  uptime: 10,
  sessions: {},
  ...more,
});
const session = { app_name: "chat", uptime: 5 };
const chat = (instances: Record<string, InstanceInfo[]>): Overview => ({
  team: { chat: { instances, apps: [{ app_name: "chat" }, { app_name: "big screen" }] } },
});

let services: FakeServices;
let place: HTMLElement;
const start = (parameters = {}) => {
  services = new FakeServices();
  place = document.body.appendChild(document.createElement("main"));
  return new Monitor(services as Services, parameters, place);
};
const text = (selector: string) => place.querySelector(selector)?.textContent;
const all = (selector: string) => [...place.querySelectorAll<HTMLElement>(selector)];
const dialog = () => document.querySelector("dialog");
const button = (label: string) =>
  all("button").find((found) => found.getAttribute("aria-label") === label) as HTMLButtonElement;

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, "", "/narvi/admin/monitor/main/index.html");
  // What jsdom has not: it knows dialogs, and does not open them.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
});
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
  document.documentElement.className = "";
});

function answer(value: string): void {
  const asked = dialog() as HTMLDialogElement;
  asked.returnValue = value;
  asked.dispatchEvent(new Event("close"));
}

describe("the page", () => {
  it("waits, then shows what there is", () => {
    start();
    expect(text(".hint")).toBe("Waiting for the first figures…");
    services.tell(chat({ "room 1": [info({ sessions: { a: session, b: session } })] }));
    expect(text(".hint")).toBe("");
    expect(text(".totals")).toBe("1 service · 1 instance · 2 sessions");
    expect(text("h2")).toBe("team");
    expect(text(".service-name")).toBe("chat");
    expect(text(".service-id")).toBe("room 1");
    expect(text(".sessions summary")).toBe("2 sessions");
    expect(text("[data-label=Uptime]")).toBe("10 s");
    expect(all(".apps a").map((link) => link.getAttribute("href"))).toEqual([
      "../../../team/chat/room%201/index.html",
      "../../../team/big%20screen/room%201/index.html",
    ]);
    expect(all("[role=columnheader]").map((head) => head.textContent)).toContain("Sessions");
  });

  it("says what does not run, and what has stopped", () => {
    start();
    services.tell(chat({}));
    expect(text(".note")).toContain("not running");
    services.tell(
      chat({
        1: [
          info({
            stopped: true,
            metrics: [
              [5, null],
              [4, { cpu: 1 }],
            ],
          }),
        ],
      }),
    );
    expect(text(".mark")).toBe("stopped");
    expect(all(".apps a")).toEqual([]);
    expect(all("button").every((found) => found.hidden)).toBe(true);
    expect(text(".totals")).toBe("1 service · 0 instances · 0 sessions");
    services.tell({});
    expect(text(".hint")).toBe("No service is registered.");
  });

  it("keeps rows, what is unfolded and the focus from round to round", () => {
    start();
    services.tell(chat({ 1: [info()], 2: [info({ sessions: { a: session } })] }));
    const [, row] = all(".instance") as [HTMLElement, HTMLElement];
    const unfolded = row.querySelector("details") as HTMLDetailsElement;
    unfolded.open = true;
    button("Stop chat 2").focus();
    services.tell(
      chat({ 0: [info()], 2: [info({ uptime: 12, sessions: { a: session, b: session } })] }),
    );
    expect(all(".service-id").map((name) => name.textContent)).toEqual(["0", "2"]);
    expect(all(".instance")[1]).toBe(row);
    expect(unfolded.open).toBe(true);
    expect([...unfolded.querySelectorAll("li")].map((line) => line.textContent)).toEqual([
      "chat, 5 s",
      "chat, 5 s",
    ]);
    expect(document.activeElement).toBe(button("Stop chat 2"));
  });

  it("has a row for each instance that is not shared, and one pair of buttons for all of an id", () => {
    start();
    const one = (id: string) => info({ sessions: { [id]: session } });
    services.tell(chat({ calc: [one("a"), one("b")] }));
    const [first, second] = all(".instance") as [HTMLElement, HTMLElement];
    expect(first.querySelector("button")?.hidden).toBe(false);
    expect(second.querySelector("button")?.hidden).toBe(true);
    services.tell(chat({ calc: [one("b"), one("c")] }));
    expect(all(".instance")[0], "its session stays").toBe(second);
    expect(second.querySelector("button")?.hidden).toBe(false);
    button("Stop chat calc").click();
    expect(dialog()?.textContent).toContain("All 2 instances");
  });

  it("counts on between rounds", () => {
    start();
    services.tell(chat({ 1: [info({ uptime: 58 })] }));
    expect(text(".age")).toBe("updated now");
    vi.advanceTimersByTime(4000);
    expect(text(".age")).toBe("updated 4 s ago");
    expect(text("[data-label=Uptime]")).toBe("1 min 2 s");
  });

  it("says how the connection is, and keeps the last figures", () => {
    start();
    expect(services.keeps).toBe(true);
    services.tell(chat({ 1: [info()] }));
    expect(text("[role=status]")).toBe("Live");
    services.become("lost");
    expect(text("[role=status]")).toBe("Connection lost, trying again…");
    expect(document.documentElement.className).toBe("stale");
    vi.advanceTimersByTime(3000);
    expect(text("[data-label=Uptime]"), "nobody knows").toBe("10 s");
    services.become("closed");
    expect(text("[role=status]")).toBe("The monitor was stopped");
    services.become("open");
    expect(document.documentElement.className).toBe("");
  });

  it("has a field to look for instances where there are many", () => {
    start();
    services.tell(chat({ 1: [info()] }));
    const field = place.querySelector("input") as HTMLInputElement;
    expect(field.hidden).toBe(true);
    const rooms = Array.from({ length: 9 }, (_, index) => [`room ${index}`, [info()]]);
    services.tell(chat(Object.fromEntries(rooms)));
    expect(field.hidden).toBe(false);
    field.value = "ROOM 3";
    field.dispatchEvent(new Event("input"));
    expect(all(".service-id").map((name) => name.textContent)).toEqual(["room 3"]);
    field.value = "nobody";
    field.dispatchEvent(new Event("input"));
    expect(text(".hint")).toBe("No instance has that in its name.");
  });
});

describe("metrics", () => {
  const measured = (metadata = {}) =>
    info({
      metrics: [
        [120, { cpu: 3, extra: 1 }],
        [60, null],
        [0, { cpu: 1 }],
      ],
      metrics_metadata: { cpu: metadata, never: {} },
    });

  it("are curves with a name, a value and words for those who see none", () => {
    start();
    services.tell(chat({ 1: [measured({ min: 0, max: 4, minmax_decimal_places: 1 })] }));
    expect(all(".metric-name").map((name) => name.textContent)).toEqual(["cpu", "extra"]);
    expect(text(".metric-value")).toBe("3.0");
    expect(all(".metric:first-child .bound").map((bound) => bound.textContent)).toEqual([
      "4.0",
      "0.0",
    ]);
    expect(place.querySelector("[role=img]")?.getAttribute("aria-label")).toBe(
      "cpu: now 3.0, from 1.0 to 3.0 in the last 2 min",
    );
    expect(place.querySelector(".line")?.getAttribute("d")?.match(/M/g)).toHaveLength(2);
  });

  it("have the colour that they ask for, if it is one", () => {
    start();
    vi.stubGlobal("CSS", { supports: (_name: string, colour: string) => colour === "teal" });
    services.tell(chat({ 1: [measured({ colour: "teal" })], 2: [measured({ colour: "x" })] }));
    const colours = all(".metric:first-child").map((metric) =>
      metric.style.getPropertyValue("--series"),
    );
    expect(colours).toEqual(["teal", ""]);
    vi.unstubAllGlobals();
  });

  it("hide their bounds where these are not wanted", () => {
    start();
    services.tell(chat({ 1: [measured({ minmax_display: false })] }));
    expect(all(".metric").map((metric) => metric.className)).toEqual(["metric bare", "metric"]);
  });

  it("tell the value under the pointer", () => {
    start();
    services.tell(chat({ 1: [measured()] }));
    const picture = place.querySelector("svg") as SVGElement;
    picture.getBoundingClientRect = () => ({ left: 100, width: 200 }) as DOMRect;
    picture.dispatchEvent(new MouseEvent("pointermove", { clientX: 110 }));
    expect([text(".metric-value"), text(".metric-age")]).toEqual(["1", "2 min ago"]);
    picture.dispatchEvent(new MouseEvent("pointermove", { clientX: 200 }));
    expect(text(".metric-value")).toBe("–");
    picture.dispatchEvent(new MouseEvent("pointerleave"));
    expect([text(".metric-value"), text(".metric-age")]).toEqual(["3", ""]);
  });
});

describe("an action", () => {
  it("is asked for, sent, and shown until it is done", () => {
    start();
    services.tell(chat({ 1: [info({ sessions: { a: session } })] }));
    button("Restart chat 1").click();
    expect(dialog()?.textContent).toContain("Restart chat 1?");
    expect(dialog()?.textContent).toContain("1 session will be cut off");
    answer("yes");
    expect(services.sent).toEqual([
      { action: "restart", workspace: "team", service: "chat", service_id: "1" },
    ]);
    expect(text(".mark")).toBe("restarting…");
    expect(button("Stop chat 1").disabled).toBe(true);
    services.tell(chat({ 1: [info({ uptime: 11 })] }));
    expect(text(".mark")).toBe("restarting…");
    services.tell(chat({ 1: [info({ uptime: 0 })] }));
    expect(text(".mark")).toBe("");
    expect(button("Stop chat 1").disabled).toBe(false);
    expect(dialog()).toBeNull();
  });

  it("of which nothing comes is given up", () => {
    start();
    services.tell(chat({ 1: [info()] }));
    button("Stop chat 1").click();
    answer("yes");
    for (let uptime = 11; uptime < 14; uptime += 1) services.tell(chat({ 1: [info({ uptime })] }));
    expect(text(".mark")).toBe("");
  });

  it("may be thought better of", () => {
    start();
    services.tell(chat({ 1: [info()] }));
    button("Stop chat 1").click();
    answer("");
    expect(services.sent).toEqual([]);
    expect(dialog()).toBeNull();
  });

  it("that is refused says why", () => {
    start();
    services.tell(chat({ 1: [info()] }));
    services.hear('["refused", "not here"]');
    expect(text("[role=alert]")).toBe("not here");
    services.tell(chat({ 1: [info()] }));
    expect(text("[role=alert]")).toBe("not here");
    button("Stop chat 1").click();
    answer("yes");
    expect(text("[role=alert]")).toBe("");
  });

  it("is not offered for the monitor itself, nor by one that only looks on", () => {
    start();
    const own: Overview = {
      admin: { watch: { instances: { main: [info()] }, apps: [{ app_name: "monitor" }] } },
    };
    services.tell(own);
    expect(text(".mark")).toBe("this monitor");
    expect(all("button").every((found) => found.hidden)).toBe(true);
    start({ read_only: true });
    services.tell(chat({ 1: [info()] }));
    expect(all("button")).toEqual([]);
  });
});
