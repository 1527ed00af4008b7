import { afterEach, describe, expect, it } from "vitest";
import { mount, settled } from "../setup";

afterEach(() => document.body.replaceChildren());

const page = (before: string) =>
  `<div>${before}<input name="a" /><input name="b" v-model="word" /><section role="log">x</section></div>`;

describe("a template that is replaced", () => {
  it("keeps focus, caret and what is scrolled", async () => {
    const { root, find, connection } = await mount({
      trame__template_main: page(""),
      word: "abcdef",
    });
    const old = find<HTMLInputElement>('[name="b"]');
    old.focus();
    old.setSelectionRange(2, 4, "backward");
    find("section").scrollTop = 30;
    connection.push({ trame__template_main: page('<h1>new</h1><input type="checkbox" />') });
    await settled();
    const now = find<HTMLInputElement>('[name="b"]');
    expect(now).not.toBe(old);
    expect(root.activeElement).toBe(now);
    expect([now.selectionStart, now.selectionEnd]).toEqual([2, 4]);
    expect(find("section").scrollTop).toBe(30);
  });

  it("takes the focus from nobody", async () => {
    const { root, connection } = await mount({ trame__template_main: page(""), word: "" });
    connection.push({ trame__template_main: page("<h1>new</h1>") });
    await settled();
    expect(root.activeElement).toBeNull();
  });

  it("does not give it back when what had it is gone, or comes later", async () => {
    const { root, find, connection } = await mount({ trame__template_main: page(""), word: "" });
    find('[name="b"]').focus();
    connection.push({ trame__template_main: "<p>other</p>" });
    await settled();
    connection.push({ trame__template_main: page("") });
    await settled();
    expect(root.activeElement).toBeNull();
  });
});
