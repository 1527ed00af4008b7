import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../src/lab/api";
import { AppActions } from "../../src/lab/app-actions";
import { serverInfo } from "./support";

const notification = vi.hoisted(() => ({ info: vi.fn() }));
const tellFailure = vi.hoisted(() => vi.fn());
vi.mock("@jupyterlab/apputils", () => ({ Notification: notification }));
vi.mock("../../src/lab/telling", () => ({ tellFailure }));

const stop = vi.fn(async () => undefined);
const restart = vi.fn(async () => serverInfo());
const done = vi.fn();
const actions = new AppActions({ stop, restart }, done);

beforeEach(() => vi.clearAllMocks());

describe("the actions on apps", () => {
  it("stop and restart, and have the lists looked at", async () => {
    await actions.stop(serverInfo());
    await actions.restart(serverInfo());
    expect([stop.mock.calls.length, restart.mock.calls.length, done.mock.calls.length]).toEqual([
      1, 1, 2,
    ]);
    expect(tellFailure).not.toHaveBeenCalled();
  });

  it("say that somebody else was quicker", async () => {
    stop.mockRejectedValueOnce(new ApiError("no such server", 404));
    await actions.stop(serverInfo({ title: "Sales" }));
    expect(notification.info).toHaveBeenCalledExactlyOnceWith(
      "Sales is not running any more.",
      expect.anything(),
    );
    expect(done).toHaveBeenCalledOnce();
  });

  it("say what is wrong in one line, and go on with the others", async () => {
    const error = new ApiError("Sign in again to go on.", 401);
    stop.mockRejectedValueOnce(error);
    await actions.stopAll([serverInfo({ title: "One" }), serverInfo({ title: "Two" })]);
    expect(tellFailure).toHaveBeenCalledExactlyOnceWith("One", error);
    expect(stop).toHaveBeenCalledTimes(2);
    expect(done).toHaveBeenCalledOnce();
  });
});
