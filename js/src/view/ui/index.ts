import type { App, Component } from "vue";
import type { Resources } from "../render/place";
import type { Shell } from "../shell/shadow";
import { JtApp, JtSidebar } from "./app-layout";
import { JtButton } from "./button";
import { CHUNKS, Chunks } from "./chunks";
import controls from "./css/controls.css?inline";
import layout from "./css/layout.css?inline";
import { lazy } from "./lazy";
import { JtSlider } from "./slider";
import { JtText } from "./text-input";

const COMPONENTS: Record<string, Component> = {
  JtApp,
  JtButton,
  JtSidebar,
  JtSlider,
  JtTable: lazy("table", "JtTable"),
  JtText,
};

/** Registers what templates of `jupyter_trame.ui` are made of, in one view. */
export function installUi(app: App, shell: Shell, resources: Resources): void {
  for (const css of [layout, controls]) shell.styles.addOwn(css);
  app.provide(CHUNKS, new Chunks(shell, (path) => resources.fetchFile(path)));
  for (const [name, component] of Object.entries(COMPONENTS)) app.component(name, component);
}
