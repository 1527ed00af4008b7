/** What the monitor is sent at each round: `jupyter_trame/services/monitoring.py` makes it. */
export type Overview = Record<string, Record<string, ServiceInfo>>;

export interface ServiceInfo {
  instances: Record<string, InstanceInfo[]>;
  apps: { app_name: string }[];
}

export interface InstanceInfo {
  uptime: number;
  sessions: Record<string, { app_name: string; uptime: number }>;
  stopped?: boolean;
  /** Newest first. */
  metrics?: Sample[];
  metrics_metadata?: Record<string, Metadata>;
}

export type Sample = [unixTime: number, metrics: Record<string, number> | null];

export interface Metadata {
  min?: number;
  max?: number;
  colour?: string;
  minmax_decimal_places?: number;
  minmax_display?: boolean;
}

/** One instance, as a row shows it. */
export interface Instance {
  /** Of this instance alone, also where a service is not shared and several have one service id. */
  key: string;
  workspace: string;
  service: string;
  serviceId: string;
  apps: string[];
  info: InstanceInfo;
  /** How many instances have this service id, where this is the first of them; 0 for the others. */
  alike: number;
}

export interface Service {
  workspace: string;
  name: string;
  apps: string[];
  instances: Instance[];
}

export interface Point {
  time: number;
  value: number | null;
}

/** The services of each workspace, with those instances of which `keep` is true; all services where there is no `keep`. */
export function listServices(
  overview: Overview,
  keep?: (instance: Instance) => boolean,
): Map<string, Service[]> {
  const found = new Map<string, Service[]>();
  for (const [workspace, services] of Object.entries(overview)) {
    const all = Object.entries(services).map(([name, info]) => readService(workspace, name, info));
    for (const service of all) if (keep) service.instances = service.instances.filter(keep);
    const shown = keep ? all.filter(({ instances }) => instances.length > 0) : all;
    if (shown.length > 0) found.set(workspace, shown);
  }
  return found;
}

function readService(workspace: string, name: string, { instances, apps }: ServiceInfo): Service {
  const names = apps.map(({ app_name }) => app_name);
  const rows = Object.entries(instances).flatMap(([serviceId, infos]) =>
    infos.map((info, index) => ({
      // Of an instance that is not shared its only session is what stays the same from round to round.
      key: JSON.stringify([
        serviceId,
        infos.length > 1 ? (Object.keys(info.sessions)[0] ?? index) : 0,
      ]),
      workspace,
      service: name,
      serviceId,
      apps: names,
      info,
      alike: index === 0 ? infos.length : 0,
    })),
  );
  return { workspace, name, apps: names, instances: rows };
}

export interface Totals {
  services: number;
  instances: number;
  sessions: number;
}

/** What is there in all; instances that have stopped do not count. */
export function totals(overview: Overview): Totals {
  const services = [...listServices(overview).values()].flat();
  const running = services
    .flatMap(({ instances }) => instances)
    .filter(({ info }) => !info.stopped);
  const sessions = running.reduce((sum, { info }) => sum + Object.keys(info.sessions).length, 0);
  return { services: services.length, instances: running.length, sessions };
}

/** Names of the metrics of an instance: those that were described first, in that order. */
export function metricNames({ metrics = [], metrics_metadata = {} }: InstanceInfo): string[] {
  const measured = new Set(metrics.flatMap(([, values]) => Object.keys(values ?? {})));
  const described = Object.keys(metrics_metadata).filter((name) => measured.has(name));
  return [...new Set([...described, ...measured])];
}

/** The values of one metric, oldest first. */
export function series({ metrics = [] }: InstanceInfo, name: string): Point[] {
  return metrics.map(([time, values]) => ({ time, value: values?.[name] ?? null })).reverse();
}
