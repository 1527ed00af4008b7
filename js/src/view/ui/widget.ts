import {
  defineComponent,
  h,
  type InjectionKey,
  inject,
  onBeforeUnmount,
  onMounted,
  shallowRef,
} from "vue";

/** What is used of the host's manager of ipywidgets. */
export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<HostView>;
}
interface HostView {
  el: HTMLElement;
  luminoWidget?: LuminoWidget;
  pWidget?: LuminoWidget;
  remove(): void;
}
interface LuminoWidget {
  processMessage(message: { type: string }): void;
}

/** Where the view is: what it shows of the page's own widgets, and by whom they are made. */
export interface WidgetPlace {
  /** Null where nobody has the page's widgets: in a tab, a page or a frame. */
  manager: WidgetManager | null;
  /** The element whose shadow root the app is in; null where it is in none. */
  host: Element | null;
}

export const WIDGETS: InjectionKey<WidgetPlace> = Symbol("widgets");

const ELSEWHERE = "A widget of the notebook: it is shown where the app is shown in a cell.";
let count = 0;

/**
 * An ipywidget of the notebook. It is drawn in the page, where the styles of all widgets are, and shown here by a slot.
 */
export const JtWidget = defineComponent({
  name: "JtWidget",
  props: { model: { type: String, default: "" } },
  setup(props) {
    const { manager, host } = inject(WIDGETS, { manager: null, host: null });
    const slot = `jt-widget-${++count}`;
    const problem = shallowRef(manager && host ? "" : ELSEWHERE);
    const box = document.createElement("div");
    box.slot = slot;
    let view: HostView | null = null;
    let gone = false;
    const show = async (widgets: WidgetManager, place: Element) => {
      const made = await widgets.create_view(await widgets.get_model(props.model));
      if (gone) {
        made.remove();
        return;
      }
      view = made;
      place.append(box);
      box.append(made.el);
      // Widgets draw themselves once they are told that they are in the page.
      tell(made, "after-attach");
    };
    onMounted(() => {
      if (!manager || !host) return;
      show(manager, host).catch((error: unknown) => {
        problem.value = `The widget cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
      });
    });
    onBeforeUnmount(() => {
      gone = true;
      // One that is in no page any more cannot be taken out of it.
      if (view && !view.el.isConnected) tell(view, "after-detach");
      view?.remove();
      box.remove();
    });
    return () =>
      h("div", { class: "jt-widget" }, [
        problem.value
          ? h("p", { class: "jt-help", role: "note" }, problem.value)
          : h("slot", { name: slot }),
      ]);
  },
});

function tell(view: HostView, type: string): void {
  (view.luminoWidget ?? view.pWidget)?.processMessage({ type });
}
