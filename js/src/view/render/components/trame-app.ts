import { defineComponent, h, onBeforeUnmount } from "vue";
import { FAILURE } from "../../contract/failure";
import { trustComponents } from "../../guard/components";
import { TEMPLATES, templateKey } from "../templates";
import { useProvided, useTrame } from "./inject";
import { Template } from "./named-template";

const ON_ERROR = "error";
const ON_ERROR_RECONNECT = "error_reconnect";

/**
 * The root: the template that the view was made for. While the connection is broken, the app's own template
 * for that takes its place; without one the last picture stays, and the view says the reason over it.
 */
export const TrameApp = defineComponent({
  name: "TrameApp",
  props: {
    useUrl: { type: Boolean, default: false },
    templateName: { type: String, default: "main" },
  },
  setup(props) {
    const trame = useTrame();
    const templates = useProvided(TEMPLATES);
    const { state } = trame;
    const names = trame.config.reconnect
      ? [ON_ERROR_RECONNECT, ON_ERROR]
      : [ON_ERROR, ON_ERROR_RECONNECT];
    const added = new Set<string>();
    const connected = () => addRoutes(trame.utils.router, state.state.trame__routes, added);
    trame.addConnectListener(connected);
    onBeforeUnmount(() => {
      trame.removeConnectListener(connected);
      trame.unmounted();
    });
    return () => {
      const name = state.get(FAILURE)
        ? names.find((candidate) => state.get(templateKey(candidate)))
        : undefined;
      return name ? h(templates.component(name)) : h(Template, { ...props });
    };
  },
});

/** Routes that the server listed, for the router of a package, if there is one; each once, however often it connects. */
function addRoutes(router: unknown, routes: unknown, added: Set<string>): void {
  const add = (router as { addRoute?: (route: unknown) => unknown } | undefined)?.addRoute;
  if (typeof add !== "function" || !Array.isArray(routes)) return;
  for (const route of routes) {
    const text = JSON.stringify(route);
    // Only the server sets them.
    trustComponents(route);
    if (!added.has(text)) add.call(router, route);
    added.add(text);
  }
}
