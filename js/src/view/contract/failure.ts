import type { StateStore } from "../state/store";
import type { ConnectionStatus, ViewConnection } from "./connection-status";

/** State key that tells templates why there is no connection; absent while there is one. */
export const FAILURE = "trame_error_report_msg";
/** A shorter break is no news. */
const DELAY = 700;
const MESSAGES: Partial<Record<ConnectionStatus["state"], string>> = {
  lost: "Connection closed",
  stopped: "Connection closed",
  refused: "Connection error",
};

/** Keeps `trame_error_report_msg` up to date, in this client only. */
export function followFailure(connection: ViewConnection, state: StateStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = connection.onStatus(({ state: status, message }) => {
    clearTimeout(timer);
    if (status === "live") {
      state.setLocal({ [FAILURE]: undefined });
      return;
    }
    const text = MESSAGES[status];
    if (!text || !state.ready) return;
    const tell = () => state.setLocal({ [FAILURE]: message || text });
    if (status === "lost") timer = setTimeout(tell, DELAY);
    else tell();
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
