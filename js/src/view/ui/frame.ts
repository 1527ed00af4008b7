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

/** Says how high the page is; it runs in the frame. */
const TELLER = `<script>(() => {
  const tell = () => parent.postMessage({ jtFrameHeight: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("load", tell);
})();</script>`;

/** HTML with scripts: a page of its own origin, which reaches nothing of the page around it. */
export const JtFrame = defineComponent({
  name: "JtFrame",
  props: { html: { type: String, default: "" } },
  setup(props) {
    const frame = useTemplateRef<HTMLIFrameElement>("frame");
    const height = shallowRef(FIRST);
    let steps = 0;
    watch(
      () => props.html,
      () => {
        // What has grown so often would go on from there with each new page.
        if (steps >= MOST_STEPS) height.value = FIRST;
        steps = 0;
      },
    );
    const hear = ({ source, data }: MessageEvent) => {
      const told = (data as { jtFrameHeight?: unknown } | null)?.jtFrameHeight;
      if (source !== frame.value?.contentWindow || typeof told !== "number") return;
      // As high as the frame is a page that fills whatever it is given.
      if (!(told > 0) || Math.abs(told - height.value) < 2 || steps >= MOST_STEPS) return;
      steps += 1;
      height.value = Math.min(HIGHEST, Math.ceil(told));
    };
    onMounted(() => window.addEventListener("message", hear));
    onBeforeUnmount(() => window.removeEventListener("message", hear));
    return () =>
      h("iframe", {
        ref: "frame",
        class: "jt-page",
        title: "Output",
        sandbox: SANDBOX,
        srcdoc: props.html + TELLER,
        style: { height: `${height.value}px` },
      });
  },
});
