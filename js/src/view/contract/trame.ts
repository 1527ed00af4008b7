import { type App, markRaw } from "vue";
import { ACTIONS_TOPIC, CLIENT_ERROR, LIFE_CYCLE_UPDATE, TRIGGER } from "../../protocol/names";
import { all, decorateMembers } from "../state/decorate";
import { StateStore } from "../state/store";
import { type Upload, Uploads } from "../state/uploads";
import { runActions } from "./actions";
import { bindMethods } from "./bind";
import type { Ready, ViewConnection } from "./connection-status";
import type { Report } from "./error-texts";
import { followFailure } from "./failure";
import type { Refs } from "./refs";
import { Remote } from "./remote";
import { createUtils, type Utils } from "./utils";

const BUSY = "trame__busy";
const BUSY_NOTIFY_DELAY = 50;

/**
 * The object `trame` of one view: template scope, `inject("trame")`, and what widget packages
 * use. A page may hold several.
 */
export class Trame {
  readonly state: StateStore;
  readonly client: Remote;
  readonly config: Record<string, unknown>;
  readonly refs: Refs = {};
  readonly utils: Utils = createUtils();
  /** Set by the view before anything is mounted. */
  app!: App;

  /** Files on their way to the server; reactive. */
  readonly uploads: readonly Upload[];

