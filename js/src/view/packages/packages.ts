/**
 * What is known of packages whose code was not written for a shadow root. A package is named by the folder
 * that it serves, without version: `__trame_vuetify3_3.3.0/vuetify3.js` is of `vuetify3`.
 */
interface Facts {
  /** Its `document` is the root: focus, key listeners, injected styles and lookups by id. */
  scoped?: true;
  /** Why it needs a document of its own, and so a frame. */
  frame?: string;
  /** It styles plain elements itself, so ours leave them alone. */
  styled?: true;
}

const FACTS: Record<string, Facts> = {
  components: { scoped: true },
  datagrid: { frame: "its cell editor finds the cell by the event's target at the document" },
  datagrid2: { frame: "its cell editor finds the cell by the event's target at the document" },
  formkit: { styled: true },
  markdown: { scoped: true },
  matplotlib: { scoped: true },
  plotly: { scoped: true },
  quasar: { scoped: true, styled: true },
  router3: { frame: "the address of the page is its route" },
  vuetify2: { styled: true },
  vuetify3: { scoped: true, styled: true },
  vuetify3_lab: { scoped: true, styled: true },
  vuetify4: { styled: true },
  vuetify4_lab: { styled: true },
};

/** The package that a path belongs to; null for files of the app. */
export function packageOf(path: string): string | null {
  return /(?:^|\/)__trame_(\w+?)(?:_v?\d+(?:\.\d+)+\w*)?\//.exec(path)?.[1] ?? null;
}

function factsOf(path: string): Facts {
  const name = packageOf(path);
  return (name !== null && Object.hasOwn(FACTS, name) ? FACTS[name] : undefined) ?? {};
}

/** Whether a bundle sees the root as its document. */
export function isScoped(path: string): boolean {
  return factsOf(path).scoped ?? false;
}

/** Whether a package has styles for plain elements. */
export function isStyled(path: string): boolean {
  return factsOf(path).styled ?? false;
}

/** The first reason why these scripts cannot share a document; null where they can. */
export function frameReason(paths: readonly string[]): string | null {
  for (const path of paths) {
    const reason = factsOf(path).frame;
    if (reason) return `${packageOf(path)}: ${reason}`;
  }
  return null;
}
