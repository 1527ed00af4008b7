import type { Mounted, Picture } from "./app";
import type { ViewModel } from "./view/model";

type Snapshot = Pick<Picture, "state"> & Partial<Picture>;

/**
 * What the views of a page show. A model's snapshot is a moment old, after a long cell as old as that: a further view of
 * an app begins with what the others show, and one that takes another's place with what that one showed last.
 */
export class Pictures {
  readonly #views = new Map<Mounted, ViewModel>();
  readonly #left = new WeakMap<ViewModel, Picture>();

  add(model: ViewModel, view: Mounted): void {
    this.#views.set(view, model);
  }

  /** The view is about to be taken down. */
  remove(model: ViewModel, view: Mounted): void {
    this.#views.delete(view);
    const picture = view.picture();
    if (picture) this.#left.set(model, { ...picture, live: false });
  }

  /** The newest picture that is known of the model's app; undefined where there is none. */
  latest(model: ViewModel): Snapshot | undefined {
    const snapshot = model.get("snapshot");
    let latest: Snapshot | undefined = snapshot?.state && { ...snapshot, state: snapshot.state };
    for (const picture of this.#known(model)) {
      const same = picture.epoch === latest?.epoch;
      if (same ? picture.seq < (latest?.seq ?? 0) : !picture.live) continue;
      // Keys of each view alone begin as the server made them.
      latest = { ...picture, state: same ? { ...latest?.state, ...picture.state } : picture.state };
    }
    return latest;
  }

  /** Those of whom less is known come first. */
  *#known(model: ViewModel): Iterable<Picture> {
    const left = this.#left.get(model);
    if (left) yield left;
    for (const [view, other] of this.#views) {
      const picture = isSameApp(model, other) ? view.picture() : null;
      if (picture) yield picture;
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
