import { InputDialog, showErrorMessage } from "@jupyterlab/apputils";

/** Lets the user pick one of `items` by title; null when there is none to pick or nothing was picked. */
export async function choose<Item extends { title: string }>(
  items: readonly Item[],
  title: string,
  none: string,
): Promise<Item | null> {
  if (items.length === 0) {
    await showErrorMessage(title, none);
    return null;
  }
  const labels = items.map((item, i) => `${i + 1}. ${item.title}`);
  const { value } = await InputDialog.getItem({ title, items: labels });
  return items[labels.indexOf(value ?? "")] ?? null;
}

/** The same of what the server lists: where that is nothing, users hear why. */
export async function chooseListed<Item extends { title: string }>(
  api: { demand(): Promise<void> },
  list: Promise<readonly Item[]>,
  title: string,
  none: string,
): Promise<Item | null> {
  try {
    const items = await list;
    if (items.length === 0) await api.demand();
    return await choose(items, title, none);
  } catch (error) {
    await showErrorMessage(title, error instanceof Error ? error.message : String(error));
    return null;
  }
}
