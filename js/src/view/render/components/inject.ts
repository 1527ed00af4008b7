import { type InjectionKey, inject } from "vue";
import type { Trame } from "../../contract/trame";
import type { ClientFunctions } from "../functions";
import type { Place } from "../place";

/** Widget packages inject this very string. */
export const TRAME = "trame";
export const PLACE: InjectionKey<Place> = Symbol("place");
export const FUNCTIONS: InjectionKey<ClientFunctions> = Symbol("client functions");
/** Names of the templates that a component is drawn in. */
export const WITHIN: InjectionKey<readonly string[]> = Symbol("within");
/** Where key events of the app, and of no other, can be heard. */
export const KEY_AREA: InjectionKey<EventTarget> = Symbol("key area");
/** Whether the page belongs to the app alone. */
export const OWN_PAGE: InjectionKey<boolean> = Symbol("own page");

export function useTrame(): Trame {
  return required(inject<Trame>(TRAME));
}

/** A thing that the view provides. */
export function useProvided<T>(key: InjectionKey<T>): T {
  return required(inject(key));
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a trame component is used outside of a view");
  return value;
}
