import * as vue from "vue";
import { ADDRESSES, type Locate } from "../addresses";

type Create = (type: unknown, ...rest: unknown[]) => unknown;
type Props = Record<string, unknown>;

const CREATORS = ["h", "createVNode", "createElementVNode", "createBlock", "createElementBlock"];

/**
 * Vue for the components of packages: the elements that they make find the files of the app. It is the very Vue
 * that renders the templates.
 */
export function locatingVue(locate: Locate): Record<string, unknown> {
  const own: Record<string, unknown> = { ...vue };
  for (const name of CREATORS) {
    const create = own[name] as Create;
    own[name] = (type: unknown, ...rest: unknown[]) => {
      if (typeof type !== "string" || !isProps(rest[0])) return create(type, ...rest);
      return create(type, located(type, rest[0], locate), ...rest.slice(1));
    };
  }
  return own;
}

function isProps(value: unknown): value is Props {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !vue.isVNode(value)
  );
}

function located(tag: string, props: Props, locate: Locate): Props {
  let changed: Props | null = null;
  for (const name of ADDRESSES) {
    const value = props[name];
    if (value === undefined || value === null) continue;
    const other = locate(tag, name, value);
    if (other === value) continue;
    changed ??= { ...props };
    changed[name] = other;
  }
  return changed ?? props;
}
