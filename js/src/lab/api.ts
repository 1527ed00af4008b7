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
}

export interface ServerInfo {
  kernelId: string;
  slug: string;
  title: string;
  name: string;
}

/** What the server said about a failure; `trace` is of the app's own code, where that was the reason. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly trace: string;

  constructor(message: string, status: number, trace = "") {
    super(message);
    this.status = status;
    this.trace = trace;
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
    }));
  }

  async servers(): Promise<ServerInfo[]> {
    return (await this.#list("servers")).map(readServer);
  }

  /** Starts a kernel with a registered app in it; takes as long as the app's imports. */
  async start(name: string): Promise<ServerInfo> {
    const response = await this.#request(address(this.#settings, "api", "apps", name), "POST");
    return readServer((await response.json()) as Mapping);
  }

  /** Throws ApiError 404 where the server does not run any more. */
  async check(target: { kernelId: string; slug: string }): Promise<void> {
    await this.#request(pageAddress(this.#settings, target), "HEAD");
  }

  async #list(what: string): Promise<Mapping[]> {
    try {
      const response = await this.#request(address(this.#settings, "api", what), "GET");
      const list: unknown = await response.json();
      return Array.isArray(list) ? (list as Mapping[]) : [];
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }

  async #request(url: string, method: string): Promise<Response> {
    const response = await this.#ask(url, method);
    if (response.ok) return response;
    if (await this.#isStranger(response)) throw new ApiError(SIGNED_OUT, 401);
    const body = (await response.json().catch(() => ({}))) as Mapping;
    if (response.status === 405) {
      // The fallback of a server that has no such route at all.
      throw new ApiError("This Jupyter server has no jupyter_trame extension enabled.", 405);
    }
    const message =
      response.status === 403
        ? FORBIDDEN
        : text(body, "message") || `The Jupyter server answered with ${response.status}.`;
    throw new ApiError(message, response.status, text(body, "trace"));
  }

  async #ask(url: string, method: string): Promise<Response> {
    // A login page that is followed to looks like an answer.
    const init: RequestInit = { method, redirect: "manual" };
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
  return { ...server, title: text(map, "title") || server.slug, name: text(map, "name") };
}
