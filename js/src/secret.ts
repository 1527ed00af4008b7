/**
 * The secret of the app behind `page`. It travels in the address once, so it is neither in bookmarks nor in
 * what the user shares; a reload of the browser tab still knows it, for the host of that `socket` alone.
 */
export function rememberSecret(
  given: string | null,
  { page, socket, storage }: { page: URL; socket: URL; storage: Storage },
): string | undefined {
  const key = `jupyter-trame:secret:${socket.host}${new URL("./", page).pathname}`;
  if (given === null) return storage.getItem(key) ?? undefined;
  storage.setItem(key, given);
  return given;
}
