import { markRaw, type ShallowRef, shallowRef, triggerRef } from "vue";
import { CLIENT_ONLY_KEY } from "../../protocol/names";
import { type Decorator, Decorators, type ReadFile } from "./decorate";
import { Drafts } from "./drafts";
import { Outgoing } from "./outgoing";
import { PACE, paceOf } from "./pace";

export interface StateEvent {
  type: "new-keys" | "dirty-state" | "ready" | "refresh";
  keys: string[];
}
export type StateListener = (event: StateEvent) => void;
export type Changes = Record<string, unknown>;

export interface StoreOptions {
  /** Takes the changes of one microtask; called synchronously, keeps what it needs. */
  write: (changes: Changes) => void;
  /** True while an own write of the key is not settled; such a key keeps its value. */
  isPending?: (key: string) => boolean;
  /** True while any own write is not settled. */
  isWaiting?: () => boolean;
  /** The value for a file; by default the file is read. */
  readFile?: ReadFile;
  onError?: (where: string, error: unknown) => void;
}

const DISABLE_MUTATION = "trame__disable_mutation";

/**
 * The shared state as templates and widget packages see it.
 *
 * Values are kept as received and are never made reactive: replacing a value is the only
 * notification. Each key has a cell of its own, so one changed key re-renders only what read it.
 */
export class StateStore {
  /** The raw values. Read only: write with `set` or `update`. */
  readonly state: Changes = {};
  name = "";
  ready = false;

