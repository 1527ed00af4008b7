export interface Action {
  label: string;
  run(): void;
}

/** A progress mark with a sentence of what is being waited for. */
export function progress(message: string): HTMLElement {
  const box = centred();
  const spinner = document.createElement("div");
  spinner.className = "jp-SpinnerContent";
  spinner.setAttribute("aria-hidden", "true");
  spinner.style.position = "static";
  spinner.style.margin = "0";
  box.append(spinner, paragraph(message));
  box.setAttribute("role", "status");
  return box;
}

/** A sentence of what is wrong, its details folded away, and what can be done. */
export function failure(message: string, trace: string, actions: readonly Action[]): HTMLElement {
  const box = centred();
  box.setAttribute("role", "alert");
  box.append(paragraph(message));
  if (trace) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const text = document.createElement("pre");
    summary.textContent = "Details";
    text.textContent = trace;
    text.style.cssText = "max-height: 50vh; overflow: auto; text-align: left; user-select: text";
    details.append(summary, text);
    details.style.maxWidth = "100%";
    box.append(details);
  }
  const buttons = document.createElement("div");
  buttons.style.cssText = "display: flex; gap: 8px";
  buttons.append(...actions.map(button));
  box.append(buttons);
  return box;
}

function centred(): HTMLElement {
  const box = document.createElement("div");
  box.style.cssText =
    "display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 12px; " +
    "height: 100%; box-sizing: border-box; padding: 16px; overflow: auto; " +
    "color: var(--jp-ui-font-color1); font: var(--jp-ui-font-size1) var(--jp-ui-font-family)";
  return box;
}

function paragraph(message: string): HTMLElement {
  const text = document.createElement("div");
  text.textContent = message;
  text.style.cssText = "max-width: 60ch; text-align: center; user-select: text";
  return text;
}

function button({ label, run }: Action): HTMLElement {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = label;
  node.className = "jp-Button jp-mod-styled jp-mod-accept";
  node.addEventListener("click", run);
  return node;
}
