import type { CompilerOptions } from "@vue/compiler-dom";
import {
  type App,
  type Component,
  createRenderer,
  nodeOps,
  patchProp,
  type RendererOptions,
  registerRuntimeCompiler,
  compile as vueCompile,
} from "vue";
import { admit, guarded } from "./attributes";
import { guardTemplate, HELPERS } from "./template";
import { unwrap, Written } from "./written";

/** A script that runs by being put into the page, in whatever namespace. */
const SCRIPT = /(?:^|:)script$/i;

const options: RendererOptions<Node, Element> = {
  ...nodeOps,
  createElement(tag, ...rest) {
    if (!SCRIPT.test(tag)) return nodeOps.createElement(tag, ...rest);
    console.warn("jupyter_trame: a template makes no script element");
    return nodeOps.createElement("template");
  },
  patchProp(el, key, previous, next, ...rest) {
    const name = guarded(key);
    if (name === null) {
      patchProp(el, key, previous, next, ...rest);
      return;
    }
    // The same markup once more would make its elements anew.
    if (next instanceof Written && unwrap(previous) === next.text) return;
    patchProp(el, key, unwrap(previous), admit(el, name, next), ...rest);
  },
};

const renderer = createRenderer<Node, Element>(options);

/** Vue's `compile`, for templates of apps and of packages' components. */
export function compile(template: string, options: CompilerOptions = {}): unknown {
  const nodeTransforms = [...(options.nodeTransforms ?? []), guardTemplate];
  return vueCompile(template, { ...options, nodeTransforms });
}

registerRuntimeCompiler(compile);

/** Vue's `createApp`; what it renders runs no value as code. */
export function createApp(root: Component, props?: Record<string, unknown> | null): App<Element> {
  const app = renderer.createApp(root, props) as App<Element>;
  Object.assign(app.config.globalProperties, HELPERS);
  const { mount } = app;
  app.mount = (target) => {
    const container =
      typeof target === "string" ? document.querySelector(target) : (target as Element);
    if (!container) throw new Error(`there is no element ${target} to mount an app in`);
    container.textContent = "";
    const namespace = container instanceof SVGElement ? "svg" : undefined;
    const proxy = mount(container, false, namespace);
    container.setAttribute("data-v-app", "");
    return proxy;
  };
  return app;
}

/** Vue's `render`, the same way. */
export const { render } = renderer;
