/** What the REST interface says, read with care: the server may have another version. */

type Mapping = Record<string, unknown>;

/** A registered app. */
export interface AppInfo {
  name: string;
  title: string;
  /** An SVG document or the address of an image; empty for the default one. */
  icon: string;
  description: string;
  /** The command that installs what the app's package lacks; empty where it lacks nothing. */
  install: string;
  /** Of the page of an app that runs behind it, below the base URL; empty for one that is launched. */
  address: string;
  /** Whether `address` holds `{id}`, a service id that the user has to name. */
  needsId: boolean;
}

/** A server of a kernel, by its address. */
export interface ServerKey {
  kernelId: string;
  slug: string;
}

/** A server that runs. */
export interface ServerInfo extends ServerKey {
  title: string;
  name: string;
  /** Name of the registered app that it is; empty for any other. */
  app: string;
  /** Of the file or the notebook that started it, in the contents of the server; may be empty. */
  path: string;
  /** `launcher`, `file`, `notebook` or `other`; whether its kernel ends with it follows from that. */
  owner: string;
  viewers: number;
  /** Null where the server does not tell. */
  started: Date | null;
}

/** What a new file or folder begins as. */
export interface TemplateInfo {
  name: string;
  title: string;
  description: string;
}

export interface TemplateFile {
  /** Below the folder of what is made. */
  path: string;
  text: string;
}

export function readApp(map: Mapping): AppInfo {
  return {
    name: text(map, "name"),
    title: text(map, "title") || text(map, "name"),
    icon: text(map, "icon"),
    description: text(map, "description"),
    install: text(map, "install"),
    address: text(map, "address"),
    needsId: map.needs_id === true,
  };
}

export function readServer(map: Mapping): ServerInfo {
  const slug = text(map, "slug");
  const started = new Date(text(map, "started"));
  return {
    kernelId: text(map, "kernel_id"),
    slug,
    title: text(map, "title") || slug,
    name: text(map, "name"),
    app: text(map, "app"),
    path: text(map, "path"),
    owner: text(map, "owner"),
    viewers: typeof map.viewers === "number" ? map.viewers : 0,
    started: Number.isNaN(started.getTime()) ? null : started,
  };
}

export function readTemplate(map: Mapping): TemplateInfo {
  const name = text(map, "name");
  return { name, title: text(map, "title") || name, description: text(map, "description") };
}

export function readTemplateFile(map: Mapping): TemplateFile {
  return { path: text(map, "path"), text: text(map, "text") };
}

/** The maps of a list, whatever it is. */
export function mappings(list: unknown): Mapping[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "object" && item) : [];
}

/** The text at `key`; empty where there is none. */
export function text(map: Mapping, key: string): string {
  const value = map[key];
  return typeof value === "string" ? value : "";
}
