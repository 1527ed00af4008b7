import { defineComponent, h, type VNode } from "vue";
import { OWN_PAGE, useProvided } from "../render/components/inject";

/** Side by side with all the rest where there is room, above it where there is none. */
export const JtSidebar = defineComponent({
  name: "JtSidebar",
  props: { label: { type: String, default: "Settings" } },
  setup:
    (props, { slots }) =>
    () =>
      h("aside", { class: "jt-sidebar jt-column", "aria-label": props.label }, slots.default?.()),
});

/** The outermost layout: parts below each other, beside the sidebars among them. */
export const JtApp = defineComponent({
  name: "JtApp",
  setup(_, { slots }) {
    // In somebody else's page the main part is theirs.
    const tag = useProvided(OWN_PAGE) ? "main" : "div";
    return () => {
      const parts: VNode[] = slots.default?.() ?? [];
      const beside = parts.filter(({ type }) => type === JtSidebar);
      const main = parts.filter(({ type }) => type !== JtSidebar);
      const column = h(tag, { class: "jt-main jt-column" }, main);
      if (beside.length === 0) return h("div", { class: "jt-app" }, column);
      return h("div", { class: "jt-app" }, h("div", { class: "jt-beside" }, [...beside, column]));
    };
  },
});
