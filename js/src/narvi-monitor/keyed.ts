export interface View<Data> {
  readonly element: Element;
  show(data: Data): void;
}

/**
 * Views of a list, below `parent`. Those whose key stays are shown the new data where they are, so that the focus, a
 * selection and what is unfolded stay too.
 */
export class KeyedList<Data, V extends View<Data>> {
  readonly #parent: Element;
  readonly #make: (data: Data) => V;
  readonly #views = new Map<string, V>();

  constructor(parent: Element, make: (data: Data) => V) {
    this.#parent = parent;
    this.#make = make;
  }

  show(
    items: readonly (readonly [key: string, data: Data])[],
    before: Element | null = null,
  ): void {
    const keys = new Set(items.map(([key]) => key));
    for (const [key, view] of this.#views) {
      if (keys.has(key)) continue;
      view.element.remove();
      this.#views.delete(key);
    }
    let next = before ? before.nextElementSibling : this.#parent.firstElementChild;
    for (const [key, data] of items) {
      const view = this.#views.get(key) ?? this.#make(data);
      this.#views.set(key, view);
      if (view.element === next) next = next.nextElementSibling;
      else this.#parent.insertBefore(view.element, next);
      view.show(data);
    }
  }

  get views(): Iterable<V> {
    return this.#views.values();
  }
}
