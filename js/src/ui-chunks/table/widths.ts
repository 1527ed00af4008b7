import { type Ref, shallowRef } from "vue";
import type { Column } from "./rows-cache";

/** Characters of a column, by its heading and first texts. */
const FEWEST = 6;
const MOST = 32;
/** Pixels of the narrowest column that a hand makes. */
const NARROWEST = 48;
/** Pixels by which one press of a key changes a width. */
const STEP = 16;
const KEYS: Record<string, number> = { ArrowLeft: -STEP, ArrowRight: STEP };

export type Widths = ReturnType<typeof useWidths>;

/** How wide columns are: as wide as their texts, until somebody changes one. From then on each keeps its own. */
export function useWidths(area: Ref<HTMLElement | null>) {
  const chosen = shallowRef<ReadonlyMap<string, number> | null>(null);
  const headings = () => [...(area.value?.querySelectorAll<HTMLElement>("th") ?? [])];
  const seen = () => new Map(headings().map((one) => [one.dataset.column ?? "", one.offsetWidth]));
  const set = (name: string, width: number) => {
    // Without widths of their own the other columns would share what this one gives or takes.
    const widths = chosen.value ?? seen();
    chosen.value = new Map([...widths, [name, Math.max(NARROWEST, Math.round(width))]]);
  };
  const now = (name: string) => (chosen.value ?? seen()).get(name) ?? NARROWEST;
  return {
    of(column: Column): string {
      const width = chosen.value?.get(column.name);
      return width === undefined ? widthOf(column) : `${width}px`;
    },
    /** Of all columns together; undefined: whatever room there is. */
    all(): string | undefined {
      const widths = chosen.value?.values();
      return widths && `${[...widths].reduce((sum, width) => sum + width, 0)}px`;
    },
    drag(name: string, event: PointerEvent) {
      const grip = event.currentTarget as HTMLElement;
      const [start, before] = [event.clientX, now(name)];
      const move = ({ clientX }: PointerEvent) => set(name, before + clientX - start);
      const end = () => grip.removeEventListener("pointermove", move);
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      grip.addEventListener("pointermove", move);
      grip.addEventListener("lostpointercapture", end, { once: true });
    },
    /** Shift and an arrow. */
    press(name: string, event: KeyboardEvent) {
      const step = event.shiftKey ? KEYS[event.key] : undefined;
      if (step === undefined) return;
      event.preventDefault();
      set(name, now(name) + step);
    },
    /** All columns are as wide as their texts again. */
    forget() {
      chosen.value = null;
    },
  };
}

function widthOf({ heading, length, width }: Column): string {
  if (width) return width;
  // Room for the arrow.
  const characters = Math.max(heading.length + 3, length);
  // Most characters are narrower than the zero that is the unit.
  return `calc(${0.9 * Math.max(FEWEST, Math.min(MOST, characters))}ch + 1.5rem)`;
}
