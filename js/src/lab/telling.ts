import { Clipboard, Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { ApiError } from "./api";
import { failure } from "./notice";

/** Says in a notification what went wrong with an app, with the command that mends it and the traceback. */
export function tellFailure(title: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const { trace = "", install = "" } = error instanceof ApiError ? error : {};
  const actions: Notification.IAction[] = [];
  if (install)
    actions.push({ label: "Copy Command", callback: () => Clipboard.copyToSystem(install) });
  if (trace) {
    const show = (): void => {
      const body = new Widget({ node: failure({ message, trace, install }, []) });
      void showDialog({ title, body, buttons: [Dialog.okButton({ label: "Close" })] });
    };
    actions.push({ label: "Details", callback: show });
  }
  // Without the word that it stays, the lab only counts it below its bell.
  const text = install ? `${title}: ${message}\n${install}` : `${title}: ${message}`;
  Notification.error(text, { autoClose: false, actions });
}
