import type { StatusView } from "../shell/status";
import type { StateStore } from "../state/store";
import { hasTemplate, isTemplateKey, templateNames } from "./templates";

/** State key that tells which of trame's clients an app is written for; absent for Vue 3. */
const CLIENT_TYPE = "trame__client_type";
const CLIENTS: Record<string, string> = { vue2: "Vue 2", react: "React" };
/** A server shows itself before its layout is complete. */
const PATIENCE = 400;
const LISTED = 8;

/** What an app is written for, if it is not what this client draws. */
export function foreignClient(state: Record<string, unknown>): string | undefined {
  return CLIENTS[String(state[CLIENT_TYPE] ?? "")];
}

export interface InterfaceOptions {
  state: StateStore;
  /** Name of the template to show. */
  template: string;
  status: StatusView;
  /** Whether the page belongs to the app alone. */
  ownPage: boolean;
  /** Address of the app's own page; null where nobody serves it. */
  page?: (() => URL | null) | undefined;
}

/** Says what there is instead, where the interface that is asked for cannot be drawn. */
export function followInterface(options: InterfaceOptions): () => void {
  const { state, template, status, page } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => {
    const client = foreignClient(state.state);
    const address = page?.() ?? null;
    if (client) status.elsewhere(describeClient(client, options, address), address?.href);
    else if (!hasTemplate(state.state, template))
      status.absent(...describeAbsence(state.state, template));
  };
  const stop = state.addListener(({ keys }) => {
    if (foreignClient(state.state)) check();
    else if (state.ready && keys.some(isTemplateKey)) {
      clearTimeout(timer);
      timer = setTimeout(check, PATIENCE);
    }
  });
  const ready = state.addListener(({ type }) => {
    if (type === "ready") timer = setTimeout(check, PATIENCE);
  });
  return () => {
    clearTimeout(timer);
    stop();
    ready();
  };
}

function describeAbsence(
  state: Record<string, unknown>,
  template: string,
): [text: string, hint: string] {
  const names = templateNames(state);
  if (names.length === 0) {
    const hint = "Build a layout, for example: with DivLayout(server): html.Div('Hello').";
    return ["This app has no interface yet.", hint];
  }
  const listed = names.slice(0, LISTED).map((name) => `"${name}"`);
  const rest = names.length - listed.length;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return [`This app has no template "${template}".`, `It has ${listed.join(", ")}${more}.`];
}

function describeClient(
  client: string,
  { ownPage }: InterfaceOptions,
  address: URL | null,
): string {
  const made = `This app is made for trame's ${client} client`;
  if (ownPage) return `${made}, whose page the server does not serve.`;
  if (address) return `${made}, which needs a page of its own.`;
  return `${made}, which needs a page of its own: only a Jupyter server with the jupyter_trame extension has one.`;
}
