import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { takeMessages } from "../src/late-code";
import type { ViewModel } from "../src/view/model";

interface Message {
  content: { data: { method: string; content?: string } };
}

/** As the models of ipywidgets take messages. */
class WidgetModel {
  readonly heard: string[] = [];
  readonly sent: object[] = [];
  #take: (message: Message) => unknown = (message) => this._handle_comm_msg(message);
  readonly comm = {
    on_msg: (take: (message: Message) => unknown) => {
      this.#take = take;
    },
    send: (data: object) => {
      this.sent.push(data);
    },
  };
  async _handle_comm_msg({ content: { data } }: Message): Promise<void> {
    if (data.method === "custom") this.heard.push(data.content ?? "");
  }
  /** A message of the kernel. */
  async deliver(content: string): Promise<void> {
    await this.#take({ content: { data: { method: "custom", content } } });
  }
}

/** As anywidget's hold them back until their code is there. */
class AnyModel extends WidgetModel {
  readonly ready: Promise<void>;
  constructor(ready: Promise<void>) {
    super();
    this.ready = ready;
    ready.catch(() => undefined);
  }
  override async _handle_comm_msg(message: Message): Promise<void> {
    await this.ready;
    return super._handle_comm_msg(message);
  }
}

/** As a host may have its own. */
class OtherModel extends AnyModel {}

const tooLate = () => Promise.reject(new Error("Failed to initialize model."));
const ID = "id of the model";

function proxyOf(host: unknown): ViewModel {
  const get_model = (id: string) => (id === ID ? Promise.resolve(host) : Promise.reject(id));
  return { get: () => ID, widget_manager: { get_model } } as unknown as ViewModel;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("messages for a model", () => {
  it.each([AnyModel, OtherModel])("reach it although its code was late (%o)", async (Model) => {
    const host = new Model(tooLate());
    await expect(host.deliver("lost")).rejects.toThrow("Failed to initialize model.");
    await takeMessages(proxyOf(host));
    await host.deliver("first");
    await takeMessages(proxyOf(host));
    await host.deliver("second");
    expect(host.heard).toEqual(["first", "second"]);
    expect(host.sent[0]).toEqual({ method: "request_state" });
  });

  it("go their way where it was in time", async () => {
    let resolve = () => {};
    const host = new AnyModel(new Promise((done) => (resolve = done)));
    const before = host.deliver("before");
    const taken = takeMessages(proxyOf(host));
    resolve();
    await Promise.all([before, taken]);
    await host.deliver("after");
    expect(host.heard).toEqual(["before", "after"]);
    expect(host.sent).toEqual([]);
  });

  it.each([
    ["has no manager", { get: () => ID }],
    ["knows no models", { get: () => ID, widget_manager: {} }],
    ["does not know this one", { ...proxyOf(null), get: () => undefined }],
    ["has other models", proxyOf({})],
    ["has no comm", proxyOf(Object.assign(new AnyModel(tooLate()), { comm: undefined }))],
    ["has nothing that is inherited", proxyOf({ comm: {}, _handle_comm_msg: tooLate })],
  ])("keep no view waiting where the host %s", async (_, model) => {
    await takeMessages(model as unknown as ViewModel);
  });

  it("keep a view waiting for a second where the host does not answer", async () => {
    const silent = { get: () => ID, widget_manager: { get_model: () => new Promise(() => {}) } };
    const done = vi.fn();
    void takeMessages(silent as unknown as ViewModel).then(done);
    await vi.advanceTimersByTimeAsync(900);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(done).toHaveBeenCalled();
  });
});
