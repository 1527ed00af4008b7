import type { ViewModel } from "./view/model";

interface CommMessage {
  content: { data: { method: string } };
}
type Handler = (this: HostModel, message: CommMessage) => unknown;
/** What is used of the model in ipywidgets, which the one that anywidget passes stands for. */
interface HostModel {
  _handle_comm_msg?: Handler;
  comm?: {
    on_msg(take: (message: CommMessage) => unknown): void;
    send(data: { method: string }): void;
  };
}

/** Every model of ipywidgets ignores it. */
const NOTHING: CommMessage = { content: { data: { method: "jupyter_trame.nothing" } } };
/** In milliseconds; hosts that know the model answer at once. */
const PATIENCE = 1000;

/**
 * Has the kernel's messages reach `model` although its code was late.
 *
 * anywidget holds messages back until a model's code is there, and drops all of them for ever where that took more than
 * two seconds (`ready` of its Runtime). They go to the class then that its own is made of, and the state, of which
 * changes may be lost, is asked for. Where a host's models are others, everything stays as it is. Never rejects.
 */
export async function takeMessages(model: ViewModel): Promise<void> {
  const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.race([mend(model).catch(() => undefined), patience]);
}

async function mend(model: ViewModel): Promise<void> {
  const host = (await model.widget_manager.get_model(model.get("own_id"))) as unknown as HostModel;
  const { comm, _handle_comm_msg: own } = host;
  const inherited = inheritedHandler(host);
  if (!comm || !own || !inherited) return;
  try {
    await own.call(host, NOTHING);
  } catch {
    comm.on_msg((message) => inherited.call(host, message));
    comm.send({ method: "request_state" });
  }
}

function inheritedHandler(host: HostModel): Handler | undefined {
  let level: HostModel | null = host;
  while (level && level._handle_comm_msg === host._handle_comm_msg) {
    level = Object.getPrototypeOf(level) as HostModel | null;
  }
  return level?._handle_comm_msg;
}
