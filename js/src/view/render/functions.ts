import type { StateStore } from "../state/store";
import type { Place } from "./place";

export type ClientFunction = (input: unknown, inputs: unknown) => unknown;

/** An entry of `trame__client_external_scripts`. */
interface Script {
  id: string;
  module_type: "es" | "umd";
  /** Address of the module, or the name of the global that the script makes. */
  path: string;
  function: string;
}

const SCRIPTS = "trame__client_external_scripts";
/** A global of the app: scripts of its author look functions up there, and put some. */
const TABLE = "TRAME_EXTERNAL_SCRIPTS";
type Table = Record<string, { func: ClientFunction } | undefined>;

/** Functions of scripts that the app's author registered in Python. */
export class ClientFunctions {
  readonly #state: StateStore;
  readonly #place: Place;
  readonly #functions = new Map<string, Promise<ClientFunction>>();

  constructor(state: StateStore, place: Place) {
    this.#state = state;
    this.#place = place;
  }

  /** Rejects where there is none; it is looked up again then. */
  get(id: string): Promise<ClientFunction> {
    const known = this.#functions.get(id);
    if (known) return known;
    const found = this.#find(id);
    this.#functions.set(id, found);
    found.catch(() => this.#functions.delete(id));
    return found;
  }

  async #find(id: string): Promise<ClientFunction> {
    const scripts = this.#state.state[SCRIPTS];
    const script = Array.isArray(scripts)
      ? (scripts as Script[]).find((candidate) => candidate.id === id)
      : undefined;
    const table = this.#table();
    if (!script) {
      const own = table[id]?.func;
      if (own) return own;
      throw new Error(`no client function "${id}" is registered`);
    }
    const library =
      script.module_type === "umd" ? this.#global(script.path) : this.#module(script.path);
    const found = ((await library) as Record<string, unknown> | undefined)?.[script.function];
    if (typeof found !== "function")
      throw new Error(`${script.path} has no function ${script.function}`);
    const func = found as ClientFunction;
    table[id] = { func };
    return func;
  }

  #table(): Table {
    const globals = this.#place.window as Record<string, Table | undefined>;
    globals[TABLE] ??= {};
    return globals[TABLE] as Table;
  }

  #global(name: string): unknown {
    return (this.#place.window as Record<string, unknown>)[name];
  }

  async #module(path: string): Promise<unknown> {
    try {
      return await this.#place.importModule(path);
    } catch (error) {
      if (path.startsWith("/") || /^\w+:/.test(path)) throw error;
      return this.#place.importModule(`/${path}`);
    }
  }
}
