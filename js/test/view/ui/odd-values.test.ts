import { afterEach, expect, it, vi } from "vitest";
import { mount, settled } from "../setup";

// jsdom has neither.
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false;
};

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

/** What any client may write into a key, whatever the input is that shows it. */
const VALUES: Record<string, unknown> = {
  null: null,
  "a number that is none": Number.NaN,
  "an endless number": Number.POSITIVE_INFINITY,
  "a negative number": -1e308,
  "a large integer": 2n ** 63n,
  true: true,
  "an empty text": "",
  "a text": "<b>{{ 1 }}</b>",
  "a long text": "x".repeat(100_000),
  "a list": [1, [2, { a: null }]],
  "an empty list": [],
  "a map": { a: 1, default: 1 },
  "a map that is no text": { toString: 1, valueOf: 1, toJSON: 1, default: 1 },
  "a list of such": [{ toString: 1 }, { toString: 1, default: 1 }],
  "a map like an element": { __v_isVNode: true, type: "img", props: { onerror: "x" } },
  bytes: new Uint8Array([1, 2, 3]),
};

const PARTS: Record<string, string> = {
  slider: `<JtSlider v-model="value" :min="0" :max="9" unit="m" />`,
  range: `<JtRange v-model="value" :min="0" :max="9" unit="m" />`,
  number: `<JtEntry v-model="value" :min="0" :max="9" />`,
  date: `<JtEntry v-model="value" type="date" />`,
  text: `<JtText v-model="value" />`,
  "text area": `<JtText v-model="value" :rows="4" />`,
  select: `<JtSelect v-model="value" :options="[1, 2]" />`,
  "select of a key": `<JtSelect v-model="chosen" :options="value" />`,
  radio: `<JtChoices v-model="value" :options="[1, 2]" />`,
  choices: `<JtChoices v-model="value" many :options="[1, 2]" />`,
  "choices of a key": `<JtChoices v-model="chosen" many :options="value" />`,
  check: `<JtCheck v-model="value" label="On" />`,
  switch: `<JtCheck v-model="value" toggle label="On" />`,
  color: `<JtColor v-model="value" />`,
  upload: `<JtUpload v-model="value" />`,
  dialog: `<JtDialog v-model="value" title="Title">content</JtDialog>`,
  tabs: `<JtTabs v-model="value"><JtTab title="A">a</JtTab><JtTab title="B">b</JtTab></JtTabs>`,
  image: `<JtImage :value="value" clickable />`,
  metric: `<JtMetric label="Power" :value="value" :delta="value" :digits="1" />`,
  progress: `<JtProgress label="Done" :value="value" />`,
  log: `<JtLog label="Lines" :value="value" />`,
  output: `<JtOutput :value="value" />`,
  "what is said": `<JtText v-model="chosen" :label="value" :help="value" :problem="value" />`,
};

it.each(Object.entries(PARTS))("a %s stays whatever its key has", async (_, template) => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { find, root, connection } = await mount({
    value: 1,
    chosen: null,
    trame__template_main: `<JtApp>${template}<p class="after">{{ chosen }}</p></JtApp>`,
  });
  for (const [name, value] of Object.entries(VALUES)) {
    connection.push({ value });
    await settled();
    connection.push({ value: 1, chosen: name });
    await settled();
    expect(find(".after").textContent, "the page goes on").toBe(name);
    const said = [...root.querySelectorAll(".jt-error-message")].map((e) => e.textContent);
    expect(said, name).toEqual([]);
  }
  expect(logged).not.toHaveBeenCalled();
});
