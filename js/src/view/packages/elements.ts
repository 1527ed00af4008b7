import * as vue from "vue";
import { component } from "../guard/components";
import { compile, createApp, render } from "../guard/renderer";
import { bound, list } from "../guard/values";
import { ADDRESSES, type Locate } from "../render/address-attributes";

type Create = (type: unknown, ...rest: unknown[]) => unknown;
type Props = Record<string, unknown>;

const CREATORS = ["h", "createVNode", "createElementVNode", "createBlock", "createElementBlock"];

/**
 * Vue for the components of packages: the very Vue that renders the templates, under the same guard. With `locate`
 * the elements that they make find the files of the app.
 */
export function packageVue(locate?: Locate): Record<string, unknown> {
  const define = vue.defineCustomElement as (...args: unknown[]) => unknown;
  const runThrough = vue.renderList as (...args: unknown[]) => unknown;
  const own: Record<string, unknown> = {
    ...vue,
    compile,
    createApp,
    render,
    renderList: (source: unknown, ...rest: unknown[]) => runThrough(list(source), ...rest),
    resolveDynamicComponent: (type: unknown) => vue.resolveDynamicComponent(component(type)),
    defineCustomElement: (options: unknown, extra?: object) =>
      define(options, { ...extra }, createApp),
  };
  // A package merges what it is given, of anybody, into the attributes of its elements.
  const merged = new WeakSet<object>();
  const gather = (props: Props | null): Props | null => {
    if (props) merged.add(props);
    return props;
  };
  own.mergeProps = (...given: Props[]) => gather(vue.mergeProps(...given));
  own.normalizeProps = (given: Props | null) => gather(vue.normalizeProps(given));
  for (const name of CREATORS) {
    const create = own[name] as Create;
    own[name] = (type: unknown, ...rest: unknown[]) => {
      if (typeof type !== "string") return create(component(type), ...rest);
      if (!isProps(rest[0])) return create(type, ...rest);
      // What a package writes as markup is its own; what falls through to an element is not.
      const props = bound(rest[0], !merged.has(rest[0])) as Props;
      return create(type, locate ? located(type, props, locate) : props, ...rest.slice(1));
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
