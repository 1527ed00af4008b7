import { type Carried, type CommBuffers, carried, isProbe, probe } from "./comm-buffers";
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

interface Content extends Carried {
  jt: "open" | "opened" | "probe" | "frames" | "beat" | "close";
  view: string;
  n?: number;
  /** Of "open": signs of life may be asked for. */
  beats?: boolean;
  /** Of "open": what the kernel sends travels as base64. */
  as_text?: boolean;
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
/** In milliseconds, until a kernel that says nothing is told of and asked again; then twice as long, and so on. */
const SILENCE = 10_000;
const LONGEST_SILENCE = 300_000;
const SILENT =
  "The kernel does not answer. A cell may be running in it, or its messages do not reach this page";
/** In milliseconds: a kernel that has just answered has it sooner, unless a cell began since. */
const PROBE_TIMEOUT = 5000;
const NO_BYTES = "bytes in messages do not reach the kernel, so text is sent instead";

function isContent(content: unknown): content is Content {
  return typeof content === "object" && content !== null && "jt" in content && "view" in content;
}

/** The custom messages of a widget's model (PROTOCOL.md, section 4). */
export class CommTransport implements Transport {
  readonly kind = "comm";
  onopen = nothing;
  onframe: (frame: Uint8Array) => void = nothing;
  onclose: (code: number, reason: string) => void = nothing;
  onwait: (message: string) => void = nothing;
  readonly #model: CommModel;
  readonly #buffers: CommBuffers;
  readonly #view = randomName();
  readonly #listener = (content: unknown, buffers: DataView[]) => this.#receive(content, buffers);
  readonly #changed: (this: Told | undefined) => void;
  #open = false;
  /** The kernel answered. */
  #answered = false;
  #probing = false;
  #sent = 0;
  #received = 0;
  #queue: ArrayBuffer[] = [];
  /** In milliseconds, as of those below; 0 while the kernel does not ask for signs of life. */
  #every = 0;
  #watch = 0;
  #posted = 0;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(model: CommModel, buffers: CommBuffers) {
    this.#model = model;
    this.#buffers = buffers;
    const update = (live: boolean): void => this.#update(live);
    this.#changed = function () {
      update((this?.model ?? this)?.comm_live === true);
    };
  }

  open(): void {
    this.#open = true;
    this.#model.on("msg:custom", this.#listener);
    this.#model.on("comm_live_update", this.#changed);
    queueMicrotask(() => {
      if (!this.#open) return;
      if (this.#buffers.answers) this.#ask(SILENCE);
      else if (this.#post({ jt: "open", beats: true })) this.onopen();
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

  /** A message may be lost on the way to a gateway, so it is sent again; the kernel takes all of them for one. */
  #ask(patience: number): void {
    const as_text = this.#buffers.pass === false || undefined;
    if (!this.#post({ jt: "open", beats: true, ...(as_text && { as_text }) })) return;
    this.#patience = setTimeout(() => {
      this.onwait(SILENT);
      this.#ask(Math.min(2 * patience, LONGEST_SILENCE));
    }, patience);
  }

  #opened(): void {
    if (this.#answered) return;
    this.#answered = true;
    clearTimeout(this.#patience);
    if (this.#buffers.pass === null) {
      this.#probing = true;
      this.#patience = setTimeout(() => this.#probed(false), PROBE_TIMEOUT);
      this.#post({ jt: "probe" }, [probe()]);
    }
    if (this.#open) this.onopen();
  }

  #probed(pass: boolean): void {
    if (!this.#probing) return;
    this.#probing = false;
    clearTimeout(this.#patience);
    this.#buffers.pass = pass;
    if (pass) return;
    this.#post({ jt: "close", code: 1006, reason: NO_BYTES });
    this.#ended(1006, NO_BYTES);
  }

  #flush(): void {
    while (this.#open && this.#queue.length > 0) {
      let [count, size] = [0, 0];
      for (const { byteLength } of this.#queue) {
        if (count > 0 && size + byteLength > MESSAGE_LIMIT) break;
        count += 1;
        size += byteLength;
      }
      const [text, buffers] = this.#buffers.carry(this.#queue.splice(0, count));
      this.#post({ jt: "frames", n: this.#sent++, ...text }, buffers);
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
    else if (content.jt === "opened") this.#opened();
    else if (content.jt === "probe") this.#probed(isProbe(buffers));
    else if (content.jt === "frames") this.#take(content, buffers);
  }

  #take(content: Content, buffers: DataView[]): void {
    if (content.n !== this.#received) {
      this.#broken(`message ${this.#received} was lost, ${content.n} came`);
      return;
    }
    let frames: Uint8Array[];
    try {
      frames = carried(content, buffers);
    } catch {
      this.#broken(`the text of message ${content.n} is no base64`);
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
    for (const frame of frames) {
      if (this.#open) this.onframe(frame);
    }
  }

  #broken(reason: string): void {
    this.#post({ jt: "close", code: 1002, reason });
    this.#ended(1006, reason);
  }

  /** A kernel that answered and is said to be live is the same one: widget managers say it again after a reload. */
  #update(live: boolean): void {
    const heard = this.#answered || this.#received > 0;
    if (!live || !heard) this.#ended(1006, UNREACHED);
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
    clearTimeout(this.#patience);
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
