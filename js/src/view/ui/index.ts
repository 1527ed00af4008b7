import type { App, Component } from "vue";
import type { Resources } from "../render/place";
import type { Shell } from "../shell/shadow";
import { JtApp, JtSidebar } from "./app-layout";
import { JtButton } from "./button";
import { CHUNKS, Chunks } from "./chunks";
import controls from "./css/controls.css?inline";
import layout from "./css/layout.css?inline";
import outputs from "./css/outputs.css?inline";
import { JtImage } from "./image";
import { JtJob } from "./job";
import { lazy } from "./lazy";
import { JtLog } from "./log";
import { JtMetric, JtProgress, JtSpinner } from "./numbers";
import { JtOutput } from "./output";
import { JtSlider } from "./slider";
import { JtText } from "./text-input";
import { JtWidget, WIDGETS, type WidgetManager } from "./widget";

const COMPONENTS: Record<string, Component> = {
  JtApp,
  JtButton,
  JtCode: lazy("code", "JtCode"),
  JtImage,
  JtJob,
  JtJson: lazy("code", "JtJson"),
  JtLog,
  JtMarkdown: lazy("markdown", "JtMarkdown"),
  JtMarkup: lazy("markup", "JtMarkup"),
  JtMetric,
  JtOutput,
  JtProgress,
  JtSidebar,
  JtSlider,
  JtSpinner,
  JtTable: lazy("table", "JtTable"),
  JtText,
  JtWidget,
};

/** Registers what templates of `jupyter_trame.ui` are made of, in one view. */
export function installUi(
  app: App,
  shell: Shell,
  resources: Resources,
  manager: WidgetManager | null = null,
): void {
  for (const css of [layout, controls, outputs]) shell.styles.addOwn(css);
  app.provide(WIDGETS, { manager, host: shell.root?.host ?? null });
  app.provide(CHUNKS, new Chunks(shell, (path) => resources.fetchFile(path)));
  for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component);
}
