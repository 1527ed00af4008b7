import {
  baseParse,
  type CompilerError,
  createSimpleExpression,
  ElementTypes,
  type NodeTransform,
  NodeTypes,
  type TemplateChildNode,
} from "@vue/compiler-dom";
import { compile, type RenderFunction } from "vue";

export type CompiledRender = (scope: object, cache: unknown[]) => ReturnType<RenderFunction>;

export interface Compiled {
  /** Null where nothing can be rendered. */
  render: CompiledRender | null;
  /** One sentence per mistake, with the line in the template. */
  errors: string[];
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
  const errors: string[] = [];
  const onError = (error: CompilerError) => {
    const line = error.loc?.start.line;
    errors.push(line ? `line ${line}: ${error.message}` : error.message);
  };
  try {
    const render = compile(template, {
      onError,
      nodeTransforms: [addressBinary, ownKeys],
    }) as unknown as CompiledRender;
    return { render, errors };
  } catch (error) {
    const expressions = diagnose(template);
    if (expressions.length > 0) errors.push(...expressions);
    else errors.push(error instanceof Error ? error.message : String(error));
    return { render: null, errors };
  }
}

const ADDRESSES = new Set(["src", "poster", "href"]);

/** `:src="picture"` of an html element takes bytes as well as an address. */
const addressBinary: NodeTransform = (node) => {
  if (node.type !== NodeTypes.ELEMENT || node.tagType !== ElementTypes.ELEMENT) return;
  for (const prop of node.props) {
    if (prop.type !== NodeTypes.DIRECTIVE || prop.name !== "bind") continue;
    if (prop.arg?.type !== NodeTypes.SIMPLE_EXPRESSION || !ADDRESSES.has(prop.arg.content))
      continue;
    if (prop.exp?.type !== NodeTypes.SIMPLE_EXPRESSION || !prop.exp.content.trim()) continue;
    prop.exp = createSimpleExpression(`$url(${prop.exp.content})`, false, prop.exp.loc);
  }
};

/**
 * The key component of trame-components listens to the whole document, where keys of an app in a notebook are
 * not to be heard; ours takes its place.
 */
const ownKeys: NodeTransform = (node) => {
  if (node.type === NodeTypes.ELEMENT && node.tag === "tc-mouse-trap")
    node.tag = "trame-mouse-trap";
};

/** The expressions of a template that are no JavaScript: the compiler itself does not say which. */
export function diagnose(template: string): string[] {
  const found: string[] = [];
  try {
    visit(baseParse(template, { onError: () => undefined }).children, found);
  } catch (error) {
    found.push(String(error));
  }
  return found;
}

function visit(nodes: TemplateChildNode[], found: string[]): void {
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

function check(expression: string, where: string, line: number, found: string[]): void {
  const text = expression.trim();
  if (text === "") return;
  const body = where.startsWith("@") || where.startsWith("v-on") ? text : `return (${text}\n)`;
  try {
    new Function("$event", body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    found.push(`line ${line}: ${where} "${text}": ${reason}`);
  }
}
