/** `trame.refs`: name -> component or element, filled by templates and packages. */
export type Refs = Record<string, unknown>;

/** Keeps what Vue puts into the `$refs` of one template in `trame.refs` too: `ref="x"` is reachable from the server. */
export function publishRefs(shared: Refs): Refs {
  return new Proxy<Refs>(Object.create(null), {
    set(own, name, value) {
      if (typeof name !== "string" || name in Object.prototype)
        return Reflect.set(own, name, value);
      const before = own[name];
      own[name] = value;
      // A template that goes leaves alone what the next one has put there.
      if (value !== null || shared[name] === before) shared[name] = value;
      return true;
    },
  });
}
