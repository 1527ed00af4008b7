export interface Action {
  label: string;
  /** Whether it ends something, and looks so. */
  isRefusal?: boolean;
  run(): void;
}

/** What is wrong, as users are to read it. */
export interface Problem {
  message: string;
  /** Shown when it is asked for. */
  trace?: string | undefined;
  /** A command that mends it. */
  install?: string | undefined;
}

/** A progress mark with a sentence of what is being waited for, and what can be done meanwhile. */
export function progress(message: string, actions: readonly Action[] = []): HTMLElement {
  const box = centred();
  const spinner = document.createElement("div");
  spinner.className = "jp-SpinnerContent";
  spinner.setAttribute("aria-hidden", "true");
  spinner.style.position = "static";
  spinner.style.margin = "0";
  const status = paragraph(message);
  status.setAttribute("role", "status");
  box.append(spinner, status, buttons(actions));
  return box;
}

/** A sentence of what is wrong, the command that mends it, its details folded away, and what can be done. */
export function failure(problem: Problem, actions: readonly Action[]): HTMLElement {
  const box = centred();
  box.setAttribute("role", "alert");
  box.append(paragraph(problem.message));
  if (problem.install) box.append(command(problem.install));
  if (problem.trace) box.append(details(problem.trace));
  box.append(buttons(actions));
  return box;
}

/** A line that is typed into a terminal; a click selects all of it. */
export function command(line: string): HTMLElement {
  const code = document.createElement("code");
  code.textContent = line;
  code.style.cssText =
    "padding: 4px 8px; background: var(--jp-layout-color2); border-radius: 3px; user-select: all; " +
    "overflow-wrap: anywhere; font: var(--jp-code-font-size) var(--jp-code-font-family)";
  return code;
}

function details(trace: string): HTMLElement {
  const box = document.createElement("details");
  const summary = document.createElement("summary");
  const text = document.createElement("pre");
  summary.textContent = "Details";
  text.textContent = trace;
  text.style.cssText = "max-height: 50vh; overflow: auto; text-align: left; user-select: text";
  box.append(summary, text);
  box.style.maxWidth = "100%";
  return box;
}

function buttons(actions: readonly Action[]): HTMLElement {
  const row = document.createElement("div");
  row.style.cssText = "display: flex; flex-wrap: wrap; justify-content: center; gap: 8px";
  row.append(...actions.map(button));
  return row;
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

function button({ label, isRefusal, run }: Action): HTMLElement {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = label;
  node.className = `jp-Button jp-mod-styled ${isRefusal ? "jp-mod-reject" : "jp-mod-accept"}`;
  node.addEventListener("click", run);
  return node;
}
