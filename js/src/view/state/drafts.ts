import { toRaw } from "vue";
import { RAW } from "../guard/vue-private";
import {
  copyOf,
  type Holder,
  holdersIn,
  isHolder,
  setMember,
  wayTo,
  withoutProxies,
} from "./holders";

export interface DraftHost {
  /** The raw values, by key. */
  readonly state: Record<string, unknown>;
  /** The value of a key is another one now, in which something differs. */
  changed(key: string, value: unknown): void;
}

/** A list or map of the state as those see it who may change it. */
interface Draft {
  raw: Holder;
  readonly proxy: Holder;
  /** What it was reached through, or put into. */
  readonly parents: Set<Draft>;
}

/** Those that change nothing: without lists or maps in a list, they may run over it as it is. */
const READING = new Set<PropertyKey>([
  ..."at,concat,every,filter,find,findIndex,findLast,findLastIndex,flat,forEach,join,map".split(
    ",",
  ),
  ..."reduce,reduceRight,slice,some,toReversed,toSorted,toSpliced,with".split(","),
  ..."entries,keys,values".split(","),
  Symbol.iterator,
]);
const SEARCHING = new Set<PropertyKey>(["includes", "indexOf", "lastIndexOf"]);
const NOTHING = new Set<object>();

/**
 * Writes into lists and maps of a state. Values are never changed where they are: a write copies what leads to it, so
 * everything that was given a part of the old value sees another one.
 *
 * A list or map looks the same from wherever it is reached, and is changed in all of these places.
 */
export class Drafts {
  readonly #host: DraftHost;
  /** By all that they ever stood for. */
  readonly #drafts = new WeakMap<object, Draft>();
  /** Copies that nobody else has seen yet. */
  #fresh = new WeakSet<object>();
  /** What is in the values of keys. */
  readonly #members = new WeakMap<object, Set<object>>();
  #used = false;
  #told = false;

  constructor(host: DraftHost) {
    this.#host = host;
  }

  /** The value of a key, to be read and changed. */
  of(key: string): unknown {
    const value = this.#host.state[key];
    return isHolder(value) ? this.#draft(value, null).proxy : value;
  }

  /**
   * The same for a list or map from anywhere in the state, and any other value as it is. `hint` is text with names of
   * keys that it may be found in.
   */
  own = (value: unknown, hint = ""): unknown => {
    if (!isHolder(value) || toRaw(value) !== value) return value;
    const known = this.#drafts.get(value);
    if (known) return known.proxy;
    return this.#keyOf(value, hint) === null ? value : this.#draft(value, null).proxy;
  };

  /** A value as it may be put into the state. */
  clean(value: unknown): unknown {
    return this.#used ? withoutProxies(value) : toRaw(value);
  }

  /** The values of now have been seen: the next write copies again. */
  seen(): void {
    this.#fresh = new WeakSet();
  }

  /** The server gave another value: who holds the old one writes into the new one, and so with maps in it. */
  follow(old: unknown, value: unknown): void {
    if (!this.#used || !isHolder(old) || !isHolder(value)) return;
    const draft = this.#drafts.get(old);
    if (!draft || draft.raw !== old || Array.isArray(old) !== Array.isArray(value)) return;
    draft.raw = value;
    this.#drafts.set(value, draft);
    // What stands at a place of a list may be another one now.
    if (Array.isArray(old)) return;
    for (const [name, member] of Object.entries(old)) this.follow(member, value[name]);
  }

  #draft(raw: Holder, parent: Draft | null): Draft {
    const known = this.#drafts.get(raw);
    if (parent) known?.parents.add(parent);
    if (known) return known;
    this.#used = true;
    // A target of its own: a frozen value forbids its proxy to show another one.
    const target = (Array.isArray(raw) ? [] : Object.create(Object.getPrototypeOf(raw))) as Holder;
    const handler = this.#handler(() => draft);
    const parents = new Set(parent ? [parent] : []);
    const draft: Draft = { raw, proxy: new Proxy(target, handler), parents };
    this.#drafts.set(raw, draft);
    return draft;
  }

