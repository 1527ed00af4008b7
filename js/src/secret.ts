/**
 * The secret of the app behind `page`. It travels in the address once, so it is neither in bookmarks nor in
 * what the user shares; a reload of the browser tab still knows it, for the host of that `socket` alone.
 * `storage` may throw.
 */
export function rememberSecret(
  given: string | null,
  { page, socket, storage }: { page: URL; socket: URL; storage: () => Storage },
): string | undefined {
  const key = `jupyter-trame:secret:${socket.host}${new URL("./", page).pathname}`;
  try {
    if (given === null) return storage().getItem(key) ?? undefined;
    storage().setItem(key, given);
  } catch {
    // A browser may forbid the storage, as in a frame of another site; then a reload needs the address once more.
  }
  return given ?? undefined;
}
