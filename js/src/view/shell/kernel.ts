import { ownHeaders } from "../../transports/own-request";

/** The kernel that an app runs in, as far as its page can act on it. */
export interface AppKernel {
  /** Whether this user may interrupt it. */
  mayInterrupt(): Promise<boolean>;
  /** Throws an Error with a sentence for the user. */
  interrupt(): Promise<void>;
  /**
   * What its Jupyter server finds out about the app with this page; null of one of an earlier release. Throws an Error
   * with a sentence for the user.
   */
  report(page: URL): Promise<unknown>;
}

/** What users may do at a server, by its address: it is asked once a page. */
const answers = new Map<string, Promise<boolean>>();

/** A kernel of a Jupyter server whose REST interface this page reaches. */
export class RestKernel implements AppKernel {
  readonly #address: () => URL | null;
  readonly #headers: Record<string, string>;

  /** `address` of the kernel, `<base>api/kernels/<id>/`, or null; `headers` let this page in beside its cookies. */
  constructor(address: () => URL | null, headers: Record<string, string> = {}) {
    this.#address = address;
    this.#headers = headers;
  }

  /** As the server decides it; false where it does not answer. */
  mayInterrupt(): Promise<boolean> {
    const address = this.#address();
    if (!address) return Promise.resolve(false);
    const question = new URL("../../me", address);
    question.searchParams.set("permissions", '{"kernels":["write"]}');
    const known = answers.get(question.href) ?? this.#ask(question);
    answers.set(question.href, known);
    return known;
  }

  async interrupt(): Promise<void> {
    const address = this.#address();
    if (!address) throw new Error("there is no way to the kernel");
    const { ok, status } = await this.#request(new URL("interrupt", address), "POST");
    if (!ok) throw new Error(`the Jupyter server did not interrupt the kernel (${status})`);
  }

  /** `page` is `<base>trame/<kernel>/<slug>/`. */
  async report(page: URL): Promise<unknown> {
    const [kernel, slug] = page.pathname.split("/").slice(-3);
    const address = new URL(`../../api/v1/servers/${kernel}/${slug}/doctor`, page);
    const response = await this.#request(address, "GET");
    if (response.type === "opaqueredirect" || response.status === 401) {
      throw new Error("you are not signed in any more: load the page again");
    }
    if (response.status === 404) return null;
    if (!response.ok)
      throw new Error(`the Jupyter server answered with the status ${response.status}`);
    return response.json();
  }

  async #ask(question: URL): Promise<boolean> {
    try {
      const response = await this.#request(question, "GET");
      if (!response.ok) {
        answers.delete(question.href); // a login that ended, for example
        return false;
      }
      const { permissions } = (await response.json()) as { permissions?: { kernels?: unknown } };
      const allowed = permissions?.kernels;
      return Array.isArray(allowed) && allowed.includes("write");
    } catch {
      answers.delete(question.href);
      return false;
    }
  }

  async #request(url: URL, method: string): Promise<Response> {
    // A login page that is followed to looks like an answer.
    const init: RequestInit = { method, credentials: "include", redirect: "manual" };
    try {
      return await fetch(url, { ...init, headers: { ...this.#headers, ...ownHeaders(url) } });
    } catch {
      throw new Error("the Jupyter server does not answer");
    }
  }
}

/** Of the kernel whose app has a page at `<base>trame/<kernel>/<slug>/`. */
export function kernelOfPage(page: URL): URL {
  const kernel = page.pathname.split("/").at(-3) ?? "";
  return new URL(`../../../api/kernels/${kernel}/`, page);
}

/** Where JupyterLab and Notebook are served, whether they have our extension or not; null on another page. */
export function labAddress(): URL | null {
  try {
    const text = document.getElementById("jupyter-config-data")?.textContent ?? "";
    const { appName, baseUrl } = JSON.parse(text) as { appName?: string; baseUrl?: string };
    return appName && baseUrl ? new URL(baseUrl, location.origin) : null;
  } catch {
    return null;
  }
}
