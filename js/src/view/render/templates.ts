import {
  type Component,
  createElementBlock,
  defineComponent,
  getCurrentInstance,
  h,
  type InjectionKey,
  inject,
  nextTick,
  onBeforeUnmount,
  onMounted,
  provide,
  type ShallowRef,
  shallowRef,
  type VNode,
} from "vue";
import { TEMPLATE_KEY } from "../../protocol/names";
import { publishRefs } from "../contract/refs";
import type { Trame } from "../contract/trame";
import { containerOf } from "../guard/vue-private";
import { Pacer } from "../state/pace";
import { type CompiledRender, compileTemplate } from "./compile";
import { PLACE, useProvided, WITHIN } from "./components/inject";
import { type Kept, keepPlace, returnToPlace } from "./keep-place";
import type { Mistake } from "./mistakes";
import { createScope, scopeMembers } from "./scope";

/** Milliseconds in which a key may still come. */
const PATIENCE = 1000;

/** Where components find the templates of their view. */
export const TEMPLATES: InjectionKey<Templates> = Symbol("templates");

export interface TemplateReports {
  report(where: string, error: unknown): void;
  /** A template cannot be drawn as it is written. */
  mistake(template: string, mistake: Mistake): void;
  /** A template names a key that is not in the state. */
  unknown(template: string, key: string): void;
  /** What was reported of a template does not hold any more. */
  forget(where: string): void;
  /** It is drawn again. */
  mended(where: string): void;
}

/** The name of a template in a state key, if it is one. */
export function templateKey(name: string): string {
  return TEMPLATE_KEY + name;
}

export function isTemplateKey(key: string): boolean {
  return key.startsWith(TEMPLATE_KEY);
}

/** Names of the templates of a state. */
export function templateNames(state: Record<string, unknown>): string[] {
  const found = Object.keys(state).filter((key) => key.startsWith(TEMPLATE_KEY) && state[key]);
  return found.map((key) => key.slice(TEMPLATE_KEY.length));
}

/** Whether a state has a template of this name, however it is written. */
export function hasTemplate(state: Record<string, unknown>, name: string): boolean {
  const tag = templateComponentName(name);
  return templateNames(state).some((known) => templateComponentName(known) === tag);
}

/** `second__Tpl` -> `trame-template-second-tpl`; other packages compute the same name. */
export function templateComponentName(name: string): string {
  return `${TEMPLATE_KEY}${name}`.toLowerCase().replaceAll("_", "-").replaceAll("--", "-");
}

/**
 * One stable component a template name; what it renders follows the text of the state key, and
 * another text mounts anew. Names are looked up mangled, as in a template.
 */
export class Templates {
  readonly #trame: Trame;
  readonly #reports: TemplateReports;
  readonly #keys = new Map<string, string>();
  readonly #components = new Map<string, Component>();
  readonly #lastGood = new Map<string, CompiledRender>();
  /** The keys that each template names and that were not in the state. */
  readonly #named = new Map<string, Set<string>>();
  /** Where the user was in templates that are being replaced. */
  readonly #kept = new Map<string, Kept>();
  /** How often all of them were asked to mount again. */
  readonly #refreshes: ShallowRef<number> = shallowRef(0);

  constructor(trame: Trame, reports: TemplateReports) {
    this.#trame = trame;
    this.#reports = reports;
    const { state } = trame;
    this.#register(state.getAllKeys());
    state.addListener(({ type, keys }) => {
      this.#register(keys);
      if (type === "dirty-state") this.#forget(keys);
      if (type === "refresh") this.#refreshes.value += 1;
    });
  }

  /** The component of a name that may still come; the same object every time. */
  component(name: string): Component {
    const tag = templateComponentName(name);
    if (!this.#keys.has(tag)) this.#keys.set(tag, `${TEMPLATE_KEY}${name}`);
    return this.#componentOf(tag);
  }

  #register(keys: string[]): void {
    for (const key of keys) {
      if (!key.startsWith(TEMPLATE_KEY)) continue;
      const tag = templateComponentName(key.slice(TEMPLATE_KEY.length));
      this.#keys.set(tag, key);
      const { app } = this.#trame;
      if (!app.component(tag)) app.component(tag, this.#componentOf(tag));
    }
  }

  /** What was said of the last texts; not when the next ones are drawn, since the server may speak of them before. */
  #forget(keys: string[]): void {
    for (const key of keys) {
      if (key.startsWith(TEMPLATE_KEY))
        this.#reports.forget(placeOf(key.slice(TEMPLATE_KEY.length)));
    }
  }

