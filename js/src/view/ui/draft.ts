import { type Ref, shallowRef, watch } from "vue";

export interface Draft {
  /** What the user has written and the key does not have, or does not have yet; null where there is nothing. */
  readonly written: Ref<string | null>;
  /** Why it is not taken. */
  readonly refused: Ref<string>;
  write(text: string, refused?: string): void;
  /** The user is done with it: what was taken makes room for what the key has. */
  leave(): void;
}

/** What is being typed is not overwritten by a value from elsewhere, which `value` gives; once it is done, it is. */
export function useDraft(value: () => unknown): Draft {
  const written = shallowRef<string | null>(null);
  const refused = shallowRef("");
  let typing = false;
  const drop = () => {
    written.value = null;
    refused.value = "";
  };
  watch(value, () => {
    if (!typing) drop();
  });
  return {
    written,
    refused,
    write(text, reason = "") {
      typing = true;
      written.value = text;
      refused.value = reason;
    },
    leave() {
      typing = false;
      if (!refused.value) drop();
    },
  };
}
