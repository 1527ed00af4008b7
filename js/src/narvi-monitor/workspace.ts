import { el } from "../element";
import { setText } from "./dom";
import { type Host, InstanceRow } from "./instance-row";
import { KeyedList, type View } from "./keyed";
import type { Instance, Service } from "./overview";

const COLUMNS = ["Instance", "Sessions", "Uptime", "Metrics", "Actions"];

/** The table of one workspace: a group of rows for each service. */
export class WorkspaceTable implements View<Service[]> {
  readonly element = el("section", { class: "workspace" });
  readonly #head: HTMLElement;
  readonly #services: KeyedList<Service, ServiceRows>;

  constructor(name: string, host: Host) {
    const heads = COLUMNS.map((title) => el("th", { scope: "col", role: "columnheader" }, title));
    const table = el("table", { role: "table", "aria-label": `Services of the workspace ${name}` });
    // A thead may stand first only, and the list keeps what it makes behind it.
    const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads));
    table.append(head);
    this.element.append(el("h2", {}, name), table);
    this.#services = new KeyedList(table, () => new ServiceRows(host, COLUMNS.length));
    this.#head = head;
  }

  show(services: Service[]): void {
    this.#services.show(
      services.map((service) => [service.name, service]),
      this.#head,
    );
  }

  *rows(): Iterable<InstanceRow> {
    for (const service of this.#services.views) yield* service.rows();
  }
}

class ServiceRows implements View<Service> {
  readonly element = el("tbody", { role: "rowgroup" });
  readonly #name = el("span", { class: "service-name" });
  readonly #note = el("span", { class: "note" });
  readonly #head: HTMLElement;
  readonly #rows: KeyedList<Instance, InstanceRow>;

  constructor(host: Host, columns: number) {
    const head = el("th", { scope: "rowgroup", role: "rowheader", colspan: `${columns}` });
    head.append(this.#name, this.#note);
    this.#head = el("tr", { class: "service", role: "row" }, head);
    this.element.append(this.#head);
    this.#rows = new KeyedList(this.element, (instance) => new InstanceRow(instance, host));
  }

  show({ name, instances }: Service): void {
    setText(this.#name, name);
    const running = instances.some(({ info }) => !info.stopped);
    setText(this.#note, running ? "" : "not running; it starts when a page of it is opened");
    this.#rows.show(
      instances.map((instance) => [instance.key, instance]),
      this.#head,
    );
  }

  rows(): Iterable<InstanceRow> {
    return this.#rows.views;
  }
}
