import { afterEach, describe, expect, it, vi } from "vitest";
import { mount, plainResources, settled } from "./setup";

const MAIN = { trame__template_main: "<p>{{ n }}</p>", n: 1 };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

describe("the packages of an app", () => {
  function deferred() {
    let done = (): void => undefined;
    const steps: string[] = [];
    const load = new Promise<void>((resolve) => {
      done = resolve;
    });
    const resources: typeof plainResources = (context) => ({
      ...plainResources(context),
      load(app) {
        steps.push(`ready ${context.trame.state.ready}`);
        steps.push(`connected ${context.trame.client.isConnected()}`);
        app.component("Late", { render: () => "late" });
        return load;
      },
      dispose: () => steps.push("disposed"),
    });
    return { resources, steps, done };
  }

  it("are loaded with the state and the connection there, and before anything is mounted", async () => {
    const { resources, steps, done } = deferred();
    const state = { ...MAIN, trame__template_main: "<p><late/></p>", trame__vue_use: ["late"] };
    const { root, find, view } = await mount(state, { resources });
    expect(steps).toEqual(["ready true", "connected true"]);
    expect(root.querySelector("p")).toBeNull();
    done();
    await settled();
    expect(find("p").textContent).toBe("late");
    view.dispose();
    expect(steps.at(-1)).toBe("disposed");
  });

  it("hold back a snapshot that needs them, and no other", async () => {
    const needs = { ...MAIN, trame__scripts: ["x.js"] };
    const first = await mount(null, { resources: deferred().resources, snapshot: needs });
    expect(first.root.querySelector("p")).toBeNull();
    const second = await mount(null, { resources: deferred().resources, snapshot: MAIN });
    expect(second.find("p").textContent).toBe("1");
  });

  it("are not mounted into a view that was taken down meanwhile", async () => {
    const { resources, done } = deferred();
    const { root, view } = await mount(MAIN, { resources });
    view.dispose();
    done();
    await settled();
    expect(root.childNodes).toHaveLength(0);
  });
});

describe("a refresh", () => {
  it("mounts every template anew", async () => {
    const { find, view } = await mount({ ...MAIN, trame__template_main: "<input />" });
    const before = find("input");
    view.trame.state.refresh();
    await settled();
    expect(find("input")).not.toBe(before);
  });
});

describe("a broken connection", () => {
  const TEMPLATES = {
    trame__template_error: "<b>{{ trame_error_report_msg }}</b>",
    trame__template_error_reconnect: "<i>{{ trame_error_report_msg }}</i>",
  };

  it("leaves the last picture and tells the reason in the state", async () => {
    vi.useFakeTimers();
    const { find, view, connection } = await mount(MAIN);
    const { state } = view.trame;
    connection.setState("lost");
    expect(state.get("trame_error_report_msg")).toBeUndefined();
    vi.advanceTimersByTime(800);
    expect(state.get("trame_error_report_msg")).toBe("Connection closed");
    expect(find("p").textContent).toBe("1");
    connection.open(MAIN, { resumed: true });
    expect(state.get("trame_error_report_msg")).toBeUndefined();
    expect(connection.writes).toEqual([]);
  });

  it("is no news when it is short", async () => {
    vi.useFakeTimers();
    const { view, connection } = await mount(MAIN);
    connection.setState("lost");
    connection.open(MAIN, { resumed: true });
    vi.advanceTimersByTime(2000);
    expect(view.trame.state.has("trame_error_report_msg")).toBe(false);
  });

  it.each([
    [undefined, "b"],
    ["auto", "i"],
  ])("shows the app's own template for it (reconnect: %s)", async (reconnect, tag) => {
    const { find, root, connection } = await mount(
      { ...MAIN, ...TEMPLATES },
      { config: { reconnect } },
    );
    connection.setState("stopped", "The server was stopped.");
    await settled();
    expect(find(tag).textContent).toBe("The server was stopped.");
    expect(root.querySelector("p")).toBeNull();
    connection.open({ ...MAIN, ...TEMPLATES });
    await settled();
    expect(find("p").textContent).toBe("1");
  });
});

describe("trame-reconnect", () => {
  const state = { trame__template_main: '<trame-reconnect message="Gone" :max-retry="2" />' };

  it("tries at a click", async () => {
    const { find, connection } = await mount(state);
    expect(find(".trame__message").textContent).toBe("Gone");
    connection.setState("lost");
    find("button").click();
    expect(connection.retries).toBe(1);
  });

  it("tries by itself where the address asks for it, and gives up", async () => {
    vi.useFakeTimers();
    const { find, connection } = await mount(state, { config: { reconnect: "auto" } });
    connection.setState("lost");
    // One attempt that goes on is shared.
    vi.advanceTimersByTime(5000);
    expect(connection.retries).toBe(1);
    await settled();
    expect(find(".trame__message").textContent).toBe("The server does not answer.");
    expect(find("button").textContent).toBe("Reconnect");
    connection.open(state, { resumed: true });
    vi.advanceTimersByTime(500);
    await settled();
    expect(find(".trame__message").textContent).toBe("Gone");
  });
});

describe("routes", () => {
  it("are given to the router of a package when they are new", async () => {
    const addRoute = vi.fn();
    const resources: typeof plainResources = (context) => ({
      ...plainResources(context),
      async load() {
        context.trame.utils.router = { addRoute };
      },
    });
    const routes = [{ path: "/a", components: { view: { template: "<p/>" } } }];
    const state = { ...MAIN, trame__routes: routes };
    const { connection } = await mount(state, { resources });
    expect(addRoute.mock.calls).toEqual([[routes[0]]]);
    connection.open(state);
    expect(addRoute).toHaveBeenCalledTimes(1);
    const other = { path: "/b", components: { view: { template: "<i/>" } } };
    connection.open({ ...state, trame__routes: [...routes, other] });
    expect(addRoute.mock.calls).toEqual([[routes[0]], [other]]);
  });
});
