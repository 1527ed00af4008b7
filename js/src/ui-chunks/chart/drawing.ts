import { type Loader, loader, parse, type Spec, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { themed } from "./theme";
import { tooltipIn } from "./tooltip";

/** A chart in the page, until `dispose`. */
export interface Drawing {
  /** Lets it be seen. */
  show(): void;
  /** It takes the width that there is now, if it is as wide as its place. */
  resize(): void;
  dispose(): void;
}

interface Draw {
  /** A specification of Vega-Lite as JSON. */
  spec: string;
  /** What the chart is, for who does not see it, unless its author says so. */
  label: string;
  /** Told of each file with data that does not come. */
  missing(address: string): void;
}

/** Draws a chart in `host`, which is in the page, unseen for now. Rejects for what is no chart. */
export async function drawChart(
  host: HTMLElement,
  { spec, label, missing }: Draw,
): Promise<Drawing> {
  const chart = JSON.parse(spec) as TopLevelSpec & { width?: unknown };
  const described: TopLevelSpec = { ...(label && { description: label }), ...chart };
  const { spec: drawn } = compile(described, { config: themed(getComputedStyle(host).fontFamily) });
  leaveOutAreas(drawn.marks);
  // Controls are below their own chart, and expressions are read, not run as code of the page.
  const own = { events: { bind: "container", selector: false } } as const;
  const parsed = parse(drawn, own, { ast: true });
  const place = document.createElement("div");
  place.className = "jt-chart-place jt-chart-next";
  host.append(place);
  const container = place.appendChild(document.createElement("div"));
  const tooltip = tooltipIn(place);
  const view = new View(parsed, {
    container,
    expr: expressionInterpreter,
    hover: true,
    loader: telling(missing),
    renderer: "svg",
    tooltip,
  });
  const dispose = () => {
    view.finalize();
    place.remove();
  };
  try {
    await view.runAsync();
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    show: () => place.classList.remove("jt-chart-next"),
    resize() {
      if (chart.width === "container" && container.clientWidth > 0)
        void view.width(container.clientWidth).runAsync();
    },
    dispose,
  };
}

/** An area that is selected is drawn as marks of no meaning to who does not see it. */
function leaveOutAreas(marks: Spec["marks"]): void {
  for (const mark of marks ?? []) {
    if (/_brush(?:_bg)?$/.test(mark.name ?? "")) mark.aria = false;
    if (mark.type === "group") leaveOutAreas(mark.marks);
  }
}

/** Loads files with data; links open a tab of their own. */
function telling(missing: (address: string) => void): Loader {
  const files = loader({ target: "_blank" });
  return {
    ...files,
    async load(address, options) {
      try {
        return await files.load(address, options);
      } catch (error) {
        missing(address);
        throw error;
      }
    },
  };
}
