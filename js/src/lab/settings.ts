import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import { Token } from "@lumino/coreutils";
import { type ISignal, Signal } from "@lumino/signaling";
import { MODES, type OpenMode } from "./tokens";

/** Plugin whose settings they are: `schema/settings.json`. */
export const SETTINGS = "jupyter-trame:settings";

/** What users choose. Without a registry of settings, as it begins. */
export class LabSettings {
  #openIn: OpenMode = "tab";
  #confirmFiles = true;
  #refreshInterval = 0;
  #stored: ISettingRegistry.ISettings | null = null;
  readonly #changed = new Signal<this, void>(this);

  /** Where an app opens when nothing says it. */
  get openIn(): OpenMode {
    return this.#openIn;
  }

  /** Whether users are asked before a file runs. */
  get confirmFiles(): boolean {
    return this.#confirmFiles;
  }

  /** Seconds between two looks at the running apps; 0: only when something may be new. */
  get refreshInterval(): number {
    return this.#refreshInterval;
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  /** Takes the values of a registry, and those that it gets later; nothing where there is none. */
  async follow(registry: ISettingRegistry | null): Promise<void> {
    if (!registry) return;
    this.#stored = await registry.load(SETTINGS);
    this.#stored.changed.connect((settings) => this.#read(settings));
    this.#read(this.#stored);
  }

  /** No file is asked for any more, nor in the lab's next life. */
  async trustFiles(): Promise<void> {
    this.#confirmFiles = false;
    await this.#stored?.set("confirmFiles", false);
  }

  #read({ composite }: ISettingRegistry.ISettings): void {
    const { openIn, confirmFiles, refreshInterval } = composite;
    this.#openIn = MODES.find((mode) => mode === openIn) ?? "tab";
    this.#confirmFiles = confirmFiles !== false;
    this.#refreshInterval = typeof refreshInterval === "number" ? refreshInterval : 0;
    this.#changed.emit();
  }
}

export const ILabSettings = new Token<LabSettings>(
  "jupyter-trame:ILabSettings",
  "What users choose for trame apps in the lab.",
);
