import { type Component, computed, defineComponent, h, resolveComponent } from "vue";
import { textOf } from "../text";
import { rendered } from "./rendered";

/** Markdown with LaTeX. What it becomes is looked through as all markup is. */
export const JtMarkdown = defineComponent({
  name: "JtMarkdown",
  props: { source: { type: null, default: "" } },
  setup(props) {
    const html = computed(() => rendered(textOf(props.source)));
    const markup = resolveComponent("JtMarkup") as Component;
    return () => h(markup, { html: html.value });
  },
});
