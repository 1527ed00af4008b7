import { expect, it } from "vitest";
import {
  createApp,
  h,
  isReactive,
  isReadonly,
  isRef,
  isShallow,
  markRaw,
  onMounted,
  toRaw,
} from "vue";
import { containerOf, MARK, RAW, SKIP } from "../../../src/view/guard/vue-private";

/** An object that notes by which names it is asked. */
function asked(ask: (value: object) => unknown): string[] {
  const names: string[] = [];
  const get = (_: object, name: PropertyKey) => {
    names.push(String(name));
    return undefined;
  };
  ask(new Proxy({}, { get }));
  return names;
}

it("Vue asks for what is behind a proxy by this name", () => {
  expect(asked(toRaw)).toEqual([RAW]);
});

it("Vue marks what is never reactive with this name", () => {
  expect(Object.getOwnPropertyNames(markRaw({}))).toEqual([SKIP]);
});

it("the names by which Vue knows its objects begin with the mark", () => {
  const names = [isReactive, isReadonly, isRef, isShallow].flatMap(asked);
  expect(names.length).toBeGreaterThan(3);
  for (const name of [...names, RAW, SKIP]) expect(name.startsWith(MARK)).toBe(true);
});

it("an app knows where it was mounted, once it is", () => {
  const element = document.createElement("div");
  const seen: unknown[] = [];
  const app = createApp({
    setup() {
      onMounted(() => seen.push(containerOf(app)));
      return () => h("p");
    },
  });
  app.mount(element);
  expect([...seen, containerOf(app)]).toEqual([null, element]);
});
