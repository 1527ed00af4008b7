import { type InjectionKey, inject } from "vue";
import type { Templates } from "../templates";
import type { Trame } from "../trame";

/** Widget packages inject this very string. */
export const TRAME = "trame";
export const TEMPLATES: InjectionKey<Templates> = Symbol("templates");
/** Where `<style>` of the app goes: returns a function that changes the text, null removes it. */
export const ADD_STYLE: InjectionKey<() => (css: string | null) => void> = Symbol("add style");

export function useTrame(): Trame {
  const trame = inject<Trame>(TRAME);
  if (!trame) throw new Error("no trame: a trame component is used outside of a view");
  return trame;
}
