import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mount } from "../setup";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

async function shown(template: string) {
  const answers: ((value?: unknown) => void)[] = [];
  const { find, connection } = await mount({ trame__template_main: template });
  connection.answer = ({ method }) =>
    method === "trame.trigger" &&
    new Promise((resolve, reject) => {
      answers.push((error) => (error ? reject(error) : resolve(null)));
    });
  return { find, answers };
}

it("a button shows that what it has called still runs", async () => {
  const { find, answers } = await shown(`<button @click="trigger('a')"><b>x</b></button>`);
  const button = find("button");
  find("b").click();
  await vi.advanceTimersByTimeAsync(100);
  expect(button.hasAttribute("aria-busy"), "a quick answer is not worth a mark").toBe(false);
  await vi.advanceTimersByTimeAsync(100);
  expect(button.getAttribute("aria-busy")).toBe("true");
  button.click();
  await vi.advanceTimersByTimeAsync(200);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(button.getAttribute("aria-busy"), "one of two calls").toBe("true");
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  answers[1]?.(new Error("no"));
  await vi.advanceTimersByTimeAsync(0);
  expect(button.hasAttribute("aria-busy")).toBe(false);
});

it("so does the button that submits a form", async () => {
  const { find } = await shown(
    `<form @submit.prevent="trigger('a')"><button type="submit">x</button></form>`,
  );
  find("button").click();
  await vi.advanceTimersByTimeAsync(200);
  expect(find("button").getAttribute("aria-busy")).toBe("true");
  expect(find("form").hasAttribute("aria-busy")).toBe(false);
});

it("nothing else does, nor a button that calls nothing", async () => {
  const { find } = await shown(`<p @click="trigger('a')">x</p><button @click="n = 1">y</button>`);
  find("p").click();
  find("button").click();
  await vi.advanceTimersByTimeAsync(200);
  expect(find("p").hasAttribute("aria-busy")).toBe(false);
  expect(find("button").hasAttribute("aria-busy")).toBe(false);
});

it("trame__busy is 0 once the page is there, and while nothing runs", async () => {
  const { find, answers } = await shown(
    `<button :disabled="trame__busy" @click="trigger('a')">x</button>`,
  );
  const button = find<HTMLButtonElement>("button");
  await vi.advanceTimersByTimeAsync(0);
  expect(button.disabled).toBe(false);
  button.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(button.disabled).toBe(true);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(100);
  expect(button.disabled).toBe(false);
});
