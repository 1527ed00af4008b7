import type { TooltipHandler } from "vega";

/** Pixels between the pointer and what is told of the mark below it. */
const AWAY = 12;

/** Tells what is below the pointer, in an element of `place` that is over the page. */
export function tooltipIn(place: HTMLElement): TooltipHandler {
  const tip = document.createElement("div");
  tip.className = "jt-chart-tip";
  // Above everything else, and not cut off by what scrolls.
  tip.popover = "manual";
  place.append(tip);
  return (_, event, __, value) => {
    // A view is told to tell nothing as it ends, in a page that it may have left.
    if (!tip.isConnected) return;
    if (value === null || value === undefined || value === "") {
      tip.togglePopover(false);
      return;
    }
    tip.replaceChildren(...lines(value));
    tip.togglePopover(true);
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${beside(event.clientX, width, window.innerWidth)}px`;
    tip.style.top = `${beside(event.clientY, height, window.innerHeight)}px`;
  };
}

/** After the pointer, or before it where there is no room. */
function beside(pointer: number, size: number, room: number): number {
  return pointer + AWAY + size <= room ? pointer + AWAY : Math.max(0, pointer - AWAY - size);
}

/** The fields of a mark, one a line; any other value as its text. */
function lines(value: unknown): Node[] {
  if (typeof value !== "object" || value === null) return [document.createTextNode(String(value))];
  return Object.entries(value).map(([name, one]) => {
    const [line, word] = [document.createElement("div"), document.createElement("span")];
    word.textContent = name;
    line.append(word, ` ${typeof one === "object" ? JSON.stringify(one) : one}`);
    return line;
  });
}
