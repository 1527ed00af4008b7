import { defineComponent, h, onBeforeUnmount, onMounted, useTemplateRef, watch } from "vue";
import css from "./markup.css?inline";
import { sanitized } from "./sanitize";

/**
 * HTML without what could run, in a root of its own: its styles reach nothing else. They reach the element with the
 * root, and what has a fixed position is over the page: an element around keeps both within its bounds.
 */
export const JtMarkup = defineComponent({
  name: "JtMarkup",
  props: { html: { type: String, default: "" } },
  setup(props) {
    const host = useTemplateRef<HTMLElement>("host");
    const show = () => {
      if (!host.value) return;
      const root = host.value.shadowRoot ?? styled(host.value.attachShadow({ mode: "open" }));
      root.replaceChildren(sanitized(props.html));
      measure();
    };
    // What is wider than its place is scrolled with keys too; nothing else is a stop on their way.
    const measure = () => {
      const { scrollWidth, clientWidth } = host.value ?? { scrollWidth: 0, clientWidth: 0 };
      if (scrollWidth > clientWidth) host.value?.setAttribute("tabindex", "0");
      else host.value?.removeAttribute("tabindex");
    };
    const observer = new ResizeObserver(measure);
    onMounted(() => {
      show();
      if (host.value) observer.observe(host.value);
    });
    onBeforeUnmount(() => observer.disconnect());
    watch(() => props.html, show);
    return () =>
      h("div", { class: "jt-markup-bounds" }, [h("div", { ref: "host", class: "jt-markup" })]);
  },
});

function styled(root: ShadowRoot): ShadowRoot {
  const { defaultView } = root.ownerDocument;
  const sheet = new (defaultView ?? window).CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  return root;
}
