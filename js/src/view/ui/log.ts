import { defineComponent, h, nextTick, onMounted, useId, useTemplateRef, watch } from "vue";
import { asText } from "./texts";

/** Pixels from the end within which a reader wants to see what comes. */
const NEAR = 24;

/** Lines that come one after the other; it stays at its end unless somebody reads further above. */
export const JtLog = defineComponent({
  name: "JtLog",
  props: {
    label: { type: String, default: "" },
    value: { type: null, default: null },
    lines: { type: Number, default: 12 },
  },
  setup(props) {
    const id = useId();
    const box = useTemplateRef<HTMLElement>("box");
    const toEnd = () => {
      if (box.value) box.value.scrollTop = box.value.scrollHeight;
    };
    onMounted(toEnd);
    watch(
      () => props.value,
      () => {
        const element = box.value;
        if (!element) return;
        const left = element.scrollHeight - element.scrollTop - element.clientHeight;
        if (left <= NEAR) void nextTick(toEnd);
      },
    );
    return () =>
      h("div", { class: "jt-log" }, [
        h("span", { class: "jt-label", id }, props.label),
        h(
          "pre",
          {
            ref: "box",
            class: "jt-lines",
            role: "log",
            tabindex: 0,
            "aria-labelledby": id,
            style: { maxHeight: `${props.lines * 1.5 + 1}em` },
          },
          textOf(props.value),
        ),
      ]);
  },
});

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(asText).join("\n") : asText(value);
}
