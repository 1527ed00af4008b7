/** A publication of `viewport.image.push.subscription`. */
export interface ImageMessage {
  id: string | number;
  image: Uint8Array;
  format: string;
  size: [width: number, height: number];
  memsize: number;
  workTime: number;
}

export interface ImageEvent {
  url: string;
  fps: number;
  /** Decoded, unless the stream was told not to. */
  image: HTMLImageElement;
  metadata: { size: [number, number]; id: string | number; memory: number; workTime: number };
}

export interface FrameOptions {
  decodeImage: boolean;
  /** How many of the last pictures the rate is counted over. */
  fpsWindowSize: number;
}

type Listener = (event: ImageEvent) => void;

/** The pictures of one view, in order: one that is overtaken while it is decoded is left out. */
export class Frames {
  readonly #options: FrameOptions;
  readonly #listeners = new Set<Listener>();
  /** The picture on screen and the one before: who shows it may still be reading that. */
  readonly #urls: string[] = [];
  #times: number[] = [];
  #received = 0;
  #shown = 0;
  #last: ImageEvent | null = null;

  constructor(options: FrameOptions) {
    this.#options = options;
  }

  get last(): ImageEvent | null {
    return this.#last;
  }

  /** Pictures a second. */
  get fps(): number {
    const [first = 0] = this.#times;
    const elapsed = (this.#times.at(-1) ?? 0) - first;
    return elapsed > 0 ? ((this.#times.length - 1) * 1000) / elapsed : 0;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async take(message: ImageMessage): Promise<void> {
    const number = ++this.#received;
    const blob = new Blob([message.image as BlobPart], { type: `image/${message.format}` });
    const url = URL.createObjectURL(blob);
    const image = new Image();
    image.src = url;
    const isGood = !this.#options.decodeImage || (await isDecoded(image));
    if (!isGood || number < this.#shown) {
      URL.revokeObjectURL(url);
      return;
    }
    this.#shown = number;
    this.#keep(url);
    this.#count(performance.now());
    const { id, size, memsize, workTime } = message;
    this.#last = { url, image, fps: this.fps, metadata: { size, id, memory: memsize, workTime } };
    for (const listener of [...this.#listeners]) listener(this.#last);
  }

  dispose(): void {
    // What is still being decoded is not shown any more.
    this.#shown = Number.POSITIVE_INFINITY;
    this.#listeners.clear();
    this.#last = null;
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  #keep(url: string): void {
    this.#urls.push(url);
    if (this.#urls.length > 2) URL.revokeObjectURL(this.#urls.shift() as string);
  }

  #count(now: number): void {
    this.#times.push(now);
    this.#times = this.#times.slice(-Math.max(this.#options.fpsWindowSize, 2));
  }
}

async function isDecoded(image: HTMLImageElement): Promise<boolean> {
  try {
    await image.decode();
    return true;
  } catch {
    return false;
  }
}
