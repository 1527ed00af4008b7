import { el } from "../element";
import { setText } from "./dom";
import { count, duration } from "./format";
import { KeyedList, type View } from "./keyed";
import { type Instance, metricNames, series } from "./overview";
import { type Metric, Sparkline } from "./sparkline";

export type Action = "restart" | "stop";

/** What a row asks of the page around it. */
export interface Host {
  /** Asks the user, and then the service; undefined where this monitor only looks on. */
  act?: (action: Action, instance: Instance) => void;
  /** Whether this is the instance that sends these figures. */
  isOwn(instance: Instance): boolean;
  /** The page of an app of an instance. */
  address(instance: Instance, app: string): string;
}

interface Session {
  id: string;
  app: string;
  uptime: number;
}

/** Rounds after which a row stops to say what was asked: nothing may have come of it. */
const ROUNDS = 3;

/** One instance: who is there, since when, what it measures, and what may be done with it. */
export class InstanceRow implements View<Instance> {
  readonly element = el("tr", { class: "instance", role: "row" });
  readonly #host: Host;
  readonly #name = el("span", { class: "service-id" });
  readonly #mark = el("span", { class: "mark" });
  readonly #apps = el("span", { class: "apps" });
  readonly #sessions = el("summary");
  readonly #unfold = el("details", { class: "sessions" }, this.#sessions);
  readonly #uptime = el("span");
  readonly #metrics = el("div", { class: "metrics" });
  readonly #noMetrics = el("span", { class: "none" }, "none");
  readonly #buttons: HTMLButtonElement[];
  readonly #curves: KeyedList<Metric, Sparkline>;
  readonly #list: KeyedList<Session, SessionLine>;
  #instance: Instance;
  #elapsed = 0;
  #asked: { action: Action; uptime: number; rounds: number } | undefined;

  constructor(instance: Instance, host: Host) {
    this.#instance = instance;
    this.#host = host;
    this.#curves = new KeyedList(this.#metrics, (metric) => new Sparkline(metric));
    const sessions = el("ul");
    this.#unfold.append(sessions);
    this.#list = new KeyedList(sessions, () => new SessionLine());
    this.#buttons = host.act
      ? [this.#button("Restart", "restart"), this.#button("Stop", "stop")]
      : [];
    const head = el("th", { scope: "row", role: "rowheader" }, this.#name, this.#mark, this.#apps);
    this.element.append(
      head,
      cell("Sessions", this.#unfold),
      cell("Uptime", this.#uptime),
      cell("Metrics", this.#metrics, this.#noMetrics),
      cell("", el("div", { class: "actions" }, ...this.#buttons)),
    );
  }

  show(instance: Instance): void {
    this.#instance = instance;
    this.#elapsed = 0;
    const { info, serviceId } = instance;
    const own = this.#host.isOwn(instance);
    setText(this.#name, serviceId);
    this.#showApps(info.stopped ? [] : instance.apps);
    this.#showSessions();
    const metrics = metricNames(info).map(
      (name) =>
        [
          name,
          { name, points: series(info, name), metadata: info.metrics_metadata?.[name] ?? {} },
        ] as const,
    );
    this.#curves.show(metrics);
    this.#noMetrics.hidden = metrics.length > 0;
    this.element.classList.toggle("stopped", info.stopped === true);
    const asked = this.#asked;
    if (asked && (info.stopped || info.uptime < asked.uptime || --asked.rounds === 0))
      this.#asked = undefined;
    this.#showState(own);
    this.tick(0);
  }

  /** `seconds` have gone by since the figures were taken. */
  tick(seconds: number): void {
    this.#elapsed = seconds;
    const { info } = this.#instance;
    setText(this.#uptime, info.stopped ? "–" : duration(info.uptime + seconds));
    if (this.#unfold.open) this.#showSessions();
  }

  /** Whether what is done to `instance` is done to this one. */
  shares({ workspace, service, serviceId }: Instance): boolean {
    const own = this.#instance;
    return own.workspace === workspace && own.service === service && own.serviceId === serviceId;
  }

  /** The user has asked for `action`; the row says so until figures say that it is done. */
  asked(action: Action): void {
    const uptime = this.#instance.info.uptime + this.#elapsed;
    this.#asked = { action, uptime, rounds: ROUNDS };
    this.#showState(false);
  }

  #showState(own: boolean): void {
    const { info, alike } = this.#instance;
    const doing = this.#asked?.action === "stop" ? "stopping…" : "restarting…";
    setText(this.#mark, own ? "this monitor" : info.stopped ? "stopped" : this.#asked ? doing : "");
    this.#mark.hidden = this.#mark.textContent === "";
    for (const button of this.#buttons) {
      button.hidden = own || info.stopped === true || alike === 0;
      button.disabled = this.#asked !== undefined;
    }
  }

  #showApps(names: string[]): void {
    const known = [...this.#apps.children].map((link) => link.textContent);
    if (known.join("/") === names.join("/")) return;
    this.#apps.replaceChildren(
      ...names.map((name) => {
        const href = this.#host.address(this.#instance, name);
        return el(
          "a",
          { href, target: "_blank", rel: "noopener", title: `Open ${name} in a new tab` },
          name,
        );
      }),
    );
  }

  #showSessions(): void {
    const entries = Object.entries(this.#instance.info.sessions);
    setText(this.#sessions, count(entries.length, "session"));
    this.#unfold.classList.toggle("empty", entries.length === 0);
    this.#sessions.tabIndex = entries.length === 0 ? -1 : 0;
    this.#list.show(
      entries.map(([id, { app_name, uptime }]) => [
        id,
        { id, app: app_name, uptime: uptime + this.#elapsed },
      ]),
    );
  }

  #button(label: string, action: Action): HTMLButtonElement {
    const button = el("button", { type: "button", class: action }, label);
    const { service, serviceId } = this.#instance;
    button.setAttribute("aria-label", `${label} ${service} ${serviceId}`);
    button.addEventListener("click", () => this.#host.act?.(action, this.#instance));
    return button;
  }
}

class SessionLine implements View<Session> {
  readonly element = el("li");

  show({ id, app, uptime }: Session): void {
    setText(this.element, `${app}, ${duration(uptime)}`);
    this.element.title = `Session ${id}`;
  }
}

/** `label` names the cell where the table is too narrow for its head. */
function cell(label: string, ...children: Node[]): HTMLTableCellElement {
  return el("td", { role: "cell", "data-label": label }, ...children);
}
