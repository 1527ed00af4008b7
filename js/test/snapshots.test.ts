import { expect, it } from "vitest";
import type { Mounted, Snapshot } from "../src/app";
import { Snapshots } from "../src/snapshots";
import type { ViewModel } from "../src/view/model";

function model(snapshot: object, kernel_id = "k", slug = "app"): ViewModel {
  const traits: Record<string, unknown> = { snapshot, kernel_id, slug };
  return { get: (name: string) => traits[name] } as unknown as ViewModel;
}

function view(picture: Partial<Snapshot> | null): Mounted {
  const whole = picture && { epoch: "e", seq: 5, state: { n: 5 }, live: true, ...picture };
  return { snapshot: () => whole } as unknown as Mounted;
}

const old = { epoch: "e", seq: 1, state: { n: 1 } };

it("is the snapshot where no view shows the app", () => {
  const snapshots = new Snapshots();
  expect(snapshots.latest(model(old))).toEqual(old);
  expect(snapshots.latest(model({}))).toBeUndefined();
  snapshots.add(model(old, "k2"), view({}));
  snapshots.add(model(old, "k", "other"), view({}));
  snapshots.add(model(old), view(null));
  expect(snapshots.latest(model(old))).toEqual(old);
});

it.each([
  ["newer than the snapshot", {}, 5],
  ["as new, with values that are on their way", { seq: 1 }, 5],
  ["older", { seq: 0 }, 1],
  ["of another life, and live", { epoch: "f", seq: 0 }, 5],
  ["of another life, which ended", { epoch: "f", live: false }, 1],
  ["newer, and not connected at the moment", { live: false }, 5],
])("of another view: %s", (_, picture, n) => {
  const snapshots = new Snapshots();
  const other = view(picture);
  snapshots.add(model(old), other);
  expect(snapshots.latest(model(old))?.state).toEqual({ n });
});

it("leaves keys that each view has for itself as the server made them", () => {
  const snapshots = new Snapshots();
  const mine = { epoch: "e", seq: 1, state: { n: 1, drawer: false } };
  snapshots.add(model(mine), view({}));
  expect(snapshots.latest(model(mine))?.state).toEqual({ n: 5, drawer: false });
});

it("is the last one of a view of this model that was taken down", () => {
  const snapshots = new Snapshots();
  const one = model(old);
  const first = view({});
  snapshots.add(one, first);
  snapshots.remove(one, first);
  expect(snapshots.latest(one)?.state).toEqual({ n: 5 });
  expect(snapshots.latest(model(old))?.state).toEqual({ n: 1 });
  snapshots.add(one, view({ seq: 6, state: { n: 6 } }));
  expect(snapshots.latest(one)?.state).toEqual({ n: 6 });
  const again = model({ epoch: "f", seq: 1, state: { n: 9 } });
  snapshots.add(again, first);
  snapshots.remove(again, first);
  expect(snapshots.latest(again)?.state, "it is of the life before").toMatchObject({ n: 6 });
});

it("of a model without a kernel's name is that of its own views", () => {
  const snapshots = new Snapshots();
  const one = model(old, "");
  snapshots.add(one, view({}));
  expect(snapshots.latest(model(old, ""))?.state).toEqual({ n: 1 });
  expect(snapshots.latest(one)?.state).toEqual({ n: 5 });
});
