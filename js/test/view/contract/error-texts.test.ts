import { describe, expect, it } from "vitest";
import * as vue from "vue";
import { createApp, h, nextTick, onMounted, onUnmounted, onUpdated, ref, watch } from "vue";
import { describeError, vueErrorPlace } from "../../../src/view/contract/error-texts";

/** The words of Vue's development build; it exports them for itself. */
const { ErrorTypeStrings } = vue as unknown as {
  ErrorTypeStrings: Record<string | number, string>;
};
const DOCUMENT = "https://vuejs.org/error-reference/#runtime-";

describe("places of errors", () => {
  /** What the words of Vue, which its production build lacks, have in them. */
  const VUE: [code: string | number, place: string, vue: string][] = [
    [0, "setup", "setup function"],
    [1, "rendering", "render function"],
    [2, "a watcher", "watcher getter"],
    [3, "a watcher", "watcher callback"],
    [4, "a watcher", "watcher cleanup function"],
    [5, "an event handler", "native event handler"],
    [6, "an event handler", "component event handler"],
    [7, "a node hook", "vnode hook"],
    [8, "a directive", "directive hook"],
    [14, "an update", "scheduler flush"],
    [15, "an update", "component update"],
    ["bm", "mounting", "beforeMount hook"],
    ["m", "mounting", "mounted hook"],
    ["bu", "an update", "beforeUpdate hook"],
    ["u", "an update", "updated"],
    ["bum", "unmounting", "beforeUnmount hook"],
    ["um", "unmounting", "unmounted hook"],
  ];

  it.each(VUE)("%s is %s", (code, place, words) => {
    expect(ErrorTypeStrings[code]).toBe(words);
    expect(vueErrorPlace(undefined, `${DOCUMENT}${code}`)).toBe(place);
  });

  it("a code that is not known is somewhere", () => {
    expect(vueErrorPlace(undefined, `${DOCUMENT}zz`)).toBe("the interface");
  });

  it("templates and components are named", () => {
    expect(vueErrorPlace("trame-template-main", `${DOCUMENT}1`)).toBe(
      'rendering of template "main"',
    );
    expect(vueErrorPlace("VBtn", `${DOCUMENT}6`)).toBe("an event handler of VBtn");
  });

  it("what Vue says of the errors of a component is what is compared here", async () => {
    const told: string[] = [];
    const value = ref(0);
    const shown = ref(true);
    const fail = (): never => {
      throw new Error("no");
    };
    const Failing = {
      setup() {
        onMounted(fail);
        onUpdated(fail);
        onUnmounted(fail);
        watch(value, fail);
        return () => h("p", value.value);
      },
    };
    const app = createApp({ render: () => (shown.value ? h(Failing) : null) });
    app.config.errorHandler = (_error, _instance, info) => told.push(info);
    app.mount(document.createElement("div"));
    value.value = 1;
    await nextTick();
    shown.value = false;
    await nextTick();
    app.unmount();
    expect(told).toEqual(["mounted hook", "watcher callback", "updated", "unmounted hook"]);
  });
});

describe("errors", () => {
  it.each([
    [new Error("words"), "words"],
    [new TypeError("words"), "TypeError: words"],
    [{ code: -1, message: "of the server" }, "of the server"],
    [{ a: 1 }, '{"a":1}'],
    [[1, 2], "[1,2]"],
    ["text", "text"],
    [undefined, "undefined"],
  ])("%s", (error, text) => {
    expect(describeError(error)).toBe(text);
  });
});
