import type { ILauncher } from "@jupyterlab/launcher";
import type { IDisposable } from "@lumino/disposable";
import type { Api } from "./api";
import type { AppInfo, TemplateInfo } from "./models";
import { CATEGORY, Command } from "./tokens";

type Card = ILauncher.IItemOptions;

/** Where the cards of a kind begin in their section. */
const RANKS = { apps: 0, files: 1000, templates: 2000 };
/** Templates that have a card: the others are picked by the palette. */
const TEMPLATES = new Set(["notebook", "app"]);
const FILE = /\.trame\.py$/;

/** Adds what it is given, and takes it away when that changes. */
class ItemSet<Item> {
  readonly #add: (item: Item) => IDisposable;
  #items: IDisposable[] = [];
  #shown = "[]";

  constructor(add: (item: Item) => IDisposable) {
    this.#add = add;
  }

  /** Items that are the same stay: a launcher draws anew for each that comes or goes. */
  show(items: readonly Item[]): void {
    const shown = JSON.stringify(items);
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const item of this.#items) item.dispose();
    this.#items = items.map(this.#add);
  }
}

/** An entry of the palette. */
export interface Entry {
  command: string;
  category: string;
  args: NonNullable<Card["args"]>;
}

export interface CardOptions {
  api: Pick<Api, "apps" | "templates">;
  /** Runs the file of its argument `path` without a question. */
  runCommand: string;
  addCard(card: Card): IDisposable;
  addEntry(entry: Entry): IDisposable;
}

/** Keeps the launcher's section, and the palette's entries for apps, those of what there is. */
export class LauncherCards {
  readonly #api: Pick<Api, "apps" | "templates">;
  readonly #runCommand: string;
  readonly #apps: ItemSet<Card>;
  readonly #files: ItemSet<Card>;
  readonly #templates: ItemSet<Card>;
  readonly #entries: ItemSet<Entry>;
  #asking: Promise<void> | undefined;

  constructor({ api, runCommand, addCard, addEntry }: CardOptions) {
    this.#api = api;
    this.#runCommand = runCommand;
    this.#apps = new ItemSet(addCard);
    this.#files = new ItemSet(addCard);
    this.#templates = new ItemSet(addCard);
    this.#entries = new ItemSet(addEntry);
  }

  /** Asks which apps and templates there are, unless that is being asked. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Shows the apps among the files of the folder that the user looks at. */
  showFiles(paths: readonly string[]): void {
    const apps = paths.filter((path) => FILE.test(path)).sort();
    this.#files.show(apps.map((path, index) => fileCard(this.#runCommand, path, index)));
  }

  async #ask(): Promise<void> {
    try {
      const [apps, templates] = await Promise.all([this.#api.apps(), this.#api.templates()]);
      this.#apps.show(apps.map(appCard));
      this.#templates.show(templates.filter(({ name }) => TEMPLATES.has(name)).map(templateCard));
      this.#entries.show(apps.map(appEntry));
    } catch (error) {
      console.warn("jupyter-trame: no launcher cards", error);
    }
  }
}

function appCard(app: AppInfo, index: number): Card {
  const { icon } = app;
  return {
    command: Command.launch,
    args: { ...appArguments(app), ...(isSvg(icon) && { icon }) },
    category: CATEGORY,
    rank: RANKS.apps + index,
    ...(icon && !isSvg(icon) ? { kernelIconUrl: icon } : {}),
  };
}

function appEntry(app: AppInfo): Entry {
  return {
    command: Command.launch,
    args: { ...appArguments(app), isPalette: true },
    category: CATEGORY,
  };
}

function appArguments({
  name,
  title,
  description,
  install,
  address,
  needsId,
}: AppInfo): Entry["args"] {
  return {
    name,
    title,
    description,
    ...(install && { install }),
    ...(address && { address, needsId }),
  };
}

function fileCard(command: string, path: string, index: number): Card {
  return {
    command,
    args: { path },
    category: CATEGORY,
    rank: RANKS.files + index,
  };
}

function templateCard({ name, title, description }: TemplateInfo, index: number): Card {
  return {
    command: Command.create,
    args: { template: name, title, description },
    category: CATEGORY,
    rank: RANKS.templates + index,
  };
}

function isSvg(icon: string): boolean {
  return icon.trimStart().startsWith("<svg");
}
