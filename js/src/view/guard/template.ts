import {
  type AttributeNode,
  ConstantTypes,
  createSimpleExpression,
  type DirectiveNode,
  ElementTypes,
  type ExpressionNode,
  isStaticExp,
  type NodeTransform,
  NodeTypes,
} from "@vue/compiler-dom";
import { guarded, isRefused } from "./attributes";
import { component } from "./components";
import { text } from "./text";
import { bound, list, named, naming, reference, styles, target } from "./values";
import { markup, Written } from "./written";

/** What compiled templates call. */
export const HELPERS = {
  $written: (text: string): Written => new Written(text),
  $markup: markup,
  $bound: bound,
  $component: component,
  $list: list,
  $ref: reference,
  $name: naming,
  $named: named,
  $style: styles,
  $target: target,
  $text: text,
} as const;

/**
 * Tells what the author wrote from what a template is given: code and markup of the author keep working, and what
 * `:is` names, `v-for` runs through and `[ ]` names is looked at.
 */
export const guardTemplate: NodeTransform = (node) => {
  if (node.type === NodeTypes.FOR) help(node.source, "$list");
  if (node.type !== NodeTypes.ELEMENT) return;
  for (const prop of node.props) {
    if (prop.type !== NodeTypes.DIRECTIVE) continue;
    if (prop.forParseResult) help(prop.forParseResult.source, "$list");
    if (NAMED.has(prop.name) && prop.arg && !isStaticExp(prop.arg)) help(prop.arg, "$name");
  }
  if (node.tagType === ElementTypes.SLOT || node.tagType === ElementTypes.TEMPLATE) return;
  const isElement = node.tagType === ElementTypes.ELEMENT;
  // What a component makes of its attributes is not known here.
  const tag = isElement ? node.tag.toLowerCase() : "a";
  node.props = node.props.map((prop) =>
    prop.type === NodeTypes.ATTRIBUTE ? written(tag, prop) : chosen(node.tag, prop),
  );
};

const NAMED = new Set(["bind", "on", "slot"]);

type Helper = keyof typeof HELPERS;

function helped(content: string, helper: Helper): string {
  return `${helper}((${content}\n))`;
}

/** In place: the compiler has taken the expression into its code already. */
function help(expression: ExpressionNode, helper: Helper): void {
  if (expression.type === NodeTypes.SIMPLE_EXPRESSION && expression.content.trim())
    expression.content = helped(expression.content, helper);
}

function written(tag: string, prop: AttributeNode): AttributeNode | DirectiveNode {
  const { name, value, loc } = prop;
  const kind = guarded(name);
  if (!value || kind === null) return prop;
  if (kind !== "srcdoc" && !isRefused(tag, kind, value.content)) return prop;
  const exp = createSimpleExpression(`$written(${JSON.stringify(value.content)})`, false, loc);
  const arg = createSimpleExpression(name, true, loc);
  return { type: NodeTypes.DIRECTIVE, name: "bind", exp, arg, modifiers: [], loc };
}

const GROUP = /^transition-?group$/i;
const TELEPORT = /^teleport$/i;
const MARKUP = /^[.^]?inner-?html$/i;

function chosen(tag: string, prop: DirectiveNode): DirectiveNode {
  const { name, arg, exp } = prop;
  if (exp?.type !== NodeTypes.SIMPLE_EXPRESSION || !exp.content.trim()) return prop;
  const through = (helper: Helper): DirectiveNode => ({
    ...prop,
    exp: createSimpleExpression(helped(exp.content, helper), false, exp.loc),
  });
  if (name === "html") return through("$markup");
  if (name === "text") return through("$text");
  if (name !== "bind" && name !== "on") return prop;
  if (arg === undefined) return through("$bound");
  if (name === "on" || arg.type !== NodeTypes.SIMPLE_EXPRESSION) return prop;
  if (!arg.isStatic) {
    const content = `$named(${arg.content}, (${exp.content}\n))`;
    return { ...prop, exp: createSimpleExpression(content, false, exp.loc) };
  }
  if (arg.content === "is") return through("$component");
  // Vue's own components make a node of what they get, or put nodes there.
  if (arg.content === "tag" && GROUP.test(tag)) return through("$component");
  if (arg.content === "to" && TELEPORT.test(tag)) return through("$target");
  // Vue has made an object of written styles, which may be hoisted.
  const isFixed = exp.constType > ConstantTypes.NOT_CONSTANT;
  if (arg.content === "style") return isFixed ? prop : through("$style");
  if (arg.content === "ref") return through("$ref");
  return MARKUP.test(arg.content) ? through("$markup") : prop;
}
