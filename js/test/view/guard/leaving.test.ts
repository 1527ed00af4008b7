import { afterEach, describe, expect, it, vi } from "vitest";
import type { Mode } from "../../../src/view/shell/shadow";
import { mount, settled } from "../setup";

const native = vi.spyOn(HTMLFormElement.prototype, "submit").mockImplementation(() => undefined);

afterEach(() => {
  native.mockClear();
  document.body.replaceChildren();
});

async function shown(template: string, mode: Mode = "inline") {
  const state = { trame__template_main: template, said: "", text: "" };
  const { find, view, root, host } = await mount(state, { mode });
  const place = mode === "page" ? host : root;
  /** What the browser would do. */
  const submit = (selector = "form", submitter: string | null = null) => {
    const event = new SubmitEvent("submit", {
      bubbles: true,
      cancelable: true,
      submitter: submitter ? find(submitter) : null,
    });
    return place.querySelector(selector)?.dispatchEvent(event);
  };
  return { find, submit, root: place, state: view.trame.state.state };
}

describe("a form without an address", () => {
  it.each(["inline", "tab"] as const)("goes nowhere and its handler runs (%s)", async (mode) => {
    const { submit, state } = await shown(`<form @submit="said = 'sent'"><button/></form>`, mode);
    expect(submit()).toBe(false);
    expect(state.said).toBe("sent");
  });

  it.each(["", " ", "#", "?x=1", "#part"])("the document is none: %o", async (action) => {
    const { submit } = await shown(`<form action="${action}"></form>`);
    expect(submit()).toBe(false);
  });

  it("goes nowhere where its handler stops the event", async () => {
    const { submit } = await shown("<form @submit.stop></form>");
    expect(submit()).toBe(false);
  });

  it("goes nowhere when a script submits it", async () => {
    const { find } = await shown("<form></form>");
    find<HTMLFormElement>("form").submit();
    expect(native).not.toHaveBeenCalled();
  });

  it("goes nowhere where it is not in the root", async () => {
    await shown(`<teleport to="body"><form class="out"></form></teleport>`);
    const form = document.querySelector<HTMLFormElement>(".out");
    expect(form?.dispatchEvent(new SubmitEvent("submit", { cancelable: true }))).toBe(false);
  });

  it("goes nowhere as markup", async () => {
    const { submit } = await shown(`<div v-html="'<form></form>'"></div>`);
    expect(submit()).toBe(false);
  });

  it("closes its dialog where it says so", async () => {
    const { submit } = await shown(`<dialog open><form method="dialog"></form></dialog>`);
    expect(submit()).toBe(true);
  });
});

describe("a form with an address", () => {
  it.each(["", "_self", "_top", "_PARENT"])("opens a new tab: target %o", async (target) => {
    const { submit, find } = await shown(
      `<form action="https://other.example/" target="${target}"></form>`,
    );
    expect(submit()).toBe(true);
    expect(find("form").getAttribute("target")).toBe("_blank");
  });

  it("keeps a frame of the app as its target", async () => {
    const { submit, find } = await shown(
      `<form action="https://other.example/" target="mine"></form>`,
    );
    expect(submit()).toBe(true);
    expect(find("form").getAttribute("target")).toBe("mine");
  });

  it("may have it from its button", async () => {
    const { submit, find } = await shown(
      `<form><button formaction="https://other.example/" formtarget="_self"></button></form>`,
    );
    expect(submit("form", "button")).toBe(true);
    expect(find("button").getAttribute("formtarget")).toBe("_blank");
  });

  it("opens a new tab when a script submits it", async () => {
    const { find } = await shown(`<form action="https://other.example/"></form>`);
    find<HTMLFormElement>("form").submit();
    expect(native).toHaveBeenCalledOnce();
    expect(find("form").getAttribute("target")).toBe("_blank");
  });

  it("goes there on a page of the app's own", async () => {
    const { submit, root } = await shown(`<form action="https://other.example/"></form>`, "page");
    expect(submit()).toBe(true);
    expect(root.querySelector("form")?.hasAttribute("target")).toBe(false);
  });
});

describe("a link", () => {
  const clicked = (link: HTMLElement) => {
    link.dispatchEvent(
      new MouseEvent("click", { bubbles: true, cancelable: true, composed: true }),
    );
    return link.getAttribute("target");
  };

  it("opens a new tab", async () => {
    const { find } = await shown(`<a href="https://other.example/"><b>x</b></a>`);
    find("b").click();
    expect(find("a").getAttribute("target")).toBe("_blank");
  });

  it.each([
    `<a href="#part">x</a>`,
    `<a href="https://other.example/" @click.prevent>x</a>`,
    `<a href="https://other.example/" download>x</a>`,
    `<a href="mailto:somebody@other.example">x</a>`,
  ])("is as it was: %s", async (template) => {
    const { find } = await shown(template);
    expect(clicked(find("a"))).toBeNull();
  });

  it("keeps a frame of the app as its target", async () => {
    const { find } = await shown(`<a href="https://other.example/" target="mine">x</a>`);
    expect(clicked(find("a"))).toBe("mine");
  });

  it("leads away from a page of the app's own", async () => {
    const { root } = await shown(`<a href="https://other.example/">x</a>`, "page");
    await settled();
    expect(clicked(root.querySelector("a") as HTMLElement)).toBeNull();
  });
});
