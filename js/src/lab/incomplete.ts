import { Clipboard, Dialog, showDialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { command } from "./notice";

const COPY = "Copy Command";
const START = "Start Anyway";

/** Tells what the package of an app lacks; whether it is to be started all the same, in a kernel that may have it. */
export async function confirmIncomplete(title: string, install: string): Promise<boolean> {
  const { button } = await showDialog({
    title: `The package of ${title} is incomplete`,
    body: new Widget({ node: explanation(install) }),
    buttons: [
      Dialog.cancelButton(),
      Dialog.okButton({ label: START }),
      Dialog.okButton({ label: COPY }),
    ],
  });
  if (button.label === COPY) Clipboard.copyToSystem(install);
  return button.label === START;
}

function explanation(install: string): HTMLElement {
  const box = document.createElement("div");
  const sentence = document.createElement("p");
  sentence.textContent = "This installs what it lacks, in the environment of the kernel:";
  box.append(sentence, command(install));
  return box;
}
