import { defineComponent, h } from "vue";

export const Loading = defineComponent({
  name: "TrameLoading",
  props: { message: { type: String, default: "Loading..." } },
  setup(props) {
    return () =>
      h("div", { class: "trame__loader jt-loading", role: "status" }, [
        h("span", { class: "jt-spinner", "aria-hidden": "true" }),
        h("span", { class: "trame__message" }, props.message),
      ]);
  },
});
