import type { App, Component } from "vue";
import type { Trame } from "../contract/trame";
import type { Resources } from "../render/place";
import type { Shell } from "../shell/shadow";
import { JtApp, JtSidebar } from "./app-layout";
import { ASK, askIn } from "./ask";
import { JtButton } from "./button";
import { JtCheck } from "./check";
import { JtChoices, JtSelect } from "./choices";
import { CHUNKS, Chunks } from "./chunks";
import { JtColor } from "./color";
import controls from "./css/controls.css?inline";
import layout from "./css/layout.css?inline";
import outputs from "./css/outputs.css?inline";
import { JtDialog } from "./dialog";
import { JtEntry } from "./entry";
import { JtExpander } from "./expander";
import { JtForm } from "./form";
import { JtImage } from "./image";
import { JtJob } from "./job";
import { lazy } from "./lazy";
import { JtLog } from "./log";
import { JtMetric, JtProgress, JtSpinner } from "./numbers";
import { JtOutput } from "./output";
import { followQuestions } from "./questions";
import { JtRange } from "./range";
import { JtSlider } from "./slider";
import { JtFailure } from "./status";
import { JtTab, JtTabs } from "./tabs";
import { JtText } from "./text-input";
import { Toasts } from "./toasts";
import { JtUpload } from "./upload";
import { JtWidget, WIDGETS, type WidgetManager } from "./widget";

const COMPONENTS: Record<string, Component> = {
  JtApp,
  JtButton,
  JtCheck,
  JtChoices,
  JtColor,
  JtDialog,
  JtEntry,
  JtExpander,
  JtFailure,
  JtForm,
  JtRange,
  JtSelect,
  JtSidebar,
  JtSlider,
  JtTab,
  JtChart: lazy("chart", "JtChart"),
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
  JtSpinner,
  JtTable: lazy("table", "JtTable"),
  JtTabs,
  JtText,
  JtUpload,
  JtWidget,
};

export interface UiOptions {
  trame: Trame;
  shell: Shell;
  resources: Resources;
  manager?: WidgetManager | null | undefined;
}

/** Registers what templates of `jupyter_trame.ui` are made of, in one view. The function takes away what it shows. */
export function installUi(
  app: App,
  { trame, shell, resources, manager = null }: UiOptions,
): () => void {
  for (const css of [layout, controls, outputs]) shell.styles.addOwn(css);
  app.provide(WIDGETS, { manager, host: shell.root?.host ?? null });
  app.provide(CHUNKS, new Chunks(shell, (path) => resources.fetchFile(path)));
  const ask = askIn(shell.frame);
  app.provide(ASK, ask);
  for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component);
  const toasts = new Toasts(shell.layer, trame);
  const leaveQuestions = followQuestions(trame, ask);
  return () => {
    toasts.dispose();
    leaveQuestions();
  };
}
