import { createApp, h, nextTick } from "vue";
import { canCompile } from "./compile";
import { installComponents } from "./components";
import { ADD_STYLE, TEMPLATES, TRAME } from "./components/inject";
import { Template } from "./components/template";
import type { ViewConnection } from "./connection";
import { describeError, isServerException, vueErrorPlace } from "./errors";
import { holdHeight } from "./height";
import { ErrorOverlay } from "./overlay";
import { createShell, type Mode } from "./shadow";
import { StatusView } from "./status";
import { Templates } from "./templates";
import { Trame } from "./trame";

export interface MountOptions {
  connection: ViewConnection;
  mode: Mode;
  /** Name of the template to show. */
  template?: string | undefined;
  title?: string | undefined;
  /** The last known state: it is drawn until the server's is there. */
  snapshot?: Record<string, unknown> | undefined;
  /** Names the app for what is remembered of it in this browser tab. */
  id?: string | undefined;
  openTab?: (() => void) | undefined;
  config?: Record<string, unknown> | undefined;
}

export interface View {
  readonly trame: Trame;
  dispose(): void;
}

const NO_EVAL =
  "The content policy of this page forbids evaluating templates (unsafe-eval): the app cannot be shown here.";

/** Shows an app in a host element and keeps it alive; the caller connects and closes. */
export function mountView(host: HTMLElement, options: MountOptions): View {
  const { connection, mode, template = "main" } = options;
  const shell = createShell(host, mode);
  if (options.title && mode !== "page") {
    shell.frame.setAttribute("role", "region");
    shell.frame.setAttribute("aria-label", options.title);
  }
  const errors = new ErrorOverlay(shell.layer);
  const status = new StatusView(shell.layer, shell.frame, {
    openTab: options.openTab,
    retry: () => connection.retry(),
  });
  const report = (where: string, error: unknown) => {
    // The server publishes the errors of its own code, with the traceback.
    if (isServerException(error)) return;
    const message = describeError(error);
    errors.show({ where, message });
    trame.sendError(`${where}: ${message}`);
  };
  const trame = new Trame(connection, report, { ...options.config });
  const stops = [followConnection(connection, trame, status, errors)];
  if (mode === "page") stops.push(catchErrors(report), followPage(trame, options.title));
  if (canCompile()) stops.push(mountApp(trame, shell, report, options));
  else status.fatal(NO_EVAL);
  const height = mode === "inline" && options.id ? holdHeight(shell.frame, options.id) : null;
  const shown = async (text: unknown) => {
    if (typeof text !== "string" || text === "" || !canCompile()) return;
    await nextTick();
    status.drawn();
    height?.release();
  };
  stops.push(trame.state.watch([`trame__template_${template}`], shown));
  return {
    trame,
    dispose() {
      trame.unmounted();
      for (const stop of stops.reverse()) stop();
      height?.stop();
      status.dispose();
      trame.dispose();
      shell.dispose();
    },
  };
}

function mountApp(
  trame: Trame,
  shell: ReturnType<typeof createShell>,
  report: (where: string, error: unknown) => void,
  options: MountOptions,
): () => void {
  const templateName = options.template ?? "main";
  const app = createApp({ render: () => h(Template, { templateName, useUrl: true }) });
  app.config.errorHandler = (error, instance, info) =>
    report(vueErrorPlace(instance?.$options.name, info), error);
  trame.app = app;
  app.provide(TRAME, trame);
  app.provide(TEMPLATES, new Templates(trame, report));
  app.provide(ADD_STYLE, () => shell.styles.add());
  installComponents(app);
  if (options.snapshot) trame.state.receive(options.snapshot);
  app.mount(shell.app);
  return () => app.unmount();
}

function followConnection(
  connection: ViewConnection,
  trame: Trame,
  status: StatusView,
  errors: ErrorOverlay,
): () => void {
  const busy = () => status.busy(trame.calls > 0);
  const told = (message = "") => {
    status.connection(connection.state, connection.kind, message);
    if (connection.state === "live" && !trame.state.ready) {
      status.step("Waiting for the state of the app…");
    }
  };
  const subscription = trame.client.onBusyChange(busy);
  const stops = [
    connection.onStatus(({ message }) => told(message)),
    connection.onReady(() => told()),
    connection.onError((error) => errors.show(error)),
    trame.state.addListener(({ type }) => {
      if (type === "ready") status.step("Waiting for the interface of the app…");
    }),
  ];
  told();
  return () => {
    subscription.unsubscribe();
    for (const stop of stops) stop();
  };
}

/** What nobody else catches, on a page of our own. */
function catchErrors(report: (where: string, error: unknown) => void): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  window.addEventListener(
    "error",
    ({ error, message }) => {
      // An observer that is one frame late is the browser's remark, not an error.
      if (!message.startsWith("ResizeObserver loop")) report("the page", error ?? message);
    },
    { signal },
  );
  window.addEventListener("unhandledrejection", ({ reason }) => report("a promise", reason), {
    signal,
  });
  return () => abort.abort();
}

/** Title and icon belong to the app only where the page is its own. */
function followPage(trame: Trame, title?: string): () => void {
  if (title) document.title = title;
  return trame.state.watch(["trame__title", "trame__favicon"], (name, icon) => {
    if (typeof name === "string" && name) document.title = name;
    const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (link && typeof icon === "string" && icon) link.href = icon;
  });
}
