import { el } from "../element";
import { count } from "./format";
import type { Action } from "./instance-row";
import type { Instance } from "./overview";

/** Asks before an instance is stopped or restarted: others use it. */
export function confirmAction(action: Action, instance: Instance, confirmed: () => void): void {
  const verb = action === "stop" ? "Stop" : "Restart";
  const title = el("h2", { id: "question" }, `${verb} ${instance.service} ${instance.serviceId}?`);
  const cancel = el("button", { value: "", class: "plain" }, "Cancel");
  const go = el("button", { value: "yes", class: action }, verb);
  const form = el("form", { method: "dialog" });
  form.append(
    title,
    el("p", {}, consequence(action, instance)),
    el("div", { class: "choice" }, cancel, go),
  );
  const dialog = el("dialog", { "aria-labelledby": "question" }, form);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "yes") confirmed();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function consequence(action: Action, { info, alike }: Instance): string {
  const sessions = count(Object.keys(info.sessions).length, "session");
  const who =
    alike > 1 ? `All ${alike} instances of this service id end` : `Its ${sessions} will be cut off`;
  const after =
    action === "stop"
      ? "It starts again when somebody opens a page of it."
      : "Pages come back by themselves.";
  return `${who}, and what it keeps in memory is lost. ${after}`;
}
