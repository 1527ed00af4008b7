import { describe, expect, it } from "vitest";
import { Asking } from "../../../src/ui-chunks/table/asking";

describe("asking", () => {
  it("leaves out what was wanted on the way", async () => {
    const asked: number[] = [];
    const answers: (() => void)[] = [];
    let wanted: number | null = 1;
    const asking = new Asking(
      () => wanted,
      (what: number) => {
        asked.push(what);
        return new Promise<number>((resolve) => answers.push(() => resolve(what)));
      },
      (answer) => {
        if (answer === wanted) wanted = null;
      },
    );
    const done = asking.look();
    for (wanted = 2; wanted < 9; wanted += 1) await asking.look();
    answers[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    answers[1]?.();
    await done;
    expect(asked).toEqual([1, 9]);
  });

  it("does not ask twice in a row for what brings nothing, and asks again when it is told", async () => {
    let asked = 0;
    const asking = new Asking(
      () => 1,
      async () => {
        asked += 1;
      },
      () => undefined,
    );
    await asking.look();
    expect(asked).toBe(1);
    await asking.look();
    expect(asked).toBe(2);
  });

  it("tells what went wrong, and goes on with the next call", async () => {
    let fails = true;
    let wanted: number | null = 1;
    const asking = new Asking(
      () => wanted,
      async () => {
        if (fails) throw new Error("gone");
      },
      () => {
        wanted = null;
      },
    );
    await expect(asking.look()).rejects.toThrow("gone");
    fails = false;
    await asking.look();
    expect(wanted).toBeNull();
  });

  it("takes nothing any more when it was stopped", async () => {
    const taken: number[] = [];
    const asking = new Asking(
      () => 1,
      async () => 1,
      (answer) => taken.push(answer),
    );
    const done = asking.look();
    asking.stop();
    await done;
    expect(taken).toEqual([]);
  });
});
