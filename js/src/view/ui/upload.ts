import { defineComponent, h } from "vue";
import { FIELD_EVENTS, FIELD_PROPS, useField } from "./field";

/** A file of the user, or several, chosen or dropped. */
export const JtUpload = defineComponent({
  name: "JtUpload",
  props: {
    ...FIELD_PROPS,
    modelValue: { type: null, default: null },
    /** Media types and extensions, as HTML has them. */
    accept: { type: String, default: undefined },
    multiple: Boolean,
  },
  emits: [...FIELD_EVENTS],
  setup(props, { emit }) {
    const field = useField("upload", props);
    const onChange = (event: Event) => {
      const files = Array.from((event.target as HTMLInputElement).files ?? []);
      const value = props.multiple ? files : (files[0] ?? null);
      emit("update:modelValue", value);
      emit("change", value);
    };
    return () => {
      const { accept, multiple } = props;
      const control = h("input", {
        ...field.attributes(),
        type: "file",
        class: "jt-upload-field",
        accept,
        multiple: multiple || undefined,
        onChange,
      });
      return field.around(control);
    };
  },
});
