/**
 * The headers that prove that a page of the server makes a request, and not a page of somebody else. jupyter-server
 * asks for them where something is written; a JupyterHub, of every request that a script makes. There are none for an
 * address of another origin.
 */
export function ownHeaders(address: URL): Record<string, string> {
  const token = address.origin === window.origin ? xsrfCookie() : undefined;
  return token === undefined ? {} : { "X-XSRFToken": token };
}

/** Whether an address is `folder` or lies below it. */
export function isBelow(address: URL, folder: URL): boolean {
  return address.origin === folder.origin && address.pathname.startsWith(folder.pathname);
}

/**
 * There may be one for the folder of a user and one for that of a server of theirs. Browsers list the one with the
 * longest path first (RFC 6265, 5.4), and a hub's server takes no other than its own.
 */
function xsrfCookie(): string | undefined {
  const name = "_xsrf=";
  return cookies()
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(name))
    ?.slice(name.length);
}

function cookies(): string[] {
  try {
    return document.cookie.split(";");
  } catch {
    // A sandboxed page has none.
    return [];
  }
}
