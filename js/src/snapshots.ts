import type { Mounted, Snapshot } from "./app";
import type { ViewModel } from "./view/model";

/** A model that was saved may lack the rest. */
type Known = Pick<Snapshot, "state"> & Partial<Snapshot>;

/**
 * What the views of a page show. A model's snapshot is a moment old, after a long cell as old as that: a further view of
 * an app begins with what the others show, and one that takes another's place with what that one showed last.
 */
export class Snapshots {
  readonly #views = new Map<Mounted, ViewModel>();
  readonly #left = new WeakMap<ViewModel, Snapshot>();

  add(model: ViewModel, view: Mounted): void {
    this.#views.set(view, model);
  }

  /** The view is about to be taken down. */
  remove(model: ViewModel, view: Mounted): void {
    this.#views.delete(view);
    const snapshot = view.snapshot();
    if (snapshot) this.#left.set(model, { ...snapshot, live: false });
  }

  /** The newest snapshot that is known of the model's app; undefined where there is none. */
  latest(model: ViewModel): Known | undefined {
    const saved = model.get("snapshot");
    let latest: Known | undefined = saved?.state && { ...saved, state: saved.state };
    for (const shown of this.#shown(model)) {
      const same = shown.epoch === latest?.epoch;
      if (same ? shown.seq < (latest?.seq ?? 0) : !shown.live) continue;
      // Keys of each view alone begin as the server made them.
      latest = { ...shown, state: same ? { ...latest?.state, ...shown.state } : shown.state };
    }
    return latest;
  }

  /** Those of whom less is known come first. */
  *#shown(model: ViewModel): Iterable<Snapshot> {
    const left = this.#left.get(model);
    if (left) yield left;
    for (const [view, other] of this.#views) {
      const snapshot = isSameApp(model, other) ? view.snapshot() : null;
      if (snapshot) yield snapshot;
    }
  }
}

/** Two models may show layouts of one app; a kernel without a Jupyter server has no name to know it by. */
function isSameApp(one: ViewModel, other: ViewModel): boolean {
  if (one === other) return true;
  const kernel = one.get("kernel_id");
  return (
    kernel !== "" && kernel === other.get("kernel_id") && one.get("slug") === other.get("slug")
  );
}
