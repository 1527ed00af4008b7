import {
  type AttributeNode,
  createSimpleExpression,
  type DirectiveNode,
  ElementTypes,
  type NodeTransform,
  NodeTypes,
} from "@vue/compiler-dom";
import { guarded, isRefused } from "./attributes";
import { component } from "./components";
import { bound, markup, Written } from "./written";

/** What compiled templates call. */
export const HELPERS = {
  $written: (text: string): Written => new Written(text),
  $markup: markup,
  $bound: bound,
  $component: component,
} as const;

/**
 * Tells what the author wrote from what a template is given: code and markup of the author keep working, and what
 * `:is` names is looked at.
 */
export const guardTemplate: NodeTransform = (node) => {
  if (node.type !== NodeTypes.ELEMENT) return;
  if (node.tagType === ElementTypes.SLOT || node.tagType === ElementTypes.TEMPLATE) return;
  const isElement = node.tagType === ElementTypes.ELEMENT;
  // What a component makes of its attributes is not known here.
  const tag = isElement ? node.tag.toLowerCase() : "a";
  node.props = node.props.map((prop) =>
    prop.type === NodeTypes.ATTRIBUTE ? written(tag, prop) : chosen(prop),
  );
};

function written(tag: string, prop: AttributeNode): AttributeNode | DirectiveNode {
  const { name, value, loc } = prop;
  const kind = guarded(name);
  if (!value || kind === null) return prop;
  if (kind !== "srcdoc" && !isRefused(tag, kind, value.content)) return prop;
  const exp = createSimpleExpression(`$written(${JSON.stringify(value.content)})`, false, loc);
  const arg = createSimpleExpression(name, true, loc);
  return { type: NodeTypes.DIRECTIVE, name: "bind", exp, arg, modifiers: [], loc };
}

const MARKUP = /^[.^]?inner-?html$/i;

function chosen(prop: DirectiveNode): DirectiveNode {
  const { name, arg, exp } = prop;
  if (exp?.type !== NodeTypes.SIMPLE_EXPRESSION || !exp.content.trim()) return prop;
  const helped = (helper: keyof typeof HELPERS): DirectiveNode => ({
    ...prop,
    exp: createSimpleExpression(`${helper}((${exp.content}\n))`, false, exp.loc),
  });
  if (name === "html") return helped("$markup");
  if (name === "is") return helped("$component");
  if (name !== "bind") return prop;
  if (arg === undefined) return helped("$bound");
  if (arg.type !== NodeTypes.SIMPLE_EXPRESSION || !arg.isStatic) return prop;
  if (arg.content === "is") return helped("$component");
  return MARKUP.test(arg.content) ? helped("$markup") : prop;
}
