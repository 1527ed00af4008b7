import { type ShallowRef, shallowRef } from "vue";
import { isActive } from "../guard/addresses";
import { mediaUrl, objectUrl, revokeUrl } from "../guard/media";
import {
  isFollowed,
  isRelative,
  type Locate,
  replaceCandidates,
  replaceCssAddresses,
} from "../render/address-attributes";
import type { Fetcher } from "./fetcher";

/** Bytes that are kept for elements; what was asked for longest ago is given up first. */
const LIMIT = 64 << 20;
/** Draws nothing and asks for nothing. */
const NOTHING = "data:,";
const OPENED = 60_000;

interface File {
  readonly url: ShallowRef<string | undefined>;
  size: number;
}

/** Addresses of the app's files, for elements that are not on a page of the app. */
export class AppFiles {
  readonly #fetcher: Fetcher;
  readonly #limit: number;
  /** Those that came as messages, the last asked for at the end. */
  readonly #files = new Map<string, File>();
  #size = 0;

  constructor(fetcher: Fetcher, limit: number = LIMIT) {
    this.#fetcher = fetcher;
    this.#limit = limit;
  }

  readonly locate: Locate = (tag, name, value) => {
    if (name === "style") return this.#styles(value);
    if (typeof value !== "string") return mediaUrl(value);
    if (name === "srcset") return replaceCandidates(value, (one) => this.#address(one));
    if (isFollowed(tag, name) && this.#fetcher.address(value) === null) return value;
    return this.#address(value);
  };

  /** Opens links to files that have no address. The function ends it. */
  followLinks(area: EventTarget): () => void {
    const follow = (event: Event) => {
      const link = event.composedPath().find((node) => isLinkElement(node));
      const path = (link as Element | undefined)?.getAttribute("href");
      if (!path || event.defaultPrevented || !isRelative(path)) return;
      if (this.#fetcher.address(path) !== null) return;
      event.preventDefault();
      void this.#open(path, (link as Element).getAttribute("download"));
    };
    area.addEventListener("click", follow);
    return () => area.removeEventListener("click", follow);
  }

  dispose(): void {
    for (const { url } of this.#files.values()) revoke(url.value);
    this.#files.clear();
  }

  #styles(value: unknown): unknown {
    if (typeof value === "string") {
      if (!value.includes("url(")) return value;
      return replaceCssAddresses(value, (one) => this.#address(one) ?? NOTHING);
    }
    if (Array.isArray(value)) return value.map((item) => this.#styles(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#styles(item)]),
    );
  }

  #address(path: string): string | undefined {
    if (!isRelative(path)) return path;
    return this.#fetcher.address(path) ?? this.#received(path);
  }

  /** Undefined until the file is here, and for one that cannot be had. */
  #received(path: string): string | undefined {
    const [, name = "", fragment = ""] = /^([^?#]*)[^#]*(#.*)?$/.exec(path) ?? [];
    const known = this.#files.get(name);
    const file = known ?? { url: shallowRef<string>(), size: 0 };
    this.#files.delete(name);
    this.#files.set(name, file);
    if (!known) void this.#fetch(name, file);
    const url = file.url.value;
    return url && url + fragment;
  }

  async #fetch(name: string, file: File): Promise<void> {
    try {
      const asset = await this.#fetcher.fetch(decodeURI(name));
      if (this.#files.get(name) !== file) return;
      file.size = asset.bytes.byteLength;
      this.#size += file.size;
      this.#makeRoom(name);
      file.url.value = objectUrl(asset.bytes, asset.type);
    } catch (error) {
      console.warn(`jupyter_trame: ${error instanceof Error ? error.message : error}`);
    }
  }

  #makeRoom(kept: string): void {
    for (const [name, { url, size }] of this.#files) {
      if (this.#size <= this.#limit) return;
      if (name === kept || url.value === undefined) continue;
      this.#files.delete(name);
      this.#size -= size;
      revoke(url.value);
    }
  }

  async #open(path: string, download: string | null): Promise<void> {
    const [name = ""] = path.split(/[?#]/);
    const link = document.createElement("a");
    let shown = false;
    try {
      const { bytes, type } = await this.#fetcher.fetch(decodeURI(name));
      link.href = objectUrl(bytes, type);
      // A page at such an address is one of the notebook's origin.
      shown = !isActive(type);
    } catch (error) {
      console.error(`jupyter_trame: ${error instanceof Error ? error.message : error}`);
      return;
    }
    if (download === null && shown) link.target = "_blank";
    else link.download = download || (name.split("/").at(-1) ?? "");
    link.click();
    // The new page reads the address after the click returned.
    setTimeout(() => revoke(link.href), OPENED);
  }
}

function isLinkElement(node: EventTarget): boolean {
  return node instanceof Element && isFollowed(node.localName, "href");
}

function revoke(url: string | undefined): void {
  if (url) revokeUrl(url);
}
