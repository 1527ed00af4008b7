import { type App, h } from "vue";
import { type Report, vueErrorPlace } from "../contract/error-texts";
import type { Trame } from "../contract/trame";
import { withoutMarks } from "../guard/components";
import { createApp } from "../guard/renderer";
import type { Shell } from "../shell/shadow";
import { installComponents } from "./components";
import { FUNCTIONS, KEY_AREA, OWN_PAGE, PLACE, TRAME } from "./components/inject";
import { TrameApp } from "./components/trame-app";
import { ClientFunctions } from "./functions";
import { foreignClient } from "./interface";
import type { Resources } from "./place";
import {
  hasTemplate,
  isTemplateKey,
  TEMPLATES,
  type TemplateReports,
  Templates,
} from "./templates";

export interface VueAppOptions {
  trame: Trame;
  resources: Resources;
  shell: Shell;
  report: Report;
  reports: TemplateReports;
  /** Name of the template to show. */
  template: string;
  ownPage: boolean;
}

/** The Vue app of a view, with what templates use; plugins of packages come to it before it is mounted. */
export function createVueApp(options: VueAppOptions): App {
  const { trame, resources, shell, report, reports, template, ownPage } = options;
  const app = createApp({ render: () => h(TrameApp, { templateName: template, useUrl: true }) });
  app.config.errorHandler = (error, instance, info) =>
    report(vueErrorPlace(instance?.$options.name, info), error);
  trame.app = app;
  app.provide(TRAME, trame);
  app.provide(TEMPLATES, new Templates(trame, reports));
  app.provide(PLACE, resources.place);
  app.provide(FUNCTIONS, new ClientFunctions(trame.state, resources.place));
  app.provide(KEY_AREA, shell.root ? shell.frame : document);
  app.provide(OWN_PAGE, ownPage);
  installComponents(app);
  return app;
}

const PACKAGES = ["trame__styles", "trame__scripts", "trame__module_scripts", "trame__vue_use"];

export interface MountWhenReadyOptions {
  trame: Trame;
  resources: Resources;
  template: string;
  /** The last known state. */
  snapshot?: Record<string, unknown> | undefined;
  /** Whether it is of another life of the server than the one that answered. */
  outdated: () => boolean;
  /** The template is on screen, for the first time or anew. */
  drawn: () => void;
}

/**
 * Mounts the app when the server's state is there and its packages are loaded; at once where `snapshot` needs no
 * packages. Gives the way to unmount.
 */
export function mountWhenReady(
  app: App,
  target: HTMLElement,
  { trame, resources, template, snapshot, outdated, drawn }: MountWhenReadyOptions,
): () => void {
  const { state } = trame;
  let mounted = false;
  let disposed = false;
  const tell = () => {
    if (mounted && hasTemplate(state.state, template)) drawn();
  };
  const mount = () => {
    if (mounted || disposed || foreignClient(state.state)) return;
    app.mount(target);
    mounted = true;
    tell();
  };
  const load = async () => {
    if (foreignClient(state.state)) return;
    await resources.load(app);
    // What components of a snapshot wrote and called when they were mounted was meant for another server.
    if (mounted && (usesPackages(state.state) || outdated())) state.refresh();
    mount();
  };
  const stop = state.addListener(({ type }) => {
    if (type !== "ready") return;
    stop();
    void load();
  });
  if (snapshot) {
    state.receive(withoutMarks(snapshot) as Record<string, unknown>);
    if (!usesPackages(snapshot)) mount();
  }
  const unwatch = state.addListener(({ keys }) => {
    if (keys.some(isTemplateKey)) tell();
  });
  return () => {
    disposed = true;
    stop();
    unwatch();
    if (mounted) app.unmount();
  };
}

function usesPackages(state: Record<string, unknown>): boolean {
  return PACKAGES.some((key) => Array.isArray(state[key]) && state[key].length > 0);
}
