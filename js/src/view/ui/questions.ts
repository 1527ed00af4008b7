import type { Trame } from "../contract/trame";
import type { Ask, Question } from "./ask";

/** What `ui.confirm` publishes, and how it is answered (`jupyter_trame/ui/confirm.py`). */
const TOPIC = "trame.ui.ask";
const ANSWER = "trame__ui_answer";

/** Asks the user what callbacks of the app want to know. The function ends it: what is not answered stays so. */
export function followQuestions(trame: Trame, ask: Ask): () => void {
  const abort = new AbortController();
  const put = async ({ id, ...question }: Question & { id: number }) => {
    const answer = await ask(question, abort.signal);
    if (!abort.signal.aborted) await trame.trigger(ANSWER, [id, answer]);
  };
  const session = trame.client.getConnection().getSession();
  // The session ends with the view, and its subscriptions with it.
  session.subscribe(TOPIC, ([question]) => {
    void put(question as Question & { id: number });
  });
  return () => abort.abort();
}
