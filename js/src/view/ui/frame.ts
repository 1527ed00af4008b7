import {
  defineComponent,
  h,
  onBeforeUnmount,
  onMounted,
  shallowRef,
  useTemplateRef,
  watch,
} from "vue";
import { SANDBOX } from "../guard/attributes";

const FIRST = 420;
const HIGHEST = 4000;
/** A page whose height follows that of its frame would grow without end. */
const MOST_STEPS = 12;
const DOCTYPE = /^\s*<!doctype[^>]*>/i;

/** Says which of the page's scripts and styles do not come; it runs in the frame, before there are any. */
const WATCHER = `<script>addEventListener("error", ({ target }) => {
  const address = { SCRIPT: target.src, LINK: target.href }[target.tagName];
  if (address) parent.postMessage({ jtFrameMissing: address }, "*");
}, true);</script>`;

/** Says how high the page is; it runs in the frame. */
const TELLER = `<script>(() => {
  const tell = () => parent.postMessage({ jtFrameHeight: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("load", tell);
})();</script>`;

interface Told {
  jtFrameHeight?: unknown;
  jtFrameMissing?: unknown;
}

/** HTML with scripts: a page of its own origin, which reaches nothing of the page around it. */
export const JtFrame = defineComponent({
  name: "JtFrame",
  props: { html: { type: String, default: "" }, label: { type: String, default: "" } },
  setup(props) {
    const frame = useTemplateRef<HTMLIFrameElement>("frame");
    const height = shallowRef(FIRST);
    /** The host from which something did not come. */
    const silent = shallowRef("");
    let steps = 0;
    watch(
      () => props.html,
      () => {
        // What has grown so often would go on from there with each new page.
        if (steps >= MOST_STEPS) height.value = FIRST;
        steps = 0;
        silent.value = "";
      },
    );
    const grow = (told: number) => {
      // As high as the frame is a page that fills whatever it is given.
      if (!(told > 0) || Math.abs(told - height.value) < 2 || steps >= MOST_STEPS) return;
      steps += 1;
      height.value = Math.min(HIGHEST, Math.ceil(told));
    };
    const hear = ({ source, data }: MessageEvent) => {
      if (source !== frame.value?.contentWindow) return;
      const { jtFrameHeight, jtFrameMissing } = (data ?? {}) as Told;
      if (typeof jtFrameHeight === "number") grow(jtFrameHeight);
      if (typeof jtFrameMissing === "string" && !silent.value)
        silent.value = hostOf(jtFrameMissing);
    };
    onMounted(() => window.addEventListener("message", hear));
    onBeforeUnmount(() => window.removeEventListener("message", hear));
    return () => [
      silent.value ? h("p", { class: "jt-failed", role: "alert" }, sentence(silent.value)) : null,
      h("iframe", {
        ref: "frame",
        class: "jt-page",
        title: props.label || "Output",
        sandbox: SANDBOX,
        srcdoc: watched(props.html) + TELLER,
        style: { height: `${height.value}px` },
      }),
    ];
  },
});

/** Before a doctype nothing may stand: browsers would take the page for one of the nineties. */
function watched(html: string): string {
  const doctype = DOCTYPE.exec(html)?.[0] ?? "";
  return doctype + WATCHER + html.slice(doctype.length);
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

function sentence(host: string): string {
  return `This page needs files from ${host}, which did not come. Without a network it is empty, or lacks a part.`;
}
