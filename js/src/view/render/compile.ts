import {
  baseParse,
  type CompilerError,
  ConstantTypes,
  createSimpleExpression,
  ElementTypes,
  type NodeTransform,
  NodeTypes,
  type SourceLocation,
  type TemplateChildNode,
} from "@vue/compiler-dom";
import type { RenderFunction } from "vue";
import { compile } from "../guard/renderer";
import { ADDRESSES, isRelative } from "./address-attributes";
import { actingHandlers } from "./handlers";
import { describeMistake, type Mistake } from "./mistakes";

export type CompiledRender = (scope: object, cache: unknown[]) => ReturnType<RenderFunction>;

export interface Compiled {
  /** Null where nothing can be rendered. */
  render: CompiledRender | null;
  errors: Mistake[];
}

/** False where a content policy forbids evaluating text, so that no template can be compiled. */
export function canCompile(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}

/** Compiles a template; never throws. */
export function compileTemplate(template: string): Compiled {
  const errors: Mistake[] = [];
  const onError = (error: CompilerError) => {
    errors.push(describeMistake(template, error));
  };
  try {
    const render = compile(template, {
      onError,
      nodeTransforms: [locateFiles, keepTargets, ownKeys, showText, actingHandlers],
    }) as unknown as CompiledRender;
    return { render, errors };
  } catch (error) {
    const expressions = diagnose(template);
    if (expressions.length > 0) errors.push(...expressions);
    else errors.push({ text: error instanceof Error ? error.message : String(error), line: null });
    return { render: null, errors };
  }
}

/** Addresses in elements, written or bound, are those of the app's files; a bound one takes bytes too. */
const locateFiles: NodeTransform = (node) => {
  if (node.type !== NodeTypes.ELEMENT || node.tagType !== ElementTypes.ELEMENT) return;
  const { tag } = node;
  const located = (name: string, value: string, loc: SourceLocation) =>
    createSimpleExpression(`$url("${tag}", "${name}", (${value}\n))`, false, loc);
  node.props = node.props.map((prop) => {
    if (prop.type === NodeTypes.ATTRIBUTE) {
      const { name, value, loc } = prop;
      if (!value || !ADDRESSES.has(name) || !isRelative(value.content)) return prop;
      const exp = located(name, JSON.stringify(value.content), loc);
      const arg = createSimpleExpression(name, true, loc);
      return { type: NodeTypes.DIRECTIVE, name: "bind", exp, arg, modifiers: [], loc };
    }
    const { name, arg, exp } = prop;
    if (name !== "bind" || arg?.type !== NodeTypes.SIMPLE_EXPRESSION) return prop;
    if (exp?.type !== NodeTypes.SIMPLE_EXPRESSION || !exp.content.trim()) return prop;
    // Vue has made an object of written styles; most have no address in them, and may be hoisted.
    const fixed = exp.constType > ConstantTypes.NOT_CONSTANT && !exp.content.includes("url(");
    if (!ADDRESSES.has(arg.content) || fixed) return prop;
    return { ...prop, exp: located(arg.content, exp.content, exp.loc) };
  });
};

const ARROW = /=>/;
const FUNCTION = /^\s*(async\s*)?(\([^)]*\)|[\w$]+)\s*=>|^\s*(async\s+)?function\b/;

/** In a shadow root an event forgets its target when it is over, but `() => f($event.target.value)` may run later. */
const keepTargets: NodeTransform = (node) => {
  if (node.type !== NodeTypes.ELEMENT) return;
  for (const prop of node.props) {
    if (prop.type !== NodeTypes.DIRECTIVE || prop.name !== "on") continue;
    if (prop.exp?.type !== NodeTypes.SIMPLE_EXPRESSION) continue;
    const { content, loc } = prop.exp;
    if (!content.includes("$event") || !ARROW.test(content) || FUNCTION.test(content)) continue;
    const kept = content.includes(";")
      ? `$keep($event); ${content}`
      : `($keep($event), ${content})`;
    prop.exp = createSimpleExpression(kept, false, loc);
  }
};

/** Keeps the targets of an event beyond its end. */
export function keepTarget(event: unknown): void {
  if (!(event instanceof Event)) return;
  for (const name of ["target", "currentTarget"] as const) {
    Object.defineProperty(event, name, { value: event[name], configurable: true });
  }
}

/**
 * The key component of trame-components listens to the whole document, where keys of an app in a notebook are
 * not to be heard; ours takes its place.
 */
const ownKeys: NodeTransform = (node) => {
  if (node.type === NodeTypes.ELEMENT && node.tag === "tc-mouse-trap")
    node.tag = "trame-mouse-trap";
};

const showText: NodeTransform = (node) => {
  if (node.type !== NodeTypes.INTERPOLATION) return;
  const { content } = node;
  if (content.type !== NodeTypes.SIMPLE_EXPRESSION || !content.content.trim()) return;
  node.content = createSimpleExpression(`$text((${content.content}\n))`, false, content.loc);
};

/** The expressions of a template that are no JavaScript: the compiler itself does not say which. */
export function diagnose(template: string): Mistake[] {
  const found: Mistake[] = [];
  try {
    visit(baseParse(template, { onError: () => undefined }).children, found);
  } catch (error) {
    found.push({ text: String(error), line: null });
  }
  return found;
}

function visit(nodes: TemplateChildNode[], found: Mistake[]): void {
  for (const node of nodes) {
    if (node.type === NodeTypes.INTERPOLATION) {
      if (node.content.type === NodeTypes.SIMPLE_EXPRESSION) {
        check(node.content.content, "{{ }}", node.loc.start.line, found);
      }
    } else if (node.type === NodeTypes.ELEMENT) {
      for (const prop of node.props) {
        if (prop.type !== NodeTypes.DIRECTIVE) continue;
        if (prop.exp?.type !== NodeTypes.SIMPLE_EXPRESSION) continue;
        if (prop.name === "for" || prop.name === "slot") continue;
        const where = prop.rawName ?? `v-${prop.name}`;
        check(prop.exp.content, where, prop.loc.start.line, found);
      }
      visit(node.children, found);
    }
  }
}

function check(expression: string, where: string, line: number, found: Mistake[]): void {
  const text = expression.trim();
  if (text === "") return;
  const body = where.startsWith("@") || where.startsWith("v-on") ? text : `return (${text}\n)`;
  try {
    new Function("$event", body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    found.push({ text: `line ${line}: ${where} "${text}": ${reason}`, line });
  }
}
