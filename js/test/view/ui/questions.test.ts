import { expect, it, vi } from "vitest";
import type { Trame } from "../../../src/view/contract/trame";
import { followQuestions } from "../../../src/view/ui/questions";
import { settled } from "../setup";

it("questions of callbacks are answered, but not by a view that ends", async () => {
  const callbacks = new Map<string, (data: [unknown]) => void>();
  const session = {
    subscribe(topic: string, callback: (data: [unknown]) => void) {
      callbacks.set(topic, callback);
    },
  };
  const trigger = vi.fn(async () => null);
  const client = { getConnection: () => ({ getSession: () => session }) };
  const answers: ((answer: boolean) => void)[] = [];
  const ask = vi.fn(() => new Promise<boolean>((resolve) => answers.push(resolve)));
  const stop = followQuestions({ client, trigger } as unknown as Trame, ask);
  for (const id of [1, 2]) callbacks.get("trame.ui.ask")?.([{ id, text: "Delete all?" }]);
  expect(ask.mock.calls).toEqual([
    [{ text: "Delete all?" }, expect.any(AbortSignal)],
    [{ text: "Delete all?" }, expect.any(AbortSignal)],
  ]);
  answers[0]?.(true);
  await settled();
  stop();
  answers[1]?.(false);
  await settled();
  expect(trigger.mock.calls).toEqual([["trame__ui_answer", [1, true]]]);
});
