import {
  createCompoundExpression,
  type DirectiveTransform,
  DOMDirectiveTransforms,
  type ExpressionNode,
  type JSChildNode,
  type NodeTransform,
  NodeTypes,
  type Property,
  type TransformContext,
} from "@vue/compiler-dom";

/** A name, or a way to a member: a function that is called as it is. */
const PATH = /^\s*[A-Za-z_$][\w$]*(?:\s*\??\.\s*[A-Za-z_$][\w$]*|\s*\[[^\]]+\])*\s*$/;
const WORDS = new Set("true,false,null,undefined,this,new,in,of".split(","));
/** Names that a pattern binds: those before the end of one of its parts, but no default. */
const BOUND = /(?<!=\s*|[\w$])([A-Za-z_$][\w$]*)\s*(?=[,}\])=]|$)/g;

interface Names {
  bound: string[];
  /** Where the values come from. */
  source: string;
}

/** What `v-for` and slots name around the node that is being transformed. */
const scopes = new WeakMap<TransformContext, Names[]>();

/** Notes what the handlers inside of a node may mean by names that are none of the state. */
export const collectNames: NodeTransform = (node, context) => {
  const found: Names[] = [];
  if (node.type === NodeTypes.FOR) {
    const { valueAlias, keyAlias, objectIndexAlias, source } = node;
    const bound = [valueAlias, keyAlias, objectIndexAlias].flatMap(namesIn);
    found.push({ bound, source: textOf(source) });
  } else if (node.type === NodeTypes.ELEMENT) {
    for (const prop of node.props) {
      if (prop.type !== NodeTypes.DIRECTIVE) continue;
      const { name, exp, forParseResult: parsed } = prop;
      if (name === "slot") found.push({ bound: namesIn(exp), source: "" });
      if (name === "for" && parsed) {
        const bound = [parsed.value, parsed.key, parsed.index].flatMap(namesIn);
        found.push({ bound, source: textOf(parsed.source) });
      }
    }
  }
  if (found.length === 0) return;
  const stack = scopes.get(context) ?? [];
  scopes.set(context, stack);
  stack.push(...found);
  return () => {
    stack.length -= found.length;
  };
};

/** Handlers see what they may change. */
export const handlerTransforms: Record<string, DirectiveTransform> = {
  on(directive, node, context, augmentor) {
    const { exp } = directive;
    const isPath = exp?.type === NodeTypes.SIMPLE_EXPRESSION && PATH.test(exp.content);
    const result = transform("on", directive, node, context, augmentor);
    if (!exp || isPath) return result;
    return { ...result, props: result.props.map((prop) => acting(prop, context)) };
  },
  model(directive, node, context, augmentor) {
    const result = transform("model", directive, node, context, augmentor);
    const props = result.props.map((prop) =>
      textOf(prop.key).includes("onUpdate:") ? acting(prop, context) : prop,
    );
    return { ...result, props };
  },
};

function transform(name: string, ...[directive, ...rest]: Parameters<DirectiveTransform>) {
  return (DOMDirectiveTransforms[name] as DirectiveTransform)(directive, ...rest);
}

/** The handler is made anew when it is called: with what the names around it stand for by then. */
function acting(prop: Property, context: TransformContext): Property {
  const names = scopes.get(context) ?? [];
  const bound = [...new Set(names.flatMap((scope) => scope.bound))];
  const hint = JSON.stringify(names.map(({ source }) => source).join(" "));
  const owned = bound.map((name) => `$own(${name}, ${hint})`);
  const value = createCompoundExpression([
    `(...$args) => $act(((${bound.join(", ")}) => (`,
    prop.value as ExpressionNode,
    `))(${owned.join(", ")}), $args)`,
  ]);
  return { ...prop, value: value as JSChildNode };
}

function namesIn(pattern: ExpressionNode | undefined): string[] {
  const found = Array.from(textOf(pattern).matchAll(BOUND), ([, name = ""]) => name);
  return found.filter((name) => !WORDS.has(name));
}

/** The source of an expression; of a computed one the parts that are text. */
function textOf(node: ExpressionNode | undefined): string {
  if (node?.type === NodeTypes.SIMPLE_EXPRESSION) return node.content;
  if (node?.type !== NodeTypes.COMPOUND_EXPRESSION) return "";
  return node.children.map((child) => (typeof child === "string" ? child : "")).join("");
}
