import { ownHeaders } from "../transports/own-request";

const SHOWN = 300;

/** Why the socket at `address` is refused: a failed upgrade shows no status, so it is asked for once over HTTP. */
export async function refusal(address: string): Promise<string> {
  const url = new URL(address);
  url.protocol = url.protocol.replace(/^ws/, "http");
  try {
    const response = await fetch(url, { redirect: "manual", headers: ownHeaders(url) });
    const { status, type } = response;
    if (type === "opaqueredirect" || status === 401) return "You are not signed in.";
    if (status === 403) return "You may not use this service, or are not signed in.";
    if (status === 404 || status >= 500) return said(await response.text(), response);
  } catch {
    // Nothing answers there.
  }
  return "The server does not answer.";
}

/** The reason that the server gives, if it is one for people. */
function said(text: string, response: Response): string {
  const plain = response.headers.get("Content-Type")?.startsWith("text/plain") && text.trim();
  return plain
    ? plain.slice(0, SHOWN)
    : `The server refuses the connection (HTTP ${response.status}).`;
}
