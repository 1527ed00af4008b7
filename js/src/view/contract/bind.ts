/**
 * Makes own members of the methods of an object's class, each of which works without the object: packages take
 * them out of it, as in `const { trigger } = inject("trame")`.
 */
export function bindMethods(object: object): void {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(
    Object.getPrototypeOf(object),
  );
  for (const [name, { value }] of Object.entries(methods)) {
    if (typeof value === "function") Object.assign(object, { [name]: value.bind(object) });
  }
}
