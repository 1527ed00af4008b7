import { watchEffect } from "vue";
import { el } from "../../element";
import type { Upload } from "../state/uploads";

/** A short upload is no news. */
const DELAY = 250;

interface Row {
  element: HTMLElement;
  percent: HTMLElement;
}

/** Shows the files that are on their way: a bar along the upper edge, and a line for each with a way to stop it. */
export class UploadMark {
  readonly #bar = el("div", {
    class: "jt-upload-bar",
    role: "progressbar",
    "aria-label": "Upload",
  });
  readonly #list = el("div", { class: "jt-uploads" });
  readonly #rows = new Map<Upload, Row>();
  readonly #stop: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(layer: HTMLElement, uploads: readonly Upload[]) {
    this.#bar.hidden = this.#list.hidden = true;
    layer.append(this.#bar, this.#list);
    this.#stop = watchEffect(() => this.#show(uploads), { flush: "post" });
  }

  dispose(): void {
    this.#stop();
    clearTimeout(this.#timer);
  }

  #show(uploads: readonly Upload[]): void {
    for (const [upload, { element }] of this.#rows) {
      if (uploads.includes(upload)) continue;
      element.remove();
      this.#rows.delete(upload);
    }
    let [sent, size] = [0, 0];
    for (const upload of uploads) {
      sent += upload.sent;
      size += upload.size;
      const row = this.#rows.get(upload) ?? this.#add(upload);
      row.percent.textContent = `${percent(upload.sent, upload.size)} %`;
    }
    this.#bar.style.setProperty("--jt-part", String(size > 0 ? sent / size : 0));
    this.#bar.setAttribute("aria-valuenow", String(percent(sent, size)));
    if (uploads.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#bar.hidden = this.#list.hidden = true;
    } else {
      this.#timer ??= setTimeout(() => {
        this.#bar.hidden = this.#list.hidden = false;
      }, DELAY);
    }
  }

  #add(upload: Upload): Row {
    const label = `Cancel the upload of ${upload.name}`;
    const cancel = el(
      "button",
      { class: "jt-upload-cancel", type: "button", title: "Cancel", "aria-label": label },
      "×",
    );
    cancel.addEventListener("click", () => upload.cancel());
    const name = el("span", { class: "jt-upload-name" }, upload.name);
    const part = el("span", { class: "jt-upload-part" });
    const element = el("div", { class: "jt-upload" }, name, part, cancel);
    this.#list.append(element);
    const row = { element, percent: part };
    this.#rows.set(upload, row);
    return row;
  }
}

function percent(sent: number, size: number): number {
  return size > 0 ? Math.floor((100 * sent) / size) : 0;
}
