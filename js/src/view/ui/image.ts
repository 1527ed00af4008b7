import { computed, defineComponent, h, type PropType, shallowRef, useTemplateRef } from "vue";
import { mediaUrl } from "../guard/media";
import { readShown } from "./shown";
import { type PartStatus, problem } from "./status";

interface Point {
  x: number;
  y: number;
}
const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const STEP = 10;

/** A picture that tells where it was clicked, in pixels of its own. */
export const JtImage = defineComponent({
  name: "JtImage",
  props: {
    value: { type: null, default: null },
    alt: { type: String, default: "" },
    clickable: Boolean,
    /** Of the function that makes it, if one does. */
    status: { type: Object as PropType<PartStatus | null>, default: null },
  },
  emits: ["point", "update:clicked"],
  setup(props, { emit }) {
    const image = useTemplateRef<HTMLImageElement>("image");
    /** Where the keyboard is; null before an arrow was pressed. */
    const mark = shallowRef<Point | null>(null);
    const picture = computed(() => {
      // An address is text.
      if (typeof props.value === "string") return { data: props.value, alt: "" };
      const shown = readShown(props.value);
      return shown?.kind === "picture" ? shown : null;
    });
    const tell = ({ x, y }: Point) => {
      emit("update:clicked", [x, y]);
      emit("point", [x, y]);
    };
    const click = (event: MouseEvent) => {
      if (!image.value) return;
      // The Enter key and the space bar are clicks without a pointer.
      const point = event.detail === 0 ? mark.value : pointOf(event, image.value);
      if (point) tell(point);
    };
    const press = (event: KeyboardEvent) => {
      const arrow = ARROWS[event.key];
      if (!arrow || !image.value) return;
      event.preventDefault();
      mark.value = moved(mark.value, arrow, event.shiftKey ? 1 : STEP, image.value);
    };
    const draw = () => {
      const { data, alt, ...size } = picture.value ?? { data: null, alt: "" };
      const { width, height } = size as { width?: number; height?: number };
      return h("img", {
        ref: "image",
        class: "jt-picture",
        src: mediaUrl(data),
        width,
        height,
        alt: props.alt || alt,
      });
    };
    const clickable = () => [
      h(
        "button",
        {
          type: "button",
          class: "jt-image-area",
          "aria-label": `${props.alt || "Picture"}: choose a point with the arrow keys and Enter`,
          onClick: click,
          onKeydown: press,
        },
        [draw(), mark.value && image.value ? cross(mark.value, image.value) : null],
      ),
      h(
        "span",
        { class: "jt-unseen", role: "status" },
        mark.value ? `${mark.value.x}, ${mark.value.y}` : "",
      ),
    ];
    return () => {
      const { busy, error } = props.status ?? {};
      if (!picture.value && !error) return null;
      const shape = {
        class: "jt-image",
        "aria-busy": busy ? "true" : undefined,
        "data-failed": Boolean(error) || undefined,
      };
      const drawn = props.clickable ? clickable() : [draw()];
      return h("div", shape, [problem(error), ...(picture.value ? drawn : [])]);
    };
  },
});

function pointOf(event: MouseEvent, image: HTMLImageElement): Point {
  const { left, top, width, height } = image.getBoundingClientRect();
  const x = Math.floor(((event.clientX - left) / width) * image.naturalWidth);
  const y = Math.floor(((event.clientY - top) / height) * image.naturalHeight);
  return within({ x, y }, image);
}

function moved(from: Point | null, by: Point, step: number, image: HTMLImageElement): Point {
  const { naturalWidth, naturalHeight } = image;
  const start = from ?? { x: Math.floor(naturalWidth / 2), y: Math.floor(naturalHeight / 2) };
  return within({ x: start.x + by.x * step, y: start.y + by.y * step }, image);
}

function within({ x, y }: Point, { naturalWidth, naturalHeight }: HTMLImageElement): Point {
  const inside = (value: number, size: number) =>
    Math.min(Math.max(value, 0), Math.max(size - 1, 0));
  return { x: inside(x, naturalWidth), y: inside(y, naturalHeight) };
}

function cross({ x, y }: Point, { naturalWidth, naturalHeight }: HTMLImageElement) {
  const style = {
    left: `${((x + 0.5) / naturalWidth) * 100}%`,
    top: `${((y + 0.5) / naturalHeight) * 100}%`,
  };
  return h("span", { class: "jt-cross", style, "aria-hidden": "true" });
}