  #handler(draftOf: () => Draft): ProxyHandler<Holder> {
    const set = (name: PropertyKey, value: unknown): boolean => {
      this.#set(draftOf(), name, value);
      return true;
    };
    return {
      get: (_, name) => this.#get(draftOf(), name),
      set: (_, name, value) => set(name, value),
      defineProperty: (_, name, { value }) => set(name, value),
      has: (_, name) => Reflect.has(draftOf().raw, name),
      ownKeys: () => Reflect.ownKeys(draftOf().raw),
      deleteProperty: (_, name) => {
        const draft = draftOf();
        if (!Object.hasOwn(draft.raw, name)) return true;
        return Reflect.deleteProperty(this.#writable(draft), name);
      },
      getOwnPropertyDescriptor: (target, name) => {
        const draft = draftOf();
        const found = Reflect.getOwnPropertyDescriptor(draft.raw, name);
        if (!found) return undefined;
        const configurable = !Object.hasOwn(target, name);
        const { enumerable = true } = found;
        return { value: this.#get(draft, name), writable: true, enumerable, configurable };
      },
    };
  }

  #get(draft: Draft, name: PropertyKey): unknown {
    const { raw } = draft;
    if (name === RAW) return raw;
    const value = raw[name];
    if (isHolder(value)) return this.#draft(value, draft).proxy;
    if (typeof value !== "function" || !Array.isArray(raw)) return value;
    if (SEARCHING.has(name)) {
      return (wanted: unknown, ...rest: unknown[]) => value.call(raw, toRaw(wanted), ...rest);
    }
    return READING.has(name) && !raw.some(isHolder) ? value.bind(raw) : value;
  }

  #set(draft: Draft, name: PropertyKey, value: unknown): void {
    const clean = withoutProxies(value);
    const { raw } = draft;
    if (isHolder(clean)) this.#drafts.get(clean)?.parents.add(draft);
    if (Object.hasOwn(raw, name) && Object.is(raw[name], clean)) return;
    setMember(this.#writable(draft), name, clean);
  }

  /** What may be changed: a copy in all places of the old one, unless it is one of this turn or in no place. */
  #writable(draft: Draft): Holder {
    const { raw } = draft;
    if (this.#fresh.has(raw)) return raw;
    const { state } = this.#host;
    const keys = Object.keys(state).filter((key) => state[key] === raw);
    const parents = this.#parentsOf(draft, keys.length > 0);
    if (keys.length === 0 && parents.length === 0) {
      this.#tell();
      return raw;
    }
    const copy = copyOf(raw);
    draft.raw = copy;
    this.#drafts.set(copy, draft);
    this.#fresh.add(copy);
    for (const key of keys) this.#host.changed(key, copy);
    for (const parent of parents) replaceMember(this.#writable(parent), raw, copy);
    return copy;
  }

  /** The drafts that hold it; they are looked for in the state where none is known. */
  #parentsOf({ raw, parents }: Draft, isFound: boolean): Draft[] {
    for (const parent of parents) {
      if (!holds(parent.raw, raw)) parents.delete(parent);
    }
    if (isFound || parents.size > 0) return [...parents];
    const key = this.#keyOf(raw, "");
    let parent: Draft | null = null;
    for (const holder of (key !== null && wayTo(this.#host.state[key], raw)) || []) {
      parent = this.#draft(holder, parent);
    }
    return [...parents];
  }

  #keyOf(value: object, hint: string): string | null {
    const { state } = this.#host;
    const keys = Object.keys(state);
    const named = keys.filter((key) => hint.includes(key));
    return [...named, ...keys].find((key) => this.#membersOf(state[key]).has(value)) ?? null;
  }

  #membersOf(value: unknown): Set<object> {
    if (!isHolder(value)) return NOTHING;
    let members = this.#members.get(value);
    if (!members) {
      members = holdersIn(value);
      this.#members.set(value, members);
    }
    return members;
  }

  #tell(): void {
    if (!this.#told) {
      console.warn(
        "jupyter_trame: a part of a value was changed that is not in the state any more",
      );
    }
    this.#told = true;
  }
}

function holds(holder: Holder, member: object): boolean {
  return Array.isArray(holder) ? holder.includes(member) : Object.values(holder).includes(member);
}

function replaceMember(holder: Holder, old: object, member: object): void {
  if (Array.isArray(holder)) {
    for (let at = holder.indexOf(old); at >= 0; at = holder.indexOf(old, at + 1)) {
      holder[at] = member;
    }
    return;
  }
  for (const [name, value] of Object.entries(holder)) {
    if (value === old) setMember(holder, name, member);
  }
}
