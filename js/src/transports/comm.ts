import { randomName } from "./random-name";
import { nothing, type Transport } from "./transport";

/** As which Backbone calls a listener: the model, or its view where anywidget passed the model to a view. */
interface Told {
  comm_live?: boolean;
  model?: { comm_live?: boolean };
}

/** What is needed of an anywidget model. */
export interface CommModel {
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[] | ArrayBufferView[]): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  on(event: "comm_live_update", listener: (this: Told | undefined) => void): void;
  off(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: "comm_live_update", listener: (this: Told | undefined) => void): void;
}

interface Content {
  jt: "open" | "frames" | "beat" | "close";
  view: string;
  n?: number;
  /** Of "open": signs of life may be asked for. */
  beats?: boolean;
  /** Of the first frames from a kernel that asks for them: every so many seconds, for so many after the last frames. */
  beat?: [number, number];
  code?: number;
  reason?: string;
}

/** Bytes in one custom message; jupyter-server's own sockets take 10 MiB. */
const MESSAGE_LIMIT = 4 << 20;
/** Between two signs of life, in milliseconds; browsers' timers count no further than 24 days. */
const LONGEST = 86_400_000;
const UNREACHED = "the kernel was restarted or not reached";

function isContent(content: unknown): content is Content {
  return typeof content === "object" && content !== null && "jt" in content && "view" in content;
}

/** The custom messages of a widget's model (PROTOCOL.md, section 4). */
export class CommTransport implements Transport {
  readonly kind = "comm";
  onopen = nothing;
  onframe: (frame: Uint8Array) => void = nothing;
  onclose: (code: number, reason: string) => void = nothing;
  readonly #model: CommModel;
  readonly #view = randomName();
  readonly #listener = (content: unknown, buffers: DataView[]) => this.#receive(content, buffers);
  readonly #changed: (this: Told | undefined) => void;
  #open = false;
  #sent = 0;
  #received = 0;
  #queue: ArrayBuffer[] = [];
  /** In milliseconds, as of those below; 0 while the kernel does not ask for signs of life. */
  #every = 0;
  #watch = 0;
  #posted = 0;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(model: CommModel) {
    this.#model = model;
    const update = (live: boolean): void => this.#update(live);
    this.#changed = function () {
      update((this?.model ?? this)?.comm_live === true);
    };
  }

  open(): void {
    this.#open = true;
    this.#model.on("msg:custom", this.#listener);
    this.#model.on("comm_live_update", this.#changed);
    // A model reports nothing when its kernel takes the message, so the connection counts as open at once.
    queueMicrotask(() => {
      if (this.#open && this.#post({ jt: "open", beats: true })) this.onopen();
    });
  }

  /** Frames of one event-loop turn leave in one message: each costs the kernel a dozen of its own. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.#open) return;
    const { buffer, byteLength } = frame;
    // Jupyter's serialiser sends the whole buffer of a view.
    this.#queue.push(buffer.byteLength === byteLength ? buffer : frame.slice().buffer);
    if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
  }

  close(code = 1000, reason = ""): void {
    if (!this.#open) return;
    this.#flush();
    this.#post({ jt: "close", code, reason });
    this.#stop();
  }

  /** Who is not known any more is told so, and connects again. */
  woke(): void {
    const overdue = this.#every > 0 && Date.now() - this.#posted >= this.#every;
    if (this.#open && overdue) this.#post({ jt: "beat" });
  }

  #flush(): void {
    while (this.#open && this.#queue.length > 0) {
      let [count, size] = [0, 0];
      for (const { byteLength } of this.#queue) {
        if (count > 0 && size + byteLength > MESSAGE_LIMIT) break;
        count += 1;
        size += byteLength;
      }
      const buffers = this.#queue.splice(0, count);
      this.#post({ jt: "frames", n: this.#sent++ }, buffers);
    }
  }

  #post(content: Omit<Content, "view">, buffers: ArrayBuffer[] = []): boolean {
    try {
      this.#model.send({ ...content, view: this.#view }, undefined, buffers);
      this.#posted = Date.now();
      this.#wind();
      return true;
    } catch (error) {
      // A model whose kernel is another one by now cannot even open: hosts say that in words of their own.
      const reason = error instanceof Error ? error.message : String(error);
      this.#ended(1006, content.jt === "open" ? UNREACHED : reason);
      return false;
    }
  }

  #receive(content: unknown, buffers: DataView[]): void {
    if (!isContent(content) || content.view !== this.#view) return;
    if (content.jt === "close") this.#ended(content.code ?? 1005, content.reason ?? "");
    if (content.jt !== "frames") return;
    if (content.n !== this.#received) {
      const reason = `message ${this.#received} was lost, ${content.n} came`;
      this.#post({ jt: "close", code: 1002, reason });
      this.#ended(1006, reason);
      return;
    }
    this.#received += 1;
    const rare = Date.now() - this.#heard >= this.#watch;
    this.#heard = Date.now();
    if (content.beat) {
      const [every, watch] = content.beat;
      this.#every = every * 1000;
      this.#watch = watch * 1000;
    }
    if (rare) this.#wind();
    for (const { buffer, byteOffset, byteLength } of buffers) {
      if (this.#open) this.onframe(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }

  /** A kernel that answered and is said to be live is the same one: widget managers say it again after a reload. */
  #update(live: boolean): void {
    if (!live || this.#received === 0) this.#ended(1006, UNREACHED);
  }

  /** Sets the timer of the next beat. */
  #wind(): void {
    clearTimeout(this.#timer);
    if (this.#every === 0 || !this.#open) return;
    const quiet = Date.now() - this.#heard;
    const pause = quiet < this.#watch ? this.#every : Math.min(quiet, LONGEST);
    this.#timer = setTimeout(() => this.#post({ jt: "beat" }), pause);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#open = false;
    this.#queue = [];
    this.#model.off("msg:custom", this.#listener);
    this.#model.off("comm_live_update", this.#changed);
  }

  #ended(code: number, reason: string): void {
    if (!this.#open) return;
    this.#stop();
    this.onclose(code, reason);
  }
}
