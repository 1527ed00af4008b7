const PREFIX = "jupyter-trame:height:";
const GIVE_UP = 2000;

/**
 * Holds the last known height while the app is not drawn yet, so that the notebook does not jump.
 * The height itself follows the content.
 */
export function holdHeight(element: HTMLElement, id: string): { release(): void; stop(): void } {
  const key = PREFIX + id;
  const known = read(key);
  let held = known > 0;
  let drawn = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  if (held) element.style.minHeight = `${known}px`;
  const release = () => {
    held = false;
    clearTimeout(timer);
    element.style.removeProperty("min-height");
  };
  const observer = new ResizeObserver(() => {
    const height = contentHeight(element);
    if (held && drawn && height >= known) release();
    if (!held && drawn && height > 0) write(key, height);
  });
  observer.observe(element);
  for (const child of element.children) observer.observe(child);
  return {
    /** The app is drawn; what it loads later (pictures) may still take up to the known height. */
    release() {
      drawn = true;
      if (!held) return;
      if (contentHeight(element) >= known) release();
      else timer ??= setTimeout(release, GIVE_UP);
    },
    stop() {
      clearTimeout(timer);
      observer.disconnect();
    },
  };
}

function contentHeight(element: HTMLElement): number {
  if (!element.style.minHeight) return Math.round(element.getBoundingClientRect().height);
  const last = element.lastElementChild;
  if (!last) return 0;
  return Math.round(last.getBoundingClientRect().bottom - element.getBoundingClientRect().top);
}

/** A page may forbid its storage; then the height is just not known. */
function read(key: string): number {
  try {
    return Number(sessionStorage.getItem(key)) || 0;
  } catch {
    return 0;
  }
}

function write(key: string, height: number): void {
  try {
    sessionStorage.setItem(key, String(height));
  } catch {
    return;
  }
}
