import type { Component, InjectionKey } from "vue";
import * as vue from "vue";
import { loadClient } from "../../load-client";
import type { Resources } from "../render/place";
import type { Shell } from "../shell/shadow";

/** What a chunk leaves on its script (`ui-chunks/leave.ts`). */
export interface Chunk {
  /** By their names in templates. */
  components: Record<string, Component>;
  css?: string;
}

/** Where apps that use a chunk serve all of them (`jupyter_trame/ui/part.py`). */
const FOLDER = "__jupyter_trame_ui";
/** The member of a chunk's script that its build reads (`vite.config.ts`). */
const VUE = "jupyterTrameVue";
/** Where this very code came from; a `blob:` where the kernel sent it. */
const OWN_SCRIPT = (document.currentScript as HTMLScriptElement | null)?.src ?? "";

/** Each is evaluated once a page; a failure is not kept, so the next view tries again. */
const loaded = new Map<string, Promise<Chunk>>();

/** Components that are too large for the client, for one view. */
export class Chunks {
  readonly #shell: Shell;
  readonly #fetch: Resources["fetchFile"];

  constructor(shell: Shell, fetch: Resources["fetchFile"]) {
    this.#shell = shell;
    this.#fetch = fetch;
  }

  /** The chunk `name`, with its styles in the view. Rejects with a sentence for the user. */
  async load(name: string): Promise<Chunk> {
    let loading = loaded.get(name);
    if (!loading) {
      loading = loadChunk(name, this.#fetch);
      loaded.set(name, loading);
      loading.catch(() => loaded.delete(name));
    }
    const chunk = await loading;
    if (chunk.css) this.#shell.styles.addOwn(chunk.css);
    return chunk;
  }
}

export const CHUNKS: InjectionKey<Chunks> = Symbol("chunks");

/** From beside the client, where browsers keep it for all apps; else from the app, over its own connection. */
async function loadChunk(name: string, fetch: Resources["fetchFile"]): Promise<Chunk> {
  const given = { [VUE]: vue };
  const address = besideClient(name, OWN_SCRIPT);
  if (address) {
    try {
      return await loadClient<Chunk>(address, window, given);
    } catch {
      // A page of the author's own has the client, and nothing beside it.
    }
  }
  const bytes = await fetch(`${FOLDER}/${name}.js`);
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  try {
    return await loadClient<Chunk>(url, window, given);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Null where the client's own address is none that has neighbours. */
export function besideClient(name: string, client: string): string | null {
  if (!/^https?:/.test(client)) return null;
  const address = new URL(`ui/${name}.js`, client);
  // A version in it says for how long a browser keeps the file.
  address.search = new URL(client).search;
  return address.href;
}
