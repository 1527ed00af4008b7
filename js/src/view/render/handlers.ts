import {
  createCompoundExpression,
  type DirectiveTransform,
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

type Transforms = Record<string, DirectiveTransform | undefined>;

interface Names {
  bound: string[];
  /** Where the values come from. */
  source: string;
}

/** What `v-for` and slots name around the node that is being transformed. */
const scopes = new WeakMap<TransformContext, Names[]>();

/** Has handlers write into parts of values, whether they name a state key or what `v-for` and slots name. */
export const actingHandlers: NodeTransform = (node, context) => {
  if (node.type === NodeTypes.ROOT) {
    context.directiveTransforms = actingTransforms(context.directiveTransforms);
    return;
  }
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

/** The compiler's own transforms; the handlers that they make see what they may change. */
function actingTransforms(own: Transforms): Transforms {
  const { on, model } = own as { on: DirectiveTransform; model: DirectiveTransform };
  return {
    ...own,
    on(directive, node, context, augmentor) {
      const { exp } = directive;
      const isPath = exp?.type === NodeTypes.SIMPLE_EXPRESSION && PATH.test(exp.content);
      const result = on(directive, node, context, augmentor);
      if (!exp || isPath) return result;
      return { ...result, props: result.props.map((prop) => acting(prop, context)) };
    },
    model(directive, node, context, augmentor) {
      const result = model(directive, node, context, augmentor);
      const props = result.props.map((prop) =>
        textOf(prop.key).includes("onUpdate:") ? acting(prop, context) : prop,
      );
      return { ...result, props };
    },
  };
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
