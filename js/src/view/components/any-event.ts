/**
 * Calls the listeners of a topic that no component can declare, since the app's author names it. They arrive as
 * attributes: the component needs `inheritAttrs: false`.
 */
export function emitAny(attrs: Record<string, unknown>, topic: string, event?: unknown): void {
  const name = `on${topic.charAt(0).toUpperCase()}${topic.slice(1)}`;
  for (const listener of [attrs[name] ?? attrs[camel(name)]].flat()) {
    if (typeof listener === "function") listener(event);
  }
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
