/**
 * Puts the pop-ups of an app above everything: an output area would clip them. Listeners of the app still find
 * them in its root. Gives the function that ends it.
 */
export function raisePopups(overlay: HTMLElement): () => void {
  // Older browsers leave them where they are.
  if (!("showPopover" in overlay)) return () => undefined;
  overlay.popover = "manual";
  const abort = new AbortController();
  let frame = 0;
  // Libraries look for what scrolls inside of the root only; this makes them place their pop-ups again.
  const scrolled = () => {
    if (overlay.childElementCount === 0) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
  };
  const { ownerDocument } = overlay;
  const options = { capture: true, passive: true, signal: abort.signal };
  ownerDocument.addEventListener("scroll", scrolled, options);
  const observer = new MutationObserver(() => {
    const open = overlay.matches(":popover-open");
    if (overlay.childElementCount > 0 && !open && overlay.isConnected) overlay.showPopover();
  });
  observer.observe(overlay, { childList: true });
  return () => {
    abort.abort();
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}
