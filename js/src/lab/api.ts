import { ServerConnection } from "@jupyterlab/services";
import { address, pageAddress } from "./addresses";

export interface AppInfo {
  name: string;
  title: string;
  /** An SVG document or the address of an image; empty for the default one. */
  icon: string;
  description: string;
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
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, { method }, this.#settings);
    } catch {
      throw new ApiError("The Jupyter server does not answer.", 0);
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => ({}))) as Mapping;
    if (response.status === 405) {
      // The fallback of a server that has no such route at all.
      throw new ApiError("This Jupyter server has no jupyter_trame extension enabled.", 405);
    }
    const denied = response.status === 401 || response.status === 403;
    const message = denied
      ? "You are not signed in, or may not do this."
      : text(body, "message") || `The Jupyter server answered with ${response.status}.`;
    throw new ApiError(message, response.status, text(body, "trace"));
  }
}

function readServer(map: Mapping): ServerInfo {
  const server = { kernelId: text(map, "kernel_id"), slug: text(map, "slug") };
  return { ...server, title: text(map, "title") || server.slug, name: text(map, "name") };
}
