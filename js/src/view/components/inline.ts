import { defineComponent, inject, onBeforeUnmount, onMounted, watch } from "vue";
import { ADD_STYLE } from "./inject";

/** Runs a script while mounted. A changed text runs again: browsers run a script element once. */
export const Script = defineComponent({
  name: "TrameScript",
  props: {
    script: { type: String, default: "" },
    module: { type: Boolean, default: false },
  },
  setup(props) {
    let element: HTMLScriptElement | null = null;
    const remove = () => element?.remove();
    const run = () => {
      remove();
      if (!props.script) return;
      element = document.createElement("script");
      if (props.module) element.type = "module";
      element.textContent = props.script;
      document.head.appendChild(element);
    };
    onMounted(run);
    watch(() => [props.script, props.module], run);
    onBeforeUnmount(remove);
    return () => null;
  },
});

/** Applies a style sheet to the view, and to nothing else of the page. */
export const Style = defineComponent({
  name: "TrameStyle",
  props: { css: { type: String, default: "" } },
  setup(props) {
    const put = inject(ADD_STYLE)?.();
    put?.(props.css);
    watch(
      () => props.css,
      (css) => put?.(css),
    );
    onBeforeUnmount(() => put?.(null));
    return () => null;
  },
});
