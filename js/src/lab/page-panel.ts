import type { ServerConnection } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { failure } from "./notice";
import { visitAddress } from "./server-urls";
import type { Visit } from "./tokens";

/** Shows a page of this Jupyter server in a frame, or says why it does not. */
export class PagePanel extends Widget {
  readonly visit: Visit;
  readonly #url: string;

  constructor(visit: Visit, settings: Pick<ServerConnection.ISettings, "baseUrl">) {
    super();
    this.visit = visit;
    this.#url = visitAddress(settings, visit);
    this.addClass("jp-TramePagePanel");
    this.node.tabIndex = -1;
    this.node.style.cssText = "height: 100%; min-height: 0; overflow: hidden";
    this.#load();
  }

  #load(): void {
    const frame = document.createElement("iframe");
    frame.title = this.visit.title;
    frame.style.cssText = "display: block; width: 100%; height: 100%; border: 0";
    frame.addEventListener("load", () => {
      // What a policy keeps out of frames is replaced by a page of the browser, which nobody may look into.
      if (frame.isConnected && !canLookInto(frame)) this.#refused();
    });
    frame.src = this.#url;
    this.node.replaceChildren(frame);
  }

  #refused(): void {
    const reason = "This deployment shows no pages of its own in frames.";
    const open = {
      label: "Open in a browser tab",
      run: () => void window.open(this.#url, "_blank"),
    };
    const again = { label: "Try again", run: () => this.#load() };
    this.node.replaceChildren(failure({ message: reason }, [open, again]));
  }
}

function canLookInto(frame: HTMLIFrameElement): boolean {
  try {
    return frame.contentDocument !== null;
  } catch {
    return false;
  }
}
