/** Tells when trying again is worth it at once: the network is back, or somebody looks at the page again. */
export type Wake = (listener: () => void) => () => void;

export const pageWake: Wake = (listener) => {
  const seen = (): void => {
    if (document.visibilityState === "visible") listener();
  };
  window.addEventListener("online", listener);
  window.addEventListener("pageshow", seen);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("pageshow", seen);
    document.removeEventListener("visibilitychange", seen);
  };
};
