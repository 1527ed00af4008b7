import { computed, defineComponent, h } from "vue";
import { TEMPLATES } from "../templates";
import { useProvided, useTrame } from "./inject";

/** `<trame-template template-name="x"/>` shows the template of state key `trame__template_x`. */
export const Template = defineComponent({
  name: "TrameTemplate",
  props: {
    templateName: { type: String, default: "main" },
    useUrl: { type: Boolean, default: false },
    urlKey: { type: String, default: "ui" },
  },
  setup(props) {
    const trame = useTrame();
    const templates = useProvided(TEMPLATES);
    const name = computed(() => {
      const chosen = props.useUrl ? trame.config[props.urlKey] : undefined;
      return typeof chosen === "string" && chosen ? chosen : props.templateName;
    });
    return () => h(templates.component(name.value));
  },
});
