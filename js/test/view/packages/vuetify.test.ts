import { expect, it, vi } from "vitest";
import { createApp } from "vue";
import { adaptVuetify, takeThemeStyles } from "../../../src/view/packages/vuetify";

function library() {
  const name = { value: "light" };
  const createVuetify = vi.fn((_options?: object) => ({ theme: { global: { name } } }));
  let changed: (dark: boolean) => void = () => undefined;
  const watchTheme = (listener: typeof changed) => {
    changed = listener;
    listener(true);
  };
  const adapted = adaptVuetify({ createVuetify, other: 1 }, { attach: null, watchTheme }) as {
    createVuetify(options?: object): unknown;
    other: number;
  };
  return { name, createVuetify, adapted, turn: (dark: boolean) => changed(dark) };
}

it("the theme follows the page where the app names none", () => {
  const { name, adapted, turn } = library();
  adapted.createVuetify({ theme: { themes: {} } });
  expect(name.value).toBe("dark");
  turn(false);
  expect(name.value).toBe("light");
  expect(adapted.other).toBe(1);
});

it("the theme is the app's where it names one", () => {
  const { name, adapted } = library();
  adapted.createVuetify({ theme: { defaultTheme: "light" } });
  expect(name.value).toBe("light");
});

it("what makes no Vuetify is left alone, and nothing is adapted twice", () => {
  const host = { attach: null, watchTheme: () => undefined };
  for (const value of [null, 5, { install() {} }]) expect(adaptVuetify(value, host)).toBe(value);
  const once = adaptVuetify({ createVuetify: () => ({}) }, host);
  expect(adaptVuetify(once, host)).toBe(once);
});

it("the theme's sheet goes where it is told", () => {
  const app = createApp({});
  const put = vi.fn();
  takeThemeStyles(app, put);
  const { usehead } = app._context.provides as unknown as {
    usehead: { push(entry: unknown): { patch(entry: unknown): void; dispose(): void } };
  };
  const entry = usehead.push(() => ({ style: [{ innerHTML: "a{}" }, { textContent: "b{}" }] }));
  entry.patch({ style: [{ innerHTML: "c{}" }] });
  entry.dispose();
  expect(put.mock.calls).toEqual([["a{}\nb{}"], ["c{}"], [""]]);
});
