import { Notice } from "./notice";
import { carryToken } from "./own-requests";
import { refusal } from "./refusal";
import {
  type AppParameters,
  AppServices,
  guarded,
  type Message,
  type Services,
  type Status,
} from "./services";

export type { AppParameters } from "./services";

export type AppClass = new (services: Services, app_parameters: AppParameters) => unknown;

export interface Options {
  /** Of the socket, where the page is not the app's own: `<app>/<service id>/connect`. */
  url?: string;
  /** Whether a bar at the lower edge says that the connection is lost; true unless the app says so itself. */
  notice?: boolean;
}

interface Hello {
  session_id: string;
  action: "session_connected";
  app_parameters: AppParameters;
}

const HEARTBEAT = 10_000;
const DELAYS = [250, 500, 1000, 2000, 4000, 8000];
/** A session that ends sooner may do so again. */
const STEADY = 5000;
/** A connection that is back sooner is not spoken of. */
const PATIENCE = 1000;
/** A service that is there sooner neither; one that has to start, as a kernel, takes longer. */
const START = 500;
/** The server has ended the service, and coming back would start it again. */
const STOPPED = 1000;
const NO_HELLO = 4002;

/** Where the service of the page at `page` listens: beside the page, whose query it gets. */
export function socketAddress(page: string): string {
  const url = new URL(page);
  url.pathname = url.pathname.replace(/[^/]*$/, "connect");
  url.protocol = url.protocol.replace(/^http/, "ws");
  url.hash = "";
  return url.href;
}

/** The way from this page to its service, over all its sockets. */
export class Connection {
  readonly url: string;
  readonly #App: AppClass;
  readonly #notice: Notice | undefined;
  #socket: WebSocket | undefined;
  #services: AppServices | undefined;
  #status: Status = "connecting";
  #failures = 0;
  /** When the session was opened, in milliseconds; infinity: there is none. */
  #opened = Number.POSITIVE_INFINITY;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #complaint: ReturnType<typeof setTimeout> | undefined;

  constructor(App: AppClass, { url, notice = true }: Options = {}) {
    this.url = url ?? socketAddress(location.href);
    this.#App = App;
    const app = new URL(".", this.url);
    app.protocol = app.protocol.replace(/^ws/, "http");
    carryToken(app);
    this.#notice = notice ? new Notice() : undefined;
    window.addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#complaint = setTimeout(() => this.#wait(), START);
    this.#connect();
  }

  get status(): Status {
    return this.#status;
  }

  /** Ends the connection; `reopen` makes a new one. */
  close(): void {
    this.#ended();
    this.#socket?.close(1000);
    this.#socket = undefined;
  }

  /** Connects at once, also after the service was stopped. */
  reopen(): void {
    if (this.#status === "open" || this.#status === "connecting") return;
    if (this.#status === "closed") this.#wait();
    this.#failures = 0;
    this.#connect();
  }

  /** The network is back, or somebody looks at the page again. */
  readonly #wake = (): void => {
    if (this.#status === "lost" && document.visibilityState === "visible") this.reopen();
  };

  #connect(): void {
    clearTimeout(this.#retry);
    this.#become("connecting");
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let greeted = false;
    let opened = false;
    const current = () => this.#socket === socket;
    socket.onopen = () => {
      opened = true;
    };
    socket.onmessage = ({ data }: MessageEvent<Message>) => {
      if (!current()) return;
      if (greeted) this.#services?.received(data);
      else greeted = this.#greet(socket, data);
    };
    socket.onclose = ({ code, reason }) => {
      if (!current()) return;
      this.#lost(code, reason);
      if (!opened) void this.#explain();
    };
  }

  async #explain(): Promise<void> {
    const why = await refusal(this.url);
    // Another try may have gone well meanwhile.
    if (this.#status === "lost" || this.#status === "connecting") this.#complain(why);
  }

  /** Whether `data` opens a session. */
  #greet(socket: WebSocket, data: Message): boolean {
    const hello = helloOf(data);
    if (!hello) {
      socket.close(NO_HELLO);
      this.#lost(NO_HELLO, "");
      const text = typeof data === "string" ? data.slice(0, 300) : `${data.byteLength} bytes`;
      this.#complain(`The service did not open a session; it said: ${text}`);
      return false;
    }
    this.#opened = Date.now();
    this.#quiet();
    this.#status = "open";
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => write(socket, ""), HEARTBEAT);
    this.#enter(hello, socket);
    return true;
  }

  /** The app of this page gets the session: the one that had it, or a new one. */
  #enter({ session_id, app_parameters }: Hello, socket: WebSocket): void {
    const out = (message: Message) => write(socket, message);
    const before = this.#services;
    if (before?.session_id === session_id || before?.continues(session_id, app_parameters)) {
      before.opened(out);
      return;
    }
    before?.closed();
    const services = new AppServices(session_id);
    this.#services = services;
    services.opened(out);
    // What comes before the app is there waits for it.
    whenParsed(() => this.#services === services && this.#make(services, app_parameters));
  }

  #make(services: AppServices, app_parameters: AppParameters): void {
    if (!guarded(() => new this.#App(services, app_parameters)))
      this.#notice?.show("The app could not be started; the browser's console says why.");
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    clearInterval(this.#heartbeat);
    if (Date.now() - this.#opened > STEADY) this.#failures = 0;
    this.#opened = Number.POSITIVE_INFINITY;
    if (code === STOPPED) {
      this.#ended();
      const why = reason ? `The service has ended: ${reason}.` : "The service has ended.";
      this.#notice?.show(why, { action: ["Connect again", () => this.reopen()] });
      return;
    }
    const delay = DELAYS[Math.min(this.#failures, DELAYS.length - 1)] as number;
    this.#failures += 1;
    // Not all pages of a server that was restarted in the same moment.
    this.#retry = setTimeout(() => this.#connect(), delay * (0.5 + Math.random() / 2));
    this.#complaint ??= setTimeout(() => this.#complain("The connection is lost."), PATIENCE);
    this.#become("lost");
  }

  #ended(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    this.#quiet();
    this.#status = "closed";
    this.#services?.closed();
  }

  #wait(): void {
    this.#notice?.show("Waiting for the service…", { busy: true });
  }

  #complain(why: string): void {
    clearTimeout(this.#complaint);
    this.#notice?.show(`${why} Trying again…`, { action: ["Try now", () => this.reopen()] });
  }

  #quiet(): void {
    clearTimeout(this.#complaint);
    this.#complaint = undefined;
    this.#notice?.hide();
  }

  #become(status: "connecting" | "lost"): void {
    this.#status = status;
    this.#services?.lost(status);
  }
}

/** To a socket that is closing a browser sends nothing, and says so in the console. */
function write(socket: WebSocket, message: Message): boolean {
  const open = socket.readyState === WebSocket.OPEN;
  if (open) socket.send(message);
  return open;
}

function helloOf(data: Message): Hello | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const hello = JSON.parse(data) as Partial<Hello> | null;
    return hello?.action === "session_connected" && typeof hello.session_id === "string"
      ? {
          session_id: hello.session_id,
          action: hello.action,
          app_parameters: hello.app_parameters ?? {},
        }
      : undefined;
  } catch {
    return undefined;
  }
}

function whenParsed(call: () => void): void {
  if (document.readyState !== "loading") call();
  else document.addEventListener("DOMContentLoaded", () => call(), { once: true });
}
