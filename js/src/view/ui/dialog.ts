import { defineComponent, h, onMounted, useId, useTemplateRef, watch } from "vue";

/** A window over the page, while its key is true; Escape and its button close it. */
export const JtDialog = defineComponent({
  name: "JtDialog",
  props: { modelValue: { type: null, default: false }, title: { type: String, default: "" } },
  emits: ["update:modelValue", "close"],
  setup(props, { emit, slots }) {
    const id = useId();
    const element = useTemplateRef<HTMLDialogElement>("dialog");
    const follow = (isOpen: boolean) => {
      const dialog = element.value;
      if (!dialog || dialog.open === isOpen) return;
      if (isOpen) dialog.showModal();
      else dialog.close();
    };
    onMounted(() => follow(Boolean(props.modelValue)));
    watch(() => Boolean(props.modelValue), follow, { flush: "post" });
    const closed = () => {
      if (!props.modelValue) return;
      emit("update:modelValue", false);
      emit("close");
    };
    const close = () => element.value?.close();
    return () =>
      h(
        "dialog",
        { ref: "dialog", class: "jt-dialog", "aria-labelledby": `${id}-title`, onClose: closed },
        [
          h("header", { class: "jt-dialog-head" }, [
            h("h2", { class: "jt-dialog-title", id: `${id}-title` }, props.title),
            h(
              "button",
              { type: "button", class: "jt-close", "aria-label": "Close", onClick: close },
              "×",
            ),
          ]),
          h("div", { class: "jt-column" }, props.modelValue ? slots.default?.() : []),
        ],
      );
  },
});
