/**
 * Follows the theme of the lab around this page, where it is in a frame of one, and has its ground; otherwise style
 * sheets ask what the user prefers.
 */
export function followTheme(page: HTMLElement, around: Window = window.parent): void {
  const body = labBody(around);
  if (!body) return;
  const follow = () => {
    const light = body.dataset.jpThemeLight;
    if (light === undefined) delete page.dataset.theme;
    else page.dataset.theme = light === "false" ? "dark" : "light";
    const ground = getComputedStyle(body).getPropertyValue("--jp-layout-color0");
    page.style.setProperty("--bg", light === undefined ? "" : ground);
  };
  new MutationObserver(follow).observe(body, { attributeFilter: ["data-jp-theme-light"] });
  follow();
}

/** The page around may be somebody else's, which may not be looked at. */
function labBody(around: Window): HTMLElement | null {
  try {
    return around === window ? null : around.document.body;
  } catch {
    return null;
  }
}
