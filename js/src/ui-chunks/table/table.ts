import { defineComponent, h, type PropType, resolveComponent, useId } from "vue";
import { renderBody } from "./body";
import { useChoice } from "./choice";
import { renderFoot } from "./foot";
import { renderHead } from "./heading";
import { useRows } from "./rows";
import type { Change, Head, Id } from "./rows-cache";
import { type SelectMode, selectedIds } from "./selection";
import { useWidths } from "./widths";

/** A table whose rows stay with the app: it has the first ones, and asks for those that are looked at. */
export const Table = defineComponent({
  name: "JtTable",
  props: {
    head: { type: Object as PropType<Head>, default: null },
    changes: { type: Array as PropType<Change[]>, default: () => [] },
    /** What went wrong with the rows since they are as they are. */
    status: { type: Object as PropType<{ error?: object | null }>, default: () => ({}) },
    /** Name of the trigger that gives rows. */
    ask: { type: String, required: true },
    label: { type: String, default: "" },
    selected: { type: null as unknown as PropType<Id | Id[] | null>, default: null },
    select: { type: String as PropType<SelectMode>, default: "none" },
    /** Rows of a page; 0: all, and the area scrolls. */
    pageSize: { type: Number, default: 0 },
    height: { type: String, default: "24rem" },
  },
  emits: ["update:selected", "select", "open"],
  setup(props, { emit }) {
    const rows = useRows(props);
    const widths = useWidths(rows.area);
    const choice = useChoice(props, rows, {
      select(value) {
        emit("update:selected", value);
        emit("select", value);
      },
      open: (id) => emit("open", id),
    });
    const id = useId();
    const memory: unknown[] = [];
    // Of the client, which shows all exceptions alike.
    const failure = resolveComponent("JtFailure");
    return () => {
      const selected = selectedIds(props.selected, props.select);
      const error = props.status?.error;
      // Without rows it is not known that there are none.
      const showsRows = !error || rows.total.value > 0;
      return h("div", { class: "jt-table", "data-failed": Boolean(error) || undefined }, [
        error ? h(failure, { error }) : null,
        h(
          "div",
          {
            ref: rows.area,
            class: "jt-table-area",
            style: { maxHeight: props.height, display: showsRows ? undefined : "none" },
            onScrollPassive: rows.scrolled,
          },
          h(
            "table",
            {
              role: "grid",
              tabindex: 0,
              style: { width: widths.all() },
              "aria-label": props.label,
              "aria-rowcount": rows.total.value + 1,
              "aria-multiselectable": props.select === "many" ? true : undefined,
              "aria-activedescendant": rows.isDrawn(choice.active.value)
                ? `${id}-${choice.active.value}`
                : undefined,
              onKeydown: choice.keydown,
            },
            [
              ...renderHead(props.select, rows, widths),
              renderBody({ id, select: props.select, selected, rows, choice, memory }),
            ],
          ),
        ),
        showsRows ? renderFoot(rows, selected.length) : null,
      ]);
    };
  },
});
