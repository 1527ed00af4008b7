import { expect, it } from "vitest";
import { compileTemplate } from "../../../src/view/render/compile";
import { describeMistake } from "../../../src/view/render/mistakes";

/** A template for each mistake that has words, with a piece of them. */
const MISTAKES: [template: string, words: string][] = [
  ['<p a="1" a="2"></p>', "written twice"],
  ["<", "ends within a tag"],
  ["<!-- begun", "ends within a comment"],
  ["<p a", "ends within a tag"],
  ["<p a=></p>", "no value after the ="],
  ["<p></></p>", "no name"],
  ["<p a\"b='1'></p>", "a quote or a <"],
  ['<p a=b"c></p>', "needs quotes"],
  ["<p =a></p>", "begins with ="],
  ["</p>", "no start tag"],
  ["<div><p>", "no end tag"],
  ["{{ a", "{{ without }}"],
  ["<p v-></p>", "the directive has no name"],
  ['<p v-bind:[a="b"></p>', "[ without ]"],
  ["<p v-if></p>", "v-if needs an expression"],
  ['<p v-if="a" key="k"></p><p v-else key="k"></p>', "keys of their own"],
  ["<p v-else></p>", "without a v-if"],
  ["<p v-for></p>", "v-for needs an expression"],
  ['<p v-for="a"></p>', "item in items"],
  ['<template v-for="a in b"><p :key="a"></p></template>', "belongs to the <template>"],
  ['<p :a=" "></p>', "the binding needs an expression"],
  ["<p @click></p>", "the event needs an expression"],
  ["<my-list v-slot><template #a></template></my-list>", "slots are mixed"],
  ["<my-list><template #a></template><template #a></template></my-list>", "the same name"],
  ["<p v-slot></p>", "v-slot belongs to"],
  ["<input v-model>", "v-model needs an expression"],
  ['<input v-model="a + b">', "can be assigned to"],
  ["<KeepAlive><p></p><p></p></KeepAlive>", "<KeepAlive> has one"],
];

it.each(MISTAKES)("%s", (template, words) => {
  expect(
    compileTemplate(template)
      .errors.map(({ text }) => text)
      .join("\n"),
  ).toContain(words);
});

it("what has no words of ours is said in Vue's", () => {
  const error = Object.assign(new SyntaxError("in words of Vue"), { code: -1, loc: undefined });
  expect(describeMistake("", error)).toEqual({ text: "in words of Vue", line: null });
});
