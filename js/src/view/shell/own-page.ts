import { TITLE_KEY } from "../../protocol/names";
import { describeError, type Report } from "../contract/error-texts";
import type { Trame } from "../contract/trame";

/** Lines that the view has logged itself: it has told the server already. */
const OWN_LINE = "jupyter_trame:";

/** What a view does to a document that belongs to its app alone. */
export function ownPage(trame: Trame, report: Report, title?: string): () => void {
  const stops = [catchErrors(report), forwardConsole(trame), followTitle(trame, title)];
  const leave = () => trame.exited();
  // Later a stock server would not get it any more.
  window.addEventListener("beforeunload", leave);
  return () => {
    window.removeEventListener("beforeunload", leave);
    for (const stop of stops) stop();
  };
}

/** What nobody else catches. */
function catchErrors(report: Report): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  window.addEventListener(
    "error",
    ({ error, message }) => {
      // An observer that is one frame late is the browser's remark, not an error.
      if (!message.startsWith("ResizeObserver loop")) report("the page", error ?? message);
    },
    { signal },
  );
  window.addEventListener("unhandledrejection", ({ reason }) => report("a promise", reason), {
    signal,
  });
  return () => abort.abort();
}

/** The server hears what packages log as an error. */
function forwardConsole(trame: Trame): () => void {
  const original = console.error;
  const forward = (...args: unknown[]) => {
    original.apply(console, args);
    if (!String(args[0]).startsWith(OWN_LINE)) trame.sendError(args.map(describeError).join(" "));
  };
  console.error = forward;
  return () => {
    if (console.error === forward) console.error = original;
  };
}

function followTitle(trame: Trame, title?: string): () => void {
  if (title) document.title = title;
  return trame.state.watch([TITLE_KEY, "trame__favicon"], (name, icon) => {
    if (typeof name === "string" && name) document.title = name;
    const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (link && typeof icon === "string" && icon) link.href = icon;
  });
}
