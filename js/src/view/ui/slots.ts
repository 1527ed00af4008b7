import { Comment, Fragment, type Slot, type VNode } from "vue";

/** What stands in a slot: without comments, and what `v-for` made one by one. */
export function partsOf(slot: Slot | undefined): VNode[] {
  return flatten(slot?.() ?? []);
}

function flatten(nodes: readonly VNode[]): VNode[] {
  return nodes.flatMap((node) => {
    if (node.type === Comment) return [];
    return node.type === Fragment && Array.isArray(node.children)
      ? flatten(node.children as VNode[])
      : [node];
  });
}
