import { mountHere } from "./app";
import type { Transport } from "./transports";

/** What most apps begin with. */
const STATE = {
  trame__template_main:
    '<div><input v-model="rehearsed"><p v-for="n in 2" :key="n" @click="rehearsed = n">{{ rehearsed }}</p></div>',
  rehearsed: "",
};

/** Leads nowhere, and says nothing. */
class NoTransport implements Transport {
  readonly kind = "comm";
  onopen = (): void => undefined;
  onframe = (): void => undefined;
  onclose = (): void => undefined;
  open(): void {}
  send(): void {}
  close(): void {}
}

/**
 * Draws a small app where nobody sees it, so that the first one need not wait: browsers compile functions when they are
 * called for the first time, which takes longer than to run them. Resolves when all of it is gone again.
 */
export async function rehearse(): Promise<void> {
  const host = document.createElement("div");
  host.hidden = true;
  document.body.append(host);
  try {
    const app = mountHere(host, {
      transports: [() => new NoTransport()],
      fetcher: {
        address: () => null,
        fetch: () => Promise.reject(new Error("nothing is fetched")),
      },
      embed: "shadow",
      view: { mode: "inline", title: "", snapshot: STATE, page: () => null },
    });
    await new Promise((resolve) => requestAnimationFrame(resolve));
    app.dispose();
  } finally {
    host.remove();
  }
}