  readonly #options: StoreOptions;
  readonly #cells = new Map<string, ShallowRef<unknown>>();
  readonly #listeners = new Set<StateListener>();
  readonly #decorators: Decorators;
  /** What keys held before own values that have not left yet. */
  readonly #before = new Map<string, unknown>();
  readonly #outgoing: Outgoing;
  readonly #drafts = new Drafts({
    state: this.state,
    changed: (key, value) => this.#changed(key, value),
  });
  /** Keys of which a part was changed in this turn. */
  readonly #touched = new Set<string>();

  constructor(options: StoreOptions) {
    // A component that keeps it in reactive data must not get a proxy of it.
    markRaw(this);
    this.#options = options;
    this.#decorators = new Decorators(options.readFile);
    this.#outgoing = new Outgoing({
      value: (key) => this.#decorators.apply(this.state[key] ?? null),
      write: (changes) => this.#write(changes),
      onError: (key, error) => this.#takeBack(key, error),
      pace: (key) => paceOf(this.state[PACE], key),
      isWaiting: () => options.isWaiting?.() ?? false,
    });
  }

  /** The value of a key, tracked by the running Vue effect; without a key the raw values. */
  get(key?: string): unknown {
    if (key === undefined) return this.state;
    let cell = this.#cells.get(key);
    if (!cell) {
      cell = shallowRef(this.state[key]);
      this.#cells.set(key, cell);
    }
    return cell.value;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.state, key);
  }

  /** Resolves once the value was handed to the connection; no-op for the identical value. */
  set(key: string, value: unknown): Promise<void> {
    return this.update({ [key]: value });
  }

  update(changes: Changes): Promise<void> {
    const changed: Changes = {};
    for (const [key, value] of Object.entries(changes)) {
      const raw = this.#drafts.clean(value);
      if (this.state[key] !== raw) changed[key] = raw;
    }
    const keys = Object.keys(changed);
    if (keys.length === 0) return Promise.resolve();
    for (const key of keys) this.#hold(key);
    this.#apply(changed);
    return this.flush();
  }

  /**
   * The value of a key for those who may change parts of it: lists and maps in it can be written to, and the whole value
   * of the key is sent at the end of the turn.
   */
  draft(key: string): unknown {
    return this.#drafts.of(key);
  }

  /** The same for a list or map that is somewhere in the state; `hint` is text with keys that it may be in. */
  get own(): (value: unknown, hint?: string) => unknown {
    return this.#drafts.own;
  }

  /** Changes values here only; nothing is sent. */
  setLocal(changes: Changes): void {
    const entries = Object.entries(changes).filter(([key, value]) => this.state[key] !== value);
    if (entries.length > 0) this.#apply(Object.fromEntries(entries));
  }

  /** Marks keys as changed in place: they render again now and are sent by the next flush. */
  dirty(...keys: string[]): void {
    this.#flushDrafts();
    const known = keys.filter((key) => this.has(key));
    if (known.length === 0) return;
    for (const key of known) {
      if (this.canDirty(key)) this.#outgoing.add(key);
      const cell = this.#cells.get(key);
      if (cell) triggerRef(cell);
    }
    this.#emit({ type: "dirty-state", keys: known });
  }

  /** Sends what is dirty, once a microtask. */
  flush(...keys: (string | string[])[]): Promise<void> {
    this.dirty(...keys.flat());
    return this.#outgoing.flush();
  }

  /** Sends now. The promise is null unless a value is still being read. */
  drain(): Promise<unknown> | null {
    this.#flushDrafts();
    return this.#outgoing.drain();
  }

  canDirty(key: string): boolean {
    const local = this.state[CLIENT_ONLY_KEY];
    return !(Array.isArray(local) && local.includes(key));
  }

  getAllKeys(): string[] {
    return Object.keys(this.state);
  }

  getMutableStateKeys(): string[] {
    const fixed = this.state[DISABLE_MUTATION];
    const blocked = new Set<unknown>(Array.isArray(fixed) ? fixed : []);
    return this.getAllKeys().filter((key) => !blocked.has(key));
  }

  /** Calls `fn` with the values now and after each change of any of the keys. */
  watch(keys: string[], fn: (...values: unknown[]) => void): () => void {
    const run = () => fn(...keys.map((key) => this.state[key]));
    run();
    return this.addListener((event) => {
      if (event.type === "dirty-state" && event.keys.some((key) => keys.includes(key))) run();
    });
  }

  addListener(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.removeListener(listener);
  }

  removeListener(listener: StateListener): void {
    this.#listeners.delete(listener);
  }

  registerDecorator(decorator: Decorator): void {
    this.#decorators.register(decorator);
  }

  decorate(value: unknown): unknown {
    return this.#decorators.apply(value);
  }

  /** Resolves when the state of the server is there. */
  loadState(): Promise<void> {
    if (this.ready) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.addListener((event) => {
        if (event.type !== "ready") return;
        stop();
        resolve();
      });
    });
  }

  /** Asks every template to mount again. */
  refresh(): void {
    this.#emit({ type: "refresh", keys: [] });
  }

  /** Takes values of the server. A snapshot also removes the keys it does not hold. */
  receive(changes: Changes, snapshot = false): void {
    const accepted: Changes = {};
    for (const [key, value] of Object.entries(changes)) {
      if (this.#before.has(key)) this.#before.set(key, value);
      if (this.#isOwn(key) || this.state[key] === value) continue;
      if (this.has(key) && !differs(this.state[key], value)) continue;
      this.#drafts.follow(this.state[key], value);
      accepted[key] = value;
    }
    if (snapshot) for (const key of this.#gone(changes)) accepted[key] = undefined;
    this.#apply(accepted);
  }

  /** The state of the server is here, and so is the connection: for the first time, or for a new session. */
  loaded(name: string): void {
    this.name = name;
    this.ready = true;
    this.#emit({ type: "ready", keys: this.getAllKeys() });
  }

  delete(): void {
    this.#outgoing.dispose();
    this.#listeners.clear();
    this.#cells.clear();
  }

  /** The key is to be sent; what it held is kept, in case it cannot be. */
  #hold(key: string): void {
    if (!this.canDirty(key)) return;
    if (!this.#outgoing.holds(key)) this.#before.set(key, this.state[key]);
    this.#outgoing.add(key);
  }

  /** A part of the value was changed; more of them may be, before the turn ends. */
  #changed(key: string, value: unknown): void {
    if (this.#touched.size === 0) queueMicrotask(() => this.#flushDrafts());
    if (!this.#touched.has(key)) this.#hold(key);
    this.#touched.add(key);
    this.state[key] = value;
  }

  /** Shows and sends what was changed in parts. */
  #flushDrafts(): void {
    if (this.#touched.size === 0) return;
    const keys = [...this.#touched].filter((key) => this.has(key));
    this.#touched.clear();
    this.#drafts.seen();
    for (const key of keys) {
      const cell = this.#cells.get(key);
      if (cell) cell.value = this.state[key];
    }
    this.#emit({ type: "dirty-state", keys });
    void this.#outgoing.flush();
  }

  #gone(snapshot: Changes): string[] {
    const local = new Set<unknown>(
      [snapshot[CLIENT_ONLY_KEY] ?? this.state[CLIENT_ONLY_KEY]].flat(),
    );
    return this.getAllKeys().filter(
      (key) => !Object.hasOwn(snapshot, key) && !local.has(key) && !this.#isOwn(key),
    );
  }

  /** A listener of the same message may have written the key just now: then the own value is the newer one. */
  #isOwn(key: string): boolean {
    return this.#outgoing.holds(key) || (this.#options.isPending?.(key) ?? false);
  }

  #write(changes: Changes): void {
    for (const key of Object.keys(changes)) {
      if (!this.#outgoing.holds(key)) this.#before.delete(key);
    }
    this.#options.write(changes);
  }

  /** An own value will not be sent: the key goes back to what it was, or became meanwhile elsewhere. */
  #takeBack(key: string, error: unknown): void {
    const before = this.#before.get(key);
    this.#before.delete(key);
    this.#apply({ [key]: before });
    this.#options.onError?.(`the value of "${key}"`, error);
  }

  #apply(changes: Changes): void {
    const keys = Object.keys(changes);
    if (keys.length === 0) return;
    const fresh = keys.filter((key) => !this.has(key));
    for (const key of keys) {
      const value = changes[key];
      if (value === undefined) delete this.state[key];
      else this.state[key] = value;
      const cell = this.#cells.get(key);
      if (cell) cell.value = value;
    }
    if (fresh.length > 0) this.#emit({ type: "new-keys", keys: fresh });
    this.#emit({ type: "dirty-state", keys });
  }

  #emit(event: StateEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#options.onError?.(`state listener (${event.type})`, error);
      }
    }
  }
}

/** A value with `_filter` comes back without the filtered members: keep ours unless others differ. */
function differs(mine: unknown, theirs: unknown): boolean {
  if (!isFiltered(theirs) || typeof mine !== "object" || mine === null) return true;
  const held = mine as Changes;
  return Object.entries(theirs).some(([key, value]) => !key.startsWith("_") && held[key] !== value);
}

function isFiltered(value: unknown): value is Changes {
  if (typeof value !== "object" || value === null) return false;
  const filter = (value as Changes)._filter;
  return Array.isArray(filter) && filter.length > 0;
}
