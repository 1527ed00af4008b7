import { type CompilerError, ErrorCodes } from "@vue/compiler-dom";

/** Vue's production build has no words of its own. */
const WORDS: Record<string, string> = {
  [ErrorCodes.DUPLICATE_ATTRIBUTE]: "an attribute is written twice",
  [ErrorCodes.EOF_BEFORE_TAG_NAME]: "the text ends within a tag",
  [ErrorCodes.EOF_IN_COMMENT]: "the text ends within a comment",
  [ErrorCodes.EOF_IN_TAG]: "the text ends within a tag",
  [ErrorCodes.MISSING_ATTRIBUTE_VALUE]: "the attribute has no value after the =",
  [ErrorCodes.MISSING_END_TAG_NAME]: "the end tag has no name",
  [ErrorCodes.UNEXPECTED_CHARACTER_IN_ATTRIBUTE_NAME]:
    "the name of an attribute has a quote or a < in it: a quote before it is missing",
  [ErrorCodes.UNEXPECTED_CHARACTER_IN_UNQUOTED_ATTRIBUTE_VALUE]: "the value needs quotes",
  [ErrorCodes.UNEXPECTED_EQUALS_SIGN_BEFORE_ATTRIBUTE_NAME]: "an attribute begins with =",
  [ErrorCodes.X_INVALID_END_TAG]: "the end tag has no start tag",
  [ErrorCodes.X_MISSING_END_TAG]: "the element has no end tag",
  [ErrorCodes.X_MISSING_INTERPOLATION_END]: "{{ without }}",
  [ErrorCodes.X_MISSING_DIRECTIVE_NAME]: "the directive has no name",
  [ErrorCodes.X_MISSING_DYNAMIC_DIRECTIVE_ARGUMENT_END]:
    "[ without ]: the name of an attribute has no spaces in it",
  [ErrorCodes.X_V_IF_NO_EXPRESSION]: "v-if needs an expression",
  [ErrorCodes.X_V_IF_SAME_KEY]: "the branches of a v-if need keys of their own",
  [ErrorCodes.X_V_ELSE_NO_ADJACENT_IF]: "v-else without a v-if right before it",
  [ErrorCodes.X_V_FOR_NO_EXPRESSION]: "v-for needs an expression",
  [ErrorCodes.X_V_FOR_MALFORMED_EXPRESSION]: 'v-for is written as "item in items"',
  [ErrorCodes.X_V_FOR_TEMPLATE_KEY_PLACEMENT]: "the key belongs to the <template> of the v-for",
  [ErrorCodes.X_V_BIND_NO_EXPRESSION]: "the binding needs an expression",
  [ErrorCodes.X_V_ON_NO_EXPRESSION]: "the event needs an expression",
  [ErrorCodes.X_V_SLOT_MIXED_SLOT_USAGE]: "slots are mixed: each needs a <template>",
  [ErrorCodes.X_V_SLOT_DUPLICATE_SLOT_NAMES]: "two slots have the same name",
  [ErrorCodes.X_V_SLOT_MISPLACED]: "v-slot belongs to a component or a <template>",
  [ErrorCodes.X_V_MODEL_NO_EXPRESSION]: "v-model needs an expression",
  [ErrorCodes.X_V_MODEL_MALFORMED_EXPRESSION]: "v-model needs something that can be assigned to",
  [ErrorCodes.X_KEEP_ALIVE_INVALID_CHILDREN]: "<KeepAlive> has one component in it",
};
const EXCERPT = 48;

/** A mistake in a template. */
export interface Mistake {
  /** One sentence: the line, how it goes on there, what is wrong. */
  text: string;
  /** In the template, from 1; null where nobody knows. */
  line: number | null;
}

export function describeMistake(template: string, error: CompilerError): Mistake {
  return { text: sentence(template, error), line: error.loc?.start.line ?? null };
}

function sentence(template: string, { code, message, loc }: CompilerError): string {
  const words = WORDS[code] ?? message;
  if (!loc) return words;
  const [rest = ""] = template.slice(loc.start.offset).split("\n", 1);
  const excerpt = rest.length > EXCERPT ? `${rest.slice(0, EXCERPT)}…` : rest;
  const place = `line ${loc.start.line}`;
  return excerpt ? `${place}: ${excerpt}: ${words}` : `${place}: ${words}`;
}
