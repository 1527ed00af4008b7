import { nextTick } from "vue";
import { FORCE_PUSH, REACH } from "../protocol/names";
import type { ServerError, ViewConnection } from "./contract/connection-status";
import {
  describeError,
  isOutdated,
  isServerException,
  isUnusedResult,
  type Report,
} from "./contract/error-texts";
import { type ExaminationOptions, examine } from "./contract/examination";
import { Trame } from "./contract/trame";
import { canCompile } from "./render/compile";
import { followInterface } from "./render/interface";
import type { CreateResources, Resources } from "./render/place";
import { createVueApp, mountWhenReady } from "./render/vue-app";
import { BusyWatch } from "./shell/busy";
import { holdHeight } from "./shell/height";
import type { AppKernel } from "./shell/kernel";
import { ErrorOverlay } from "./shell/overlay";
import { ownPage } from "./shell/own-page";
import { createShell, type Mode, type Shell } from "./shell/shadow";
import { StatusView } from "./shell/status";
import { UploadMark } from "./shell/upload-mark";
import { UploadCancelled } from "./state/uploads";
import { templateReports } from "./template-reports";
import { installUi } from "./ui";
import type { WidgetManager } from "./ui/widget";

export interface MountOptions {
  connection: ViewConnection;
  mode: Mode;
  resources: CreateResources;
  /** Name of the template to show. */
  template?: string | undefined;
  title?: string | undefined;
  /** The last known state: it is drawn until the server's is there. */
  snapshot?: Record<string, unknown> | undefined;
  /** The life of the server that the snapshot is of. */
  snapshotEpoch?: string | undefined;
  /** Names the app for what is remembered of it in this browser tab. */
  id?: string | undefined;
  openTab?: (() => void) | undefined;
  /** See `StatusOptions`. */
  kernel?: AppKernel | null | undefined;
  /** By whom the page's ipywidgets are made; null where there are none. */
  widgets?: WidgetManager | null | undefined;
  /** Address of the app's own page; null where nobody serves it. */
  page?: (() => URL | null) | undefined;
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
  const shell = nameShell(createShell(host, mode), options);
  const errors = new ErrorOverlay(shell.layer);
  const unfollow = followErrors(connection, errors);
  const status = new StatusView(shell.layer, shell.frame, {
    openTab: options.openTab,
    retry: () => connection.retry(),
    kernel: options.kernel,
    examine: (onStep, signal) => examine({ connection, ...wayToReport(options) }, onStep, signal),
    onError: (message) => errors.show({ where: "interrupt", message }),
  });
  const report = reporter(errors, (text) => trame.sendError(text));
  const trame = new Trame(connection, report, { ...options.config });
  const step = (text: string) => status.step(text);
  const resources = options.resources({ trame, shell, mode, report, step });
  const uploads = new UploadMark(shell.layer, trame.uploads);
  const ownsPage = mode === "page";
  const stops = [
    unfollow,
    followConnection(connection, trame, status),
    followBusy(connection, status),
    followInterface({
      state: trame.state,
      template,
      status,
      ownPage: ownsPage,
      page: options.page,
    }),
    () => uploads.dispose(),
  ];
  if (shell.root === null) stops.push(ownPage(trame, report, options.title));
  const height = mode === "inline" && options.id ? holdHeight(shell.frame, options.id) : null;
  const drawn = async () => {
    await nextTick();
    status.drawn();
    height?.release();
  };
  if (canCompile()) {
    stops.push(draw({ trame, resources, shell, report, errors, drawn }, options));
  } else status.fatal(NO_EVAL);
  return {
    trame,
    dispose() {
      for (const stop of stops.reverse()) stop();
      height?.stop();
      status.dispose();
      resources.dispose();
      trame.dispose();
      shell.dispose();
    },
  };
}

