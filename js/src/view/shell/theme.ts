import tokens from "./css/tokens.css?inline";

/** Whether the page around an element is dark, followed live. */
export function watchTheme(element: HTMLElement, changed: (dark: boolean) => void): () => void {
  const { ownerDocument } = element;
  const media = ownerDocument.defaultView?.matchMedia?.("(prefers-color-scheme: dark)") ?? null;
  let dark: boolean | null = null;
  const check = () => {
    const now = isDark(element, media?.matches ?? false);
    if (now === dark) return;
    dark = now;
    changed(now);
  };
  const observer = new MutationObserver(check);
  for (const target of [ownerDocument.documentElement, ownerDocument.body]) {
    observer.observe(target, { attributes: true });
  }
  media?.addEventListener("change", check);
  check();
  return () => {
    observer.disconnect();
    media?.removeEventListener("change", check);
  };
}

const VARIABLES = [...new Set(tokens.match(/--jp-[\w-]+/g))];

/** Gives an element of another document the colours and fonts that our own styles take from the lab. */
export function copyTheme(from: HTMLElement, to: HTMLElement): void {
  const style = getComputedStyle(from);
  for (const name of VARIABLES) to.style.setProperty(name, style.getPropertyValue(name));
}

function isDark(element: HTMLElement, preferred: boolean): boolean {
  const { body, documentElement } = element.ownerDocument;
  const lab = body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false";
  const vscode = body.dataset.vscodeThemeKind;
  if (vscode !== undefined) return !vscode.includes("light");
  const light = backgroundLightness(element);
  if (light !== null) return light < 0.5;
  const declared = documentElement.getAttribute("theme") ?? documentElement.dataset.theme;
  return declared ? declared === "dark" : preferred;
}

/** Lightness 0..1 of the nearest background that is not transparent; null where there is none. */
function backgroundLightness(element: HTMLElement): number | null {
  let current: HTMLElement | null = element;
  while (current) {
    const color = getComputedStyle(current).backgroundColor;
    // A page that mixes its colours, as marimo does, has them as `color(srgb 0.1 0.1 0.1)`.
    const most = color.startsWith("rgb") ? 255 : color.startsWith("color(srgb ") ? 1 : null;
    const numbers = color.match(/[\d.]+(?:e-?\d+)?/g) ?? [];
    const [red = 0, green = 0, blue = 0, alpha = 1] = numbers.map(Number);
    if (most && alpha > 0.5) return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / most;
    current = current.parentElement;
  }
  return null;
}