  #componentOf(tag: string): Component {
    const known = this.#components.get(tag);
    if (known) return known;
    const compiled = new Map<string, Component>();
    const component = defineComponent({
      name: tag,
      render: () => {
        const key = this.#keys.get(tag) ?? "";
        const text = this.#trame.state.get(key);
        if (typeof text !== "string" || text === "") return null;
        let body = compiled.get(text);
        if (!body) {
          compiled.clear();
          body = this.#body(tag, key.slice(TEMPLATE_KEY.length), text);
          compiled.set(text, body);
        }
        return h(body, { key: `${this.#refreshes.value} ${text}` });
      },
    });
    this.#components.set(tag, component);
    return component;
  }

  #body(tag: string, name: string, text: string): Component {
    const { render, errors } = compileTemplate(text);
    const where = placeOf(name);
    this.#named.delete(name);
    for (const error of errors) this.#reports.mistake(name, error);
    if (render) this.#lastGood.set(tag, render);
    const used = render ?? this.#lastGood.get(tag) ?? null;
    return templateBody(this.#trame, name, used, {
      report: (error) => this.#reports.report(where, error),
      mended: () => errors.length === 0 && this.#reports.mended(where),
      unknown: (key) => this.#unknown(name, key),
      leave: (root) => this.#leave(tag, root),
      arrive: (root) => this.#arrive(tag, root),
    });
  }

  /** A template goes. Its successor comes in the same turn, or there is none. */
  #leave(tag: string, root: Element): void {
    this.#kept.set(tag, keepPlace(root));
    void nextTick(() => this.#kept.delete(tag));
  }

  #arrive(tag: string, root: Element): void {
    const kept = this.#kept.get(tag);
    if (kept) returnToPlace(root, kept);
  }

  #unknown(name: string, key: string): void {
    const named = this.#named.get(name) ?? new Set();
    if (named.has(key)) return;
    this.#named.set(name, named.add(key));
    const { state } = this.#trame;
    // The cell that shows the app may go on and set it.
    const ask = () => !state.has(key) && this.#reports.unknown(name, key);
    void state.loadState().then(() => setTimeout(ask, PATIENCE));
  }
}

/** What reports call a template. */
export function placeOf(template: string): string {
  return `template "${template}"`;
}

interface BodyHooks {
  report: (error: unknown) => void;
  /** It is drawn again. */
  mended: () => unknown;
  unknown: (key: string) => void;
  /** With the element that the app is mounted on. */
  leave: (root: Element) => void;
  arrive: (root: Element) => void;
}

function templateBody(
  trame: Trame,
  name: string,
  render: CompiledRender | null,
  hooks: BodyHooks,
): Component {
  return defineComponent({
    name: templateComponentName(name),
    setup() {
      if (isWithinItself(name, hooks.report)) return () => null;
      const instance = getCurrentInstance();
      if (instance) instance.refs = publishRefs(trame.refs);
      const pacer = new Pacer(hooks.report);
      const root = (): Element | null => containerOf(trame.app);
      onMounted(() => {
        const element = root();
        if (element) hooks.arrive(element);
      });
      onBeforeUnmount(() => {
        pacer.dispose();
        const element = root();
        if (element) hooks.leave(element);
      });
      const component = templateComponentName(name);
      const members = scopeMembers(
        trame,
        component,
        pacer,
        useProvided(PLACE).locate,
        hooks.report,
      );
      const scope = createScope(trame.state, members, () => instance?.proxy ?? null, hooks.unknown);
      const cache: unknown[] = [];
      let reported = "";
      let again: (() => void) | null = null;
      onBeforeUnmount(() => again?.());
      return () => {
        if (!render) return failed(name);
        try {
          const nodes = render(scope, cache);
          if (reported !== "") hooks.mended();
          reported = "";
          return nodes;
        } catch (error) {
          leaveBlocks();
          // A snapshot may lack what cannot be saved: the state of the server comes next.
          if (!trame.state.ready) {
            again ??= trame.state.addListener(({ type }) => {
              if (type === "ready") instance?.proxy?.$forceUpdate();
            });
            return instance?.isMounted ? instance.subTree : null;
          }
          if (reported !== String(error)) hooks.report(error);
          reported = String(error);
          return instance?.isMounted ? instance.subTree : failed(name);
        }
      };
    },
  });
}

/** One that holds itself would have no end; which one `:template-name` or `:is` names may be anybody's choice. */
function isWithinItself(name: string, report: (error: unknown) => void): boolean {
  const tag = templateComponentName(name);
  const within = inject(WITHIN, []);
  provide(WITHIN, [...within, tag]);
  if (!within.includes(tag)) return false;
  report(new Error("it contains itself, and is not drawn there"));
  return true;
}

function failed(name: string): VNode {
  return h("p", { class: "jt-failed" }, [
    h("strong", `The template "${name}" cannot be drawn.`),
    " What is wrong with it stands below.",
  ]);
}

/** What a block holds while no block is open. */
const NO_BLOCK = closeBlock();

/**
 * A compiled render function that throws leaves Vue's block stack open. Vue drops the picture in
 * that case and clears the stack; we keep the picture, so the open blocks are closed here.
 */
function leaveBlocks(): void {
  while (closeBlock() !== NO_BLOCK);
}

function closeBlock(): unknown {
  const { dynamicChildren } = createElementBlock("i") as VNode & { dynamicChildren?: unknown };
  return dynamicChildren;
}
