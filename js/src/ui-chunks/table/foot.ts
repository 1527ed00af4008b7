import { h, type VNode } from "vue";
import type { Rows } from "./rows";

const numbers = new Intl.NumberFormat("en");
const text = (number: number) => numbers.format(number).replaceAll(",", "\u202f");

/** How many rows there are, and the way to other pages. */
export function renderFoot(rows: Rows, selected: number): VNode {
  const { first, end } = rows.page.value;
  const total = rows.total.value;
  const paged = end - first < total;
  const what = paged ? `${text(first + 1)} to ${text(end)} of ${text(total)}` : text(total);
  const chosen = selected > 0 ? `, ${text(selected)} selected` : "";
  const told = total === 0 ? "No rows" : `${what} ${total === 1 ? "row" : "rows"}${chosen}`;
  return h("div", { class: "jt-table-foot" }, [
    h("span", { role: "status" }, told),
    ...(paged ? [renderPages(rows)] : []),
  ]);
}

function renderPages(rows: Rows): VNode {
  const size = rows.size.value;
  const page = Math.floor(rows.page.value.first / size);
  const last = Math.ceil(rows.total.value / size) - 1;
  const button = (label: string, sign: string, target: number, disabled: boolean) =>
    h(
      "button",
      { type: "button", "aria-label": label, disabled, onClick: () => rows.turnTo(target) },
      sign,
    );
  return h("div", { class: "jt-table-pages", role: "group", "aria-label": "Pages" }, [
    button("First page", "«", 0, page === 0),
    button("Previous page", "‹", page - 1, page === 0),
    h("span", `${text(page + 1)} / ${text(last + 1)}`),
    button("Next page", "›", page + 1, page === last),
    button("Last page", "»", last, page === last),
  ]);
}