  readonly #connection: ViewConnection;
  readonly #report: Report;
  readonly #uploads: Uploads;
  readonly #connectListeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];
  #calls = 0;
  /** Own writes are not committed yet: they count as one running call. */
  #writing = false;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #connecting: Promise<void> | null = null;
  #greet = () => {};
  /** Resolves with the first hello: the page does not know before what the server is. */
  readonly #greeted = new Promise<void>((resolve) => {
    this.#greet = resolve;
  });

  constructor(connection: ViewConnection, report: Report, config: Record<string, unknown> = {}) {
    markRaw(this);
    bindMethods(this);
    this.#connection = connection;
    if (connection.state === "live") this.#greet();
    this.#report = report;
    this.config = config;
    this.#uploads = new Uploads({
      call: (method, args) => connection.call(method, args),
      // A stock server, which has no epoch, knows files only as a part of a message.
      takesPieces: () => this.#greeted.then(() => connection.epoch !== null),
    });
    this.uploads = this.#uploads.list;
    this.state = new StateStore({
      write: (changes) => this.#write(changes),
      isPending: (key) => connection.pending.has(key),
      isWaiting: () => connection.pending.size > 0,
      readFile: this.#uploads.read,
      onError: report,
    });
    this.client = new Remote(connection, this, report);
    this.#stops.push(
      connection.onState((changes, snapshot) => this.state.receive(changes, snapshot)),
      connection.onPublish((topic, data) => {
        if (topic === ACTIONS_TOPIC) runActions(this.refs, data, report);
      }),
      connection.onReady((ready) => this.#connected(ready)),
      connection.onSettled(() => this.#settled()),
      followFailure(connection, this.state),
    );
  }

  /** Result of a server trigger. The state written before the call arrives before it, but for files of earlier turns. */
  async trigger(name: string, args: unknown[] = [], kwargs: object = {}): Promise<unknown> {
    const decorate = (value: unknown) => this.state.decorate(value);
    const decorated = all(args.map(decorate));
    const named = decorateMembers(kwargs, decorate);
    const written = this.state.drain();
    if (written) await written;
    const list = decorated instanceof Promise ? await decorated : decorated;
    const map = named instanceof Promise ? await named : named;
    return this.busy(this.#connection.call(TRIGGER, [name, list, map]));
  }

  /** Counts a call as running until its promise is settled. */
  async busy<T>(call: Promise<T>): Promise<T> {
    this.beginBusy();
    try {
      return await call;
    } finally {
      this.endBusy();
    }
  }

  beginBusy(): void {
    this.#calls += 1;
    clearTimeout(this.#idleTimer);
    this.state.setLocal({ [BUSY]: this.#calls });
    this.client.emitBusy(this.#calls);
  }

  endBusy(): void {
    this.#calls = Math.max(0, this.#calls - 1);
    if (this.#calls > 0) this.state.setLocal({ [BUSY]: this.#calls });
    // Widgets bound to it would flicker between two calls that follow each other.
    else this.#idleTimer = setTimeout(() => this.state.setLocal({ [BUSY]: 0 }), BUSY_NOTIFY_DELAY);
    this.client.emitBusy(this.#calls);
  }

  get calls(): number {
    return this.#calls;
  }

  /**
   * The config, once the view is connected; it tries again at once, and rejects where that is of no use.
   * `config` joins what is known already: a view stays with the server that it was made for.
   */
  connect(config: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const { sessionURL = this.config.sessionURL } = config;
    if (sessionURL !== this.config.sessionURL) {
      return Promise.reject(new Error("a view cannot connect to another server"));
    }
    Object.assign(this.config, config);
    if (this.#connection.state === "live") return Promise.resolve(this.config);
    this.#connecting ??= this.#attempt().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting.then(() => this.config);
  }

  addConnectListener(listener: () => void): void {
    this.#connectListeners.add(listener);
    if (this.#connection.state === "live") listener();
  }

  removeConnectListener(listener: () => void): void {
    this.#connectListeners.delete(listener);
  }

  /**
   * Tells the server that the view is taken down. Coming and going of clients it knows by itself,
   * also of those that are killed.
   */
  unmounted(): void {
    this.#tell("client_unmounted");
  }

  /** The page goes. A stock server learns it from nobody else. */
  exited(): void {
    if (this.#connection.epoch === null) this.#tell("client_exited");
  }

  /** The answer of a method that stock servers do not have, once the server is there; it rejects where it is one. */
  async ask(method: string, args: unknown[]): Promise<unknown> {
    await this.#greeted;
    if (this.#connection.epoch === null) throw new Error(`a stock server has no ${method}`);
    return this.#connection.call(method, args);
  }

  /** Tells the server about an error of the app's own code. */
  sendError(message: string): void {
    if (this.#connection.state !== "live") return;
    this.#connection.call(CLIENT_ERROR, [message]).catch(() => undefined);
  }

  dispose(): void {
    clearTimeout(this.#idleTimer);
    this.#uploads.dispose();
    for (const stop of this.#stops) stop();
    this.#connectListeners.clear();
    this.client.dispose();
    this.state.delete();
  }

  #write(changes: Record<string, unknown>): void {
    try {
      this.#connection.write(changes);
    } catch (error) {
      this.#writeEach(changes, error);
    }
    if (this.#writing || this.#connection.pending.size === 0) return;
    this.#writing = true;
    this.beginBusy();
  }

  /** One value that cannot be sent does not keep back the others of its turn. */
  #writeEach(changes: Record<string, unknown>, cause: unknown): void {
    const keys = Object.keys(changes);
    if (keys.length === 1) {
      this.#report(`the value of "${keys[0]}"`, cause);
      return;
    }
    for (const key of keys) {
      try {
        this.#connection.write({ [key]: changes[key] });
      } catch (error) {
        this.#report(`the value of "${key}"`, error);
      }
    }
  }

  #settled(): void {
    if (!this.#writing || this.#connection.pending.size > 0) return;
    this.#writing = false;
    this.endBusy();
  }

  #tell(name: string): void {
    if (this.#connection.state !== "live") return;
    this.#connection.call(LIFE_CYCLE_UPDATE, [name]).catch(() => undefined);
  }

  #attempt(): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = (error?: Error) => {
        for (const stop of stops) stop();
        if (error) reject(error);
        else resolve();
      };
      const stops = [
        this.#connection.onReady(() => ended()),
        this.#connection.onStatus(({ state, message }) => {
          if (state === "refused" || state === "stopped") ended(new Error(message || state));
        }),
      ];
      this.#connection.retry();
    });
  }

  #connected({ name, resumed }: Ready): void {
    this.#greet();
    // The server counts the loading of a page as a call.
    if (this.#calls === 0) this.state.setLocal({ [BUSY]: 0 });
    if (!resumed) this.state.loaded(name);
    // A stock server does not know by itself who comes.
    if (this.#connection.epoch === null) this.#tell("client_connected");
    // Writes that a new session gave up are settled by nobody.
    this.#settled();
    for (const listener of [...this.#connectListeners]) {
      try {
        listener();
      } catch (error) {
        this.#report("connect listener", error);
      }
    }
  }
}
