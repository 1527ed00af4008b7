import { el } from "../element";
import type { AppParameters, Services } from "../narvi/services";
import { confirmAction } from "./confirmation";
import { setText } from "./dom";
import { count, duration } from "./format";
import type { Host, InstanceRow } from "./instance-row";
import { KeyedList } from "./keyed";
import { type Instance, listServices, type Overview, type Service, totals } from "./overview";
import { WorkspaceTable } from "./workspace";

/** From this number of instances on there is a field to look for one. */
const MANY = 8;
const STATES = {
  open: "Live",
  connecting: "Connecting…",
  lost: "Connection lost, trying again…",
  closed: "The monitor was stopped",
};

/** The page of the monitor: it shows what its service sends, and asks it to stop and restart others. */
export class Monitor {
  readonly #services: Services;
  readonly #state = el("span", { class: "state", role: "status" });
  readonly #age = el("span", { class: "age" });
  readonly #totals = el("p", { class: "totals" });
  readonly #filter = el("input", {
    type: "search",
    placeholder: "Filter",
    "aria-label": "Filter instances",
  });
  readonly #hint = el("p", { class: "hint" });
  readonly #refused = el("p", { class: "refused", role: "alert" });
  readonly #tables: KeyedList<Service[], WorkspaceTable>;
  #overview: Overview | undefined;
  #received = 0;

  constructor(services: Services, { read_only }: AppParameters, main = defaultPlace()) {
    this.#services = services;
    const place = el("div", { class: "workspaces" });
    const host: Host = {
      isOwn: isOwnPage,
      address: (instance, app) => appAddress(instance, app),
      ...(read_only === true ? {} : { act: (action, instance) => this.#act(action, instance) }),
    };
    this.#tables = new KeyedList<Service[], WorkspaceTable>(
      place,
      (services) => new WorkspaceTable(services[0]?.workspace ?? "", host),
    );
    const title = el("div", { class: "title" }, el("h1", {}, "Monitor"), this.#state, this.#age);
    const head = el(
      "header",
      {},
      title,
      el("div", { class: "summary" }, this.#totals, this.#filter),
    );
    main.replaceChildren(head, this.#refused, this.#hint, place);
    this.#filter.hidden = true;
    this.#filter.addEventListener("input", () => this.#show());
    services.add_message_listener((message) => this.#hear(message));
    services.add_status_listener(() => this.#showState());
    // The page goes on where the monitor is another instance, and keeps its figures until there are new ones.
    services.add_session_listener(() => {});
    setInterval(() => this.#tick(), 1000);
    this.#showState();
    this.#show();
  }

  #hear(message: string | ArrayBuffer): void {
    if (typeof message !== "string") return;
    const said = JSON.parse(message) as Overview | ["refused", string];
    if (Array.isArray(said)) {
      setText(this.#refused, said[1]);
      return;
    }
    this.#overview = said;
    this.#received = performance.now();
    this.#show();
    this.#tick();
  }

  #show(): void {
    const overview = this.#overview;
    if (!overview) {
      setText(this.#hint, "Waiting for the first figures…");
      return;
    }
    const { services, instances, sessions } = totals(overview);
    setText(
      this.#totals,
      [count(services, "service"), count(instances, "instance"), count(sessions, "session")].join(
        " · ",
      ),
    );
    const wanted = this.#filter.value.trim().toLowerCase();
    this.#filter.hidden = instances < MANY && wanted === "";
    const found = listServices(
      overview,
      wanted ? (instance) => matches(instance, wanted) : undefined,
    );
    this.#tables.show([...found]);
    const nothing = wanted ? "No instance has that in its name." : "No service is registered.";
    setText(this.#hint, found.size === 0 ? nothing : "");
  }

  #showState(): void {
    const { status } = this.#services;
    this.#state.dataset.status = status;
    setText(this.#state, STATES[status]);
    document.documentElement.classList.toggle("stale", status !== "open");
  }

  /** Ages go on between two rounds. */
  #tick(): void {
    if (!this.#overview) return;
    const seconds = (performance.now() - this.#received) / 1000;
    setText(this.#age, seconds < 2 ? "updated now" : `updated ${duration(seconds)} ago`);
    if (this.#services.status !== "open") return;
    for (const row of this.#rows()) row.tick(seconds);
  }

  #act(action: "stop" | "restart", instance: Instance): void {
    confirmAction(action, instance, () => {
      setText(this.#refused, "");
      const { workspace, service, serviceId } = instance;
      this.#services.send(JSON.stringify({ action, workspace, service, service_id: serviceId }));
      for (const row of this.#rows()) if (row.shares(instance)) row.asked(action);
    });
  }

  *#rows(): Iterable<InstanceRow> {
    for (const table of this.#tables.views) yield* table.rows();
  }
}

function defaultPlace(): HTMLElement {
  return document.querySelector("main") ?? document.body.appendChild(el("main"));
}

function matches({ workspace, service, serviceId, apps }: Instance, wanted: string): boolean {
  return [workspace, service, serviceId, ...apps].some((name) =>
    name.toLowerCase().includes(wanted),
  );
}

/** Workspace, app and service id of this page. */
function ownNames(): string[] {
  return location.pathname.split("/").slice(-4, -1).map(decodeURIComponent);
}

function isOwnPage({ workspace, apps, serviceId }: Instance): boolean {
  const [ownWorkspace, ownApp, ownId] = ownNames();
  return workspace === ownWorkspace && serviceId === ownId && apps.includes(ownApp ?? "");
}

function appAddress({ workspace, serviceId }: Instance, app: string): string {
  return `../../../${[workspace, app, serviceId].map(encodeURIComponent).join("/")}/index.html`;
}
