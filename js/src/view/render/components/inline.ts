import { defineComponent, onBeforeUnmount, onMounted, watch } from "vue";
import { PLACE, useProvided } from "./inject";

/** Runs a script of the app while mounted; a changed text runs again. */
export const Script = defineComponent({
  name: "TrameScript",
  props: {
    script: { type: String, default: "" },
    module: { type: Boolean, default: false },
  },
  setup(props) {
    const place = useProvided(PLACE);
    let remove = () => {};
    const run = () => {
      remove();
      remove = () => {};
      if (props.script) remove = place.addScript(props.script, props.module);
    };
    onMounted(run);
    watch(() => [props.script, props.module], run);
    onBeforeUnmount(() => remove());
    return () => null;
  },
});

/** Applies a style sheet to the app, and to nothing else of the page. */
export const Style = defineComponent({
  name: "TrameStyle",
  props: { css: { type: String, default: "" } },
  setup(props) {
    const put = useProvided(PLACE).addStyle();
    put(props.css);
    watch(
      () => props.css,
      (css) => put(css),
    );
    onBeforeUnmount(() => put(null));
    return () => null;
  },
});
