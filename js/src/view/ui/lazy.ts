import { type Component, defineComponent, h, shallowRef } from "vue";
import { useProvided } from "../render/components/inject";
import { CHUNKS } from "./chunks";
import { TOO_OLD } from "./shown";

/** The component `name` of a chunk, which is loaded when the first one of it is drawn. */
export function lazy(chunk: string, name: string): Component {
  return defineComponent({
    name,
    inheritAttrs: false,
    setup(_, { attrs, slots }) {
      const component = shallowRef<Component>();
      const failure = shallowRef("");
      useProvided(CHUNKS)
        .load(chunk)
        .then(({ components }) => {
          component.value = components[name];
          if (!component.value) failure.value = TOO_OLD;
        })
        .catch((error) => {
          failure.value = error instanceof Error ? error.message : String(error);
        });
      return () => {
        if (component.value) return h(component.value, attrs, slots);
        if (failure.value) return h("p", { class: "jt-failed", role: "alert" }, failure.value);
        return h("div", { class: "jt-chunk", "aria-busy": "true" });
      };
    },
  });
}
