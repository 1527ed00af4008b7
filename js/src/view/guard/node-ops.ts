import { nodeOps, patchProp, type RendererOptions } from "vue";
import { admit, guarded, isStructural, settable } from "./attributes";
import { excerpt } from "./failures";
import { guardForm } from "./leaving";
import { unwrap, Written } from "./written";

/** A script that runs by being put into the page, in whatever namespace. */
const SCRIPT = /(?:^|:)script$/i;

/** Told what was left out: the place in the page, and why. */
export type Fail = (place: string, error: unknown) => void;

/**
 * Vue's access to the page. Where a value has no place in it, that value is left out: an error in here would leave
 * Vue with a half-drawn tree, which no later value mends.
 */
export function guardedOps(fail: Fail): RendererOptions<Node, Element> {
  return {
    ...nodeOps,
    createElement(tag, ...rest) {
      if (SCRIPT.test(tag)) {
        console.warn("jupyter_trame: a template makes no script element");
        return nodeOps.createElement("template");
      }
      try {
        const element = nodeOps.createElement(tag, ...rest);
        if (tag === "form") guardForm(element);
        return element;
      } catch (error) {
        fail(`an element "${excerpt(tag, 40)}"`, error);
        return nodeOps.createElement("template");
      }
    },
    patchProp(el, key, previous, next, ...rest) {
      try {
        setProp(el, key, previous, next, rest);
      } catch (error) {
        fail(placeOf(el, key), error);
      }
    },
    insert(child, parent, anchor) {
      try {
        nodeOps.insert(child, parent, anchor);
      } catch (error) {
        // The page's own tools, such as a translator, move nodes: what came before a node that is gone comes last.
        if (anchor && parent && anchor.parentNode !== parent) nodeOps.insert(child, parent, null);
        else fail("an element that has no place", error);
      }
    },
    querySelector(selector) {
      try {
        return document.querySelector(selector);
      } catch (error) {
        fail(`a selector "${excerpt(selector, 40)}"`, error);
        return null;
      }
    },
  };
}

type Rest =
  Parameters<typeof patchProp> extends [unknown, unknown, unknown, unknown, ...infer R] ? R : never;

function setProp(el: Element, key: string, previous: unknown, next: unknown, rest: Rest): void {
  const name = guarded(key);
  if (name === null) {
    if (isStructural(el, key)) throw new TypeError("the element has other content");
    patchProp(el, settable(el, key), previous, next, ...rest);
    return;
  }
  // The same markup once more would make its elements anew.
  if (next instanceof Written && unwrap(previous) === next.text) return;
  patchProp(el, key, unwrap(previous), admit(el, name, next), ...rest);
}

function placeOf(el: Element, key: string): string {
  return `<${excerpt(el.localName, 40)} ${excerpt(key, 40)}>`;
}
