import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import { address, pageAddress } from "./server-urls";

export interface AppInfo {
  name: string;
  title: string;
  /** An SVG document or the address of an image; empty for the default one. */
  icon: string;
  description: string;
  /** Of the page of an app that runs behind it, below the base URL; empty for one that is launched. */
  address: string;
  /** Whether `address` holds `{id}`, a service id that the user has to name. */
  needsId: boolean;
  /** The command that installs what the app lacks beside the Jupyter server; empty where it lacks nothing. */
  install: string;
}

export interface ServerInfo {
  kernelId: string;
  slug: string;
  title: string;
  name: string;
  /** The registered name of an app that was launched, else empty. */
  appName: string;
  /** The file or the notebook, else empty. */
  path: string;
  /** Whose the kernel is: `launcher`, `file`, `notebook` or `other`; empty from an older server. */
  owner: string;
  viewers: number;
  /** ISO 8601; empty where the kernel does not say so. */
  started: string;
  kernelState: string;
}

/**
 * What the server said about a failure; `trace` is of the app's own code, where that was the reason, and
 * `install` the command that mends the environment.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly trace: string;
  readonly install: string;

  constructor(message: string, status: number, trace = "", install = "") {
    super(message);
    this.status = status;
    this.trace = trace;
    this.install = install;
  }
}

const SIGNED_OUT = "Sign in again to go on.";
const FORBIDDEN = "You may not do this on this Jupyter server.";

type Mapping = Record<string, unknown>;

function text(map: Mapping, key: string): string {
  const value = map[key];
  return typeof value === "string" ? value : "";
}

/** The extension's REST interface. */
export class Api {
  readonly #settings: ServerConnection.ISettings;

  constructor(settings: ServerConnection.ISettings) {
    this.#settings = settings;
  }

  /** Registered apps; none where the server has no such extension. */
  async apps(): Promise<AppInfo[]> {
    const list = await this.#list("apps");
    return list.map((map) => ({
      name: text(map, "name"),
      title: text(map, "title") || text(map, "name"),
      icon: text(map, "icon"),
      description: text(map, "description"),
      address: text(map, "address"),
      needsId: map.needs_id === true,
      install: text(map, "install"),
    }));
  }

  async servers(): Promise<ServerInfo[]> {
    return (await this.#list("servers")).map(readServer);
  }

  /** Starts a kernel with a registered app in it; takes as long as the app's imports. */
  async start(name: string): Promise<ServerInfo> {
    return this.#server(["apps", name]);
  }

  /** Runs a `.py` of the contents as an app, in a kernel of its own. */
  async startFile(path: string, args: readonly string[] = []): Promise<ServerInfo> {
    return this.#server(["files"], { path, args });
  }

  /** An app that was launched takes its kernel with it; one of a notebook leaves that. */
  async stop({ kernelId, slug }: Pick<ServerInfo, "kernelId" | "slug">): Promise<void> {
    await this.#request(this.#address("servers", kernelId, slug), "DELETE");
  }

  async restart({ kernelId, slug }: Pick<ServerInfo, "kernelId" | "slug">): Promise<ServerInfo> {
    return this.#server(["servers", kernelId, slug, "restart"]);
  }

  /** Throws ApiError 404 where the server does not run any more. */
  async check(target: { kernelId: string; slug: string }): Promise<void> {
    await this.#request(pageAddress(this.#settings, target), "HEAD");
  }

  async #list(what: string): Promise<Mapping[]> {
    try {
      const response = await this.#request(this.#address(what), "GET");
      const list: unknown = await response.json();
      return Array.isArray(list) ? (list as Mapping[]) : [];
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  async #server(parts: readonly string[], body?: object): Promise<ServerInfo> {
    const response = await this.#request(this.#address(...parts), "POST", body);
    return readServer((await response.json()) as Mapping);
  }

  #address(...parts: string[]): string {
    return address(this.#settings, "api", "v1", ...parts);
  }

  async #request(url: string, method: string, body?: object): Promise<Response> {
    const response = await this.#ask(url, method, body);
    if (response.ok) return response;
    if (await this.#isStranger(response)) throw new ApiError(SIGNED_OUT, 401);
    const said = (await response.json().catch(() => ({}))) as Mapping;
    if (response.status === 405) {
      // The fallback of a server that has no such route at all.
      throw new ApiError("This Jupyter server has no jupyter_trame extension enabled.", 405);
    }
    const message =
      response.status === 403
        ? FORBIDDEN
        : text(said, "message") || `The Jupyter server answered with ${response.status}.`;
    throw new ApiError(message, response.status, text(said, "trace"), text(said, "install"));
  }

  async #ask(url: string, method: string, body?: object): Promise<Response> {
    // A login page that is followed to looks like an answer.
    const init: RequestInit = { method, redirect: "manual" };
    if (body) init.body = JSON.stringify(body);
    try {
      return await ServerConnection.makeRequest(url, init, this.#settings);
    } catch {
      throw new ApiError("The Jupyter server does not answer.", 0);
    }
  }

  /** jupyter-server refuses strangers and those who may not with 403; the former do not know who they are. */
  async #isStranger({ type, status }: Response): Promise<boolean> {
    if (type === "opaqueredirect" || status === 401) return true;
    if (status !== 403) return false;
    return !(await this.#ask(URLExt.join(this.#settings.baseUrl, "api/me"), "GET")).ok;
  }
}

function readServer(map: Mapping): ServerInfo {
  const server = { kernelId: text(map, "kernel_id"), slug: text(map, "slug") };
  return {
    ...server,
    title: text(map, "title") || server.slug,
    name: text(map, "name"),
    appName: text(map, "app"),
    path: text(map, "path"),
    owner: text(map, "owner"),
    viewers: typeof map.viewers === "number" ? map.viewers : 0,
    started: text(map, "started"),
    kernelState: text(map, "kernel_state"),
  };
}
