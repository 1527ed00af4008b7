import { expect, it } from "vitest";
import type { Mounted, Picture } from "../src/app";
import { Pictures } from "../src/pictures";
import type { ViewModel } from "../src/view/model";

function model(snapshot: object, kernel_id = "k", slug = "app"): ViewModel {
  const traits: Record<string, unknown> = { snapshot, kernel_id, slug };
  return { get: (name: string) => traits[name] } as unknown as ViewModel;
}

function view(picture: Partial<Picture> | null): Mounted {
  const whole = picture && { epoch: "e", seq: 5, state: { n: 5 }, live: true, ...picture };
  return { picture: () => whole } as unknown as Mounted;
}

const old = { epoch: "e", seq: 1, state: { n: 1 } };

it("is the snapshot where no view shows the app", () => {
  const pictures = new Pictures();
  expect(pictures.latest(model(old))).toEqual(old);
  expect(pictures.latest(model({}))).toBeUndefined();
  pictures.add(model(old, "k2"), view({}));
  pictures.add(model(old, "k", "other"), view({}));
  pictures.add(model(old), view(null));
  expect(pictures.latest(model(old))).toEqual(old);
});

it.each([
  ["newer than the snapshot", {}, 5],
  ["as new, with values that are on their way", { seq: 1 }, 5],
  ["older", { seq: 0 }, 1],
  ["of another life, and live", { epoch: "f", seq: 0 }, 5],
  ["of another life, which ended", { epoch: "f", live: false }, 1],
  ["newer, and not connected at the moment", { live: false }, 5],
])("of another view: %s", (_, picture, n) => {
  const pictures = new Pictures();
  const other = view(picture);
  pictures.add(model(old), other);
  expect(pictures.latest(model(old))?.state).toEqual({ n });
});

it("leaves keys that each view has for itself as the server made them", () => {
  const pictures = new Pictures();
  const mine = { epoch: "e", seq: 1, state: { n: 1, drawer: false } };
  pictures.add(model(mine), view({}));
  expect(pictures.latest(model(mine))?.state).toEqual({ n: 5, drawer: false });
});

it("is the last one of a view of this model that was taken down", () => {
  const pictures = new Pictures();
  const one = model(old);
  const first = view({});
  pictures.add(one, first);
  pictures.remove(one, first);
  expect(pictures.latest(one)?.state).toEqual({ n: 5 });
  expect(pictures.latest(model(old))?.state).toEqual({ n: 1 });
  pictures.add(one, view({ seq: 6, state: { n: 6 } }));
  expect(pictures.latest(one)?.state).toEqual({ n: 6 });
  const again = model({ epoch: "f", seq: 1, state: { n: 9 } });
  pictures.add(again, first);
  pictures.remove(again, first);
  expect(pictures.latest(again)?.state, "it is of the life before").toMatchObject({ n: 6 });
});

it("of a model without a kernel's name is that of its own views", () => {
  const pictures = new Pictures();
  const one = model(old, "");
  pictures.add(one, view({}));
  expect(pictures.latest(model(old, ""))?.state).toEqual({ n: 1 });
  expect(pictures.latest(one)?.state).toEqual({ n: 5 });
});
