import { defineComponent, h, nextTick, shallowRef, useId, type VNode } from "vue";
import { partsOf } from "./slots";
import { asText } from "./texts";

/** One of the panels of `JtTabs`, which draws it. */
export const JtTab = defineComponent({
  name: "JtTab",
  props: { title: { type: String, default: "" } },
  setup:
    (_, { slots }) =>
    () =>
      slots.default?.(),
});

/** How far a key moves the focus among `count` tabs from the one at `index`; undefined for other keys. */
const MOVES: Record<string, (index: number, count: number) => number> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Panels of which one is seen, named by its title; a panel is drawn when it is first seen, and stays. */
export const JtTabs = defineComponent({
  name: "JtTabs",
  props: {
    modelValue: { type: null, default: undefined },
    label: { type: String, default: undefined },
  },
  emits: ["update:modelValue", "change"],
  setup(props, { emit, slots }) {
    const id = useId();
    /** Where no key says which. */
    const own = shallowRef("");
    const seen = new Set<string>();
    const list = shallowRef<HTMLElement | null>(null);
    const choose = (title: string) => {
      own.value = title;
      emit("update:modelValue", title);
      emit("change", title);
    };
    const move = async (event: KeyboardEvent, titles: string[], index: number) => {
      const next = MOVES[event.key]?.(index, titles.length);
      if (next === undefined) return;
      event.preventDefault();
      choose(titles[next] as string);
      await nextTick();
      (list.value?.children[next] as HTMLElement | undefined)?.focus();
    };
    const tab = (titles: string[], index: number, chosen: number) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          class: "jt-tab",
          id: `${id}-tab-${index}`,
          "aria-selected": index === chosen ? "true" : "false",
          "aria-controls": `${id}-panel-${index}`,
          tabindex: index === chosen ? 0 : -1,
          onClick: () => choose(titles[index] as string),
          onKeydown: (event: KeyboardEvent) => void move(event, titles, index),
        },
        titles[index],
      );
    const panel = (node: VNode, title: string, index: number, isShown: boolean) => {
      if (isShown) seen.add(title);
      const attributes = {
        key: title,
        role: "tabpanel",
        class: "jt-panel jt-column",
        id: `${id}-panel-${index}`,
        "aria-labelledby": `${id}-tab-${index}`,
        hidden: !isShown,
        tabindex: 0,
      };
      return h("div", attributes, seen.has(title) ? [node] : []);
    };
    return () => {
      const panels = partsOf(slots.default).filter(({ type }) => type === JtTab);
      const titles = panels.map(({ props: given }) => String(given?.title ?? ""));
      const chosen = Math.max(0, titles.indexOf(asText(props.modelValue) || own.value));
      const tabs = titles.map((_, index) => tab(titles, index, chosen));
      return h("div", { class: "jt-tabs" }, [
        h(
          "div",
          { class: "jt-tab-list", role: "tablist", "aria-label": props.label, ref: list },
          tabs,
        ),
        panels.map((node, index) => panel(node, titles[index] as string, index, index === chosen)),
      ]);
    };
  },
});
