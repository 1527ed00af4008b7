import { type Component, defineComponent, h, resolveComponent, type VNode } from "vue";
import { mediaUrl } from "../guard/media";
import { JtFrame } from "./frame";
import { JtPlot } from "./plot";
import { readShown, type Shown } from "./shown";
import { JtWidget } from "./widget";

/** A value as the notebook would show it. */
export const JtShow = defineComponent({
  name: "JtShow",
  props: {
    value: { type: null, default: null },
    /** What is to be seen, where the value does not say so itself. */
    alt: { type: String, default: "" },
  },
  setup(props) {
    // What chunks bring is found by its name, so that pages that show no such thing load none.
    const named = (name: string) => resolveComponent(name) as Component;
    return () => {
      const shown = readShown(props.value);
      return shown
        ? h("div", { class: `jt-shown jt-shown-${shown.kind}` }, draw(shown, props.alt, named))
        : null;
    };
  },
});

function draw(shown: Shown, alt: string, named: (name: string) => Component): VNode {
  switch (shown.kind) {
    case "picture":
      return h("img", {
        class: "jt-picture",
        src: mediaUrl(shown.data),
        width: shown.width,
        height: shown.height,
        alt: shown.alt || alt,
      });
    case "text":
      return h(shown.isCode ? "pre" : "p", { class: "jt-text" }, shown.text);
    case "html":
      return h(named("JtMarkup"), { html: shown.html });
    case "page":
      return h(JtFrame, { html: shown.html, label: alt });
    case "markdown":
      return h(named("JtMarkdown"), { source: shown.source });
    case "plot":
      return h(JtPlot, { library: shown.library, figure: shown.figure });
    case "chart":
      return h(named("JtChart"), { spec: shown.spec, label: alt });
    case "widget":
      return h(JtWidget, { key: shown.model, model: shown.model });
  }
}