/** Who knows more of the app than its page: the Jupyter server that serves it. */
function wayToReport({
  kernel,
  page,
}: MountOptions): Pick<ExaminationOptions, "inKernel" | "fetchReport"> {
  const address = kernel ? (page?.() ?? null) : null;
  return {
    inKernel: kernel !== undefined,
    fetchReport: kernel && address ? () => kernel.report(address) : null,
  };
}

/** Tells who does not see the page what this part of it is. */
function nameShell(shell: Shell, { title, mode }: MountOptions): Shell {
  if (title && mode !== "page") {
    shell.frame.setAttribute("role", "region");
    shell.frame.setAttribute("aria-label", title);
  }
  return shell;
}

interface Parts {
  trame: Trame;
  resources: Resources;
  shell: Shell;
  report: Report;
  errors: ErrorOverlay;
  /** To be called when the app, or its snapshot, is drawn. */
  drawn: () => Promise<void>;
}

/** Draws the app as soon as there is something to draw: the snapshot, or the server's state. */
function draw(parts: Parts, options: MountOptions): () => void {
  const { trame, resources, shell, report, errors, drawn } = parts;
  const { connection, mode, template = "main", snapshot, snapshotEpoch } = options;
  const app = createVueApp({
    trame,
    resources,
    shell,
    report,
    reports: templateReports(trame, errors, report),
    template,
    ownPage: mode === "page",
  });
  const removeUi = installUi(app, { trame, shell, resources, manager: options.widgets });
  const outdated = () => snapshotEpoch !== undefined && snapshotEpoch !== connection.epoch;
  const unmount = mountWhenReady(app, shell.app, {
    trame,
    resources,
    snapshot,
    outdated,
    template,
    drawn,
  });
  return () => {
    unmount();
    removeUi();
  };
}

/** Shows errors of the app in the page, and sends them to the server. */
function reporter(errors: ErrorOverlay, send: (text: string) => void): Report {
  return (where, error) => {
    // The server publishes the errors of its own code, with the traceback.
    if (isServerException(error) || error instanceof UploadCancelled) return;
    if (isUnusedResult(error)) {
      console.warn(`jupyter_trame: ${where}: the result of a trigger cannot be packed`);
      return;
    }
    const message = describeError(error);
    if (isOutdated(error)) {
      console.info(`jupyter_trame: ${where}: ${message}`);
      return;
    }
    errors.show({ where, message });
    send(`${where}: ${message}`);
  };
}

/**
 * Shows what the server tells. What was said of one life of it does not hold of the next, and what it says before its
 * state is here waits: the texts of its templates are newer, but not what is wrong in them.
 */
function followErrors(connection: ViewConnection, errors: ErrorOverlay): () => void {
  let { epoch } = connection;
  const early: ServerError[] = [];
  const stops = [
    connection.onError((error) => {
      const { state } = connection;
      if (state === "connecting" || state === "lost") early.push(error);
      else errors.show(error);
    }),
    connection.onReady(() => {
      if (epoch !== null && epoch !== connection.epoch) errors.clear();
      epoch = connection.epoch;
      for (const error of early.splice(0)) errors.show(error);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function followConnection(
  connection: ViewConnection,
  trame: Trame,
  status: StatusView,
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

function followBusy(connection: ViewConnection, status: StatusView): () => void {
  const watch = new BusyWatch({
    waiting: () => connection.waiting,
    // Of no keys: the server's loop has nothing to do but to answer.
    ask: () => connection.call(FORCE_PUSH),
    // An earlier release does not know the question, and would say so in its log.
    reach: () => (connection.packages.server ? connection.call(REACH) : Promise.resolve()),
    tell: (waiting) => status.waiting(waiting),
  });
  const look = () => {
    // What a stock server would do with the question is its own affair.
    if (connection.state === "live" && connection.epoch !== null) watch.changed();
    else watch.rest();
  };
  const stops = [
    connection.onWaiting(look),
    connection.onStatus(look),
    connection.onReady(look),
    () => watch.dispose(),
  ];
  look();
  return () => {
    for (const stop of stops) stop();
  };
}
