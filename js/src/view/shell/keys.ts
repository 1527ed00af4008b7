const KEYS = ["keydown", "keyup", "keypress"] as const;
/** Events on which a notebook acts; pointer events are not among them: sliders and plots need
 * those on the window. */
const PRIVATE = ["contextmenu", "copy", "cut", "paste", "dragstart"] as const;

/**
 * What is typed in the app stays there: the notebook does not see it. Widgets that listen on
 * the window still do, through a copy of the event.
 */
export function keepKeys(host: HTMLElement): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  for (const type of KEYS) host.addEventListener(type, forward, { signal });
  for (const type of PRIVATE) {
    host.addEventListener(type, (event) => event.stopPropagation(), { signal });
  }
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  return () => {
    abort.abort();
    host.removeAttribute("data-lm-suppress-shortcuts");
  };
}

function forward(event: KeyboardEvent): void {
  event.stopPropagation();
  const { key, code, keyCode, shiftKey, ctrlKey, altKey, metaKey, repeat } = event;
  const modifiers = { shiftKey, ctrlKey, altKey, metaKey, repeat };
  const copy = new KeyboardEvent(event.type, {
    key,
    code,
    keyCode,
    ...modifiers,
    cancelable: true,
  });
  window.dispatchEvent(copy);
  if (copy.defaultPrevented) event.preventDefault();
}
