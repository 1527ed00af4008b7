import type { CompilerOptions } from "@vue/compiler-dom";
import {
  type App,
  type Component,
  createRenderer,
  registerRuntimeCompiler,
  compile as vueCompile,
} from "vue";
import { leaveOut } from "./failures";
import { guardedOps } from "./node-ops";
import { guardTemplate, HELPERS } from "./template";

/** Vue's `compile`, for templates of apps and of packages' components. */
export function compile(template: string, options: CompilerOptions = {}): unknown {
  const nodeTransforms = [...(options.nodeTransforms ?? []), guardTemplate];
  return vueCompile(template, { ...options, nodeTransforms });
}

registerRuntimeCompiler(compile);

/** Vue's `createApp`; what it renders runs no value as code, and one that has no place in the page is left out. */
export function createApp(root: Component, props?: Record<string, unknown> | null): App<Element> {
  // One for each app, so that what is left out is said where the app's errors are.
  const renderer = createRenderer<Node, Element>(
    guardedOps((place, error) => leaveOut(place, error, app.config)),
  );
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
export const { render } = createRenderer<Node, Element>(guardedOps(leaveOut));
