import { computed, defineComponent, h, inject, onBeforeUnmount, ref } from "vue";
import { OWN_PAGE, useTrame } from "./inject";

/** Says that the connection is lost; a click tries again, `?reconnect=auto` does without one. */
export const Reconnect = defineComponent({
  name: "TrameReconnect",
  props: {
    message: { type: String, default: "The connection was lost." },
    maxRetry: { type: Number, default: 10 },
    delay: { type: Number, default: 500 },
    giveUpMessage: { type: String, default: "The server does not answer." },
  },
  setup(props) {
    const trame = useTrame();
    const ownPage = inject(OWN_PAGE, false);
    const attempts = ref(0);
    const isAuto = trame.config.reconnect === "auto";
    const gaveUp = computed(() => attempts.value >= props.maxRetry);
    const attempt = () => trame.connect().catch(() => undefined);
    const timer = setInterval(() => {
      if (trame.client.isConnected()) attempts.value = 0;
      else if (isAuto && !gaveUp.value) {
        attempts.value += 1;
        void attempt();
      }
    }, props.delay);
    onBeforeUnmount(() => clearInterval(timer));
    return () => {
      const reload = gaveUp.value && ownPage;
      const onClick = reload ? () => location.reload() : attempt;
      const label = reload ? "Reload page" : "Reconnect";
      return h("div", { class: "trame__loader jt-loading", role: "status" }, [
        h("span", { class: "trame__message" }, gaveUp.value ? props.giveUpMessage : props.message),
        h("button", { class: "jt-notice-retry", type: "button", onClick }, label),
      ]);
    };
  },
});
