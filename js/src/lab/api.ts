import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import {
  type AppInfo,
  mappings,
  readApp,
  readServer,
  readTemplate,
  readTemplateFile,
  type ServerInfo,
  type ServerKey,
  type TemplateFile,
  type TemplateInfo,
  text,
} from "./models";
import { address, pageAddress } from "./server-urls";

/** What the server said about a failure. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** The traceback of the app's own code, where that was the reason. */
  readonly trace: string;
  /** The command that mends it, if one does. */
  readonly install: string;

  constructor(message: string, status: number, trace = "", install = "") {
    super(message);
    this.status = status;
    this.trace = trace;
    this.install = install;
  }
}

const SIGNED_OUT = "Sign in again to go on.";
const FORBIDDEN = "You may not do this on this Jupyter server";
const NO_EXTENSION = "This Jupyter server has no jupyter_trame extension enabled.";
const OLDER =
  "The jupyter_trame of this Jupyter server is older than that of this page: " +
  "upgrade jupyter-trame beside the server, and restart it.";

/** Seconds that one question after a start takes at most. */
const WAIT = 20;

type Body = Record<string, unknown>;

/** The extension's REST interface, in its first version. Everything throws `ApiError`. */
export class Api {
  readonly #settings: ServerConnection.ISettings;

  constructor(settings: ServerConnection.ISettings) {
    this.#settings = settings;
  }

  /** Throws, with the reason, where the server has no such interface: its lists are empty then. */
  async demand(): Promise<void> {
    await this.#request(this.#route(), "GET");
  }

  /** Registered apps; none where the server has no such extension. */
  async apps(): Promise<AppInfo[]> {
    return (await this.#list("apps")).map(readApp);
  }

  /** Servers that run; none where the server has no such extension. */
  async servers(): Promise<ServerInfo[]> {
    return (await this.#list("servers")).map(readServer);
  }

  /** What new files begin as; none where the server has no such extension. */
  async templates(): Promise<TemplateInfo[]> {
    return (await this.#list("templates")).map(readTemplate);
  }

  /** Its files, that to look at first in front; `app` is what the app is to be called. */
  async template(name: string, app = "app"): Promise<TemplateFile[]> {
    const url = `${this.#route("templates", name)}?app=${encodeURIComponent(app)}`;
    const { files } = await this.#read(await this.#request(url, "GET"));
    return mappings(files).map(readTemplateFile);
  }

  /** Starts a kernel with a registered app in it; takes as long as the app's imports. `signal` stops it. */
  start(name: string, signal?: AbortSignal): Promise<ServerInfo> {
    return this.#started(this.#route("apps", name), signal);
  }

  /** Runs a file of the contents as an app, in a kernel of its own. `signal` stops it. */
  runFile(path: string, signal?: AbortSignal): Promise<ServerInfo> {
    return this.#started(this.#route("files"), signal, JSON.stringify({ path, args: [] }));
  }

  /** Ends an app. Its kernel ends with it, unless it is a notebook's. Throws 404 where it does not run any more. */
  async stop({ kernelId, slug }: ServerKey): Promise<void> {
    await this.#request(this.#route("servers", kernelId, slug), "DELETE");
  }

  /** Starts an app again at the same address. `signal` stops it. */
  restart({ kernelId, slug }: ServerKey, signal?: AbortSignal): Promise<ServerInfo> {
    return this.#started(this.#route("servers", kernelId, slug, "restart"), signal);
  }

  /** Throws 404 where the server does not run any more. */
  async check(target: ServerKey): Promise<void> {
    await this.#request(pageAddress(this.#settings, target), "HEAD");
  }

  /** Whether this user may run code, as the Jupyter server decides it. */
  async mayExecute(): Promise<boolean> {
    const permissions = encodeURIComponent('{"kernels":["execute"]}');
    const url = URLExt.join(this.#settings.baseUrl, "api/me");
    const body = await this.#read(await this.#request(`${url}?permissions=${permissions}`, "GET"));
    const { kernels } = (body.permissions ?? {}) as { kernels?: unknown };
    return Array.isArray(kernels) && kernels.includes("execute");
  }

  #route(...parts: string[]): string {
    return address(this.#settings, "api", "v1", ...parts);
  }

  async #list(what: string): Promise<Body[]> {
    const response = await this.#ask(this.#route(what), "GET");
    if (response.status === 404) return [];
    return mappings(await (await this.#checked(response)).json());
  }

  /** Begins a start and waits for it, in requests that are shorter than proxies let one be. */
  async #started(url: string, signal?: AbortSignal, body?: string): Promise<ServerInfo> {
    let response = await this.#request(`${url}?wait=0`, "POST", body);
    if (response.status !== 202) return readServer(await this.#read(response));
    const start = this.#route("starts", text(await this.#read(response), "id"));
    const stop = (): void => {
      this.#request(start, "DELETE").catch(() => undefined); // Who waits hears what came of it.
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    try {
      do response = await this.#request(`${start}?wait=${WAIT}`, "GET");
      while (response.status === 202);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    return readServer(await this.#read(response));
  }

  async #read(response: Response): Promise<Body> {
    return (await response.json()) as Body;
  }

  async #request(url: string, method: string, content?: string): Promise<Response> {
    return this.#checked(await this.#ask(url, method, content));
  }

  async #checked(response: Response): Promise<Response> {
    if (response.ok) return response;
    if (await this.#isStranger(response)) throw new ApiError(SIGNED_OUT, 401);
    const { status } = response;
    const body = (await response.json().catch(() => ({}))) as Body;
    const trace = text(body, "trace");
    const reason = text(body, "message");
    if (status === 403)
      throw new ApiError(reason ? `${FORBIDDEN}: ${reason}` : `${FORBIDDEN}.`, status);
    const message = reason || (await this.#explain(status));
    throw new ApiError(message, status, trace, text(body, "install"));
  }

  /** What is to be said where the server says nothing: it may not have the interface at all. */
  async #explain(status: number): Promise<string> {
    const isThere = async (url: string): Promise<boolean> => (await this.#ask(url, "GET")).ok;
    if (![404, 405].includes(status) || (await isThere(this.#route())))
      return `The Jupyter server answered with ${status}.`;
    return (await isThere(address(this.#settings, "api", "apps"))) ? OLDER : NO_EXTENSION;
  }

  async #ask(url: string, method: string, body?: string): Promise<Response> {
    // A login page that is followed to looks like an answer.
    const init: RequestInit = { method, redirect: "manual" };
    if (body) Object.assign(init, { body, headers: { "Content-Type": "application/json" } });
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
