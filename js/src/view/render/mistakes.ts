import type { CompilerError } from "@vue/compiler-dom";

/** By the number of the compiler, whose production build has no words of its own. */
const WORDS: Record<string, string> = {
  2: "an attribute is written twice",
  3: "an end tag has no attributes",
  5: "the text ends within a tag",
  7: "the text ends within a comment",
  9: "the text ends within a tag",
  13: "the attribute has no value after the =",
  14: "the end tag has no name",
  17: "the name of an attribute has a quote or a < in it: a quote before it is missing",
  18: "the value needs quotes",
  19: "an attribute begins with =",
  23: "the end tag has no start tag",
  24: "the element has no end tag",
  25: "{{ without }}",
  26: "the directive has no name",
  27: "[ without ]: the name of an attribute has no spaces in it",
  28: "v-if needs an expression",
  29: "the branches of a v-if need keys of their own",
  30: "v-else without a v-if right before it",
  31: "v-for needs an expression",
  32: 'v-for is written as "item in items"',
  33: "the key belongs to the <template> of the v-for",
  34: "the binding needs an expression",
  35: "the event needs an expression",
  37: "slots are mixed: each needs a <template>",
  38: "two slots have the same name",
  40: "v-slot belongs to a component or a <template>",
  41: "v-model needs an expression",
  42: "v-model needs something that can be assigned to",
  43: "v-model cannot assign to a variable of v-for or of a slot",
  47: "<KeepAlive> has one component in it",
};
const EXCERPT = 48;

/** One sentence for a mistake in a template: the line, how it goes on there, what is wrong. */
export function describeMistake(template: string, { code, message, loc }: CompilerError): string {
  const words = WORDS[code] ?? message;
  if (!loc) return words;
  const [rest = ""] = template.slice(loc.start.offset).split("\n", 1);
  const excerpt = rest.length > EXCERPT ? `${rest.slice(0, EXCERPT)}…` : rest;
  const place = `line ${loc.start.line}`;
  return excerpt ? `${place}: ${excerpt}: ${words}` : `${place}: ${words}`;
}
