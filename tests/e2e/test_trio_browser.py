"""A browser's own websocket, and a server on trio."""

import json
import threading
from typing import Any

import trio
from playwright.sync_api import BrowserContext

from jupyter_trame.trio import ConnectionClosed, serve
from tests.trio.support import address_of, echo

PAGE = """
<!doctype html><title>echo</title><script>
const got = [];
const socket = new WebSocket(ADDRESS, ["second", "first"]);
socket.binaryType = "arraybuffer";
socket.onopen = () => {
  socket.send("text é");
  socket.send(new Uint8Array([1, 2, 255]));
};
socket.onmessage = ({data}) => {
  got.push(typeof data === "string" ? data : Array.from(new Uint8Array(data)));
  if (got.length === 2) socket.close(4001, "enough");
};
socket.onclose = ({code, reason, wasClean}) => {
  document.title = JSON.stringify([got, code, reason, wasClean, socket.protocol, socket.extensions]);
};
</script>
"""


def test_a_browser_talks_to_a_server_on_trio(context: BrowserContext) -> None:
    ends: list[tuple[int, str]] = []
    up, addresses, stops = threading.Event(), list[str](), list[Any]()

    async def handler(websocket: Any, path: str) -> None:
        assert websocket.origin is not None
        try:
            await echo(websocket, path)
        except ConnectionClosed as error:
            ends.append((error.code, error.reason))

    async def main() -> None:
        token, scope = trio.lowlevel.current_trio_token(), trio.CancelScope()
        stops.append(lambda: token.run_sync_soon(scope.cancel))
        with scope:
            async with serve(handler, "127.0.0.1", 0, subprotocols=["first", "second"]) as server:
                addresses.append(address_of(server))
                up.set()
                await trio.sleep_forever()

    thread = threading.Thread(target=trio.run, args=(main,))
    thread.start()
    up.wait()
    try:
        page = context.new_page()
        page.set_content(PAGE.replace("ADDRESS", json.dumps(addresses[0])))
        page.wait_for_function("document.title.startsWith('[')")
        title = json.loads(page.title())
    finally:
        stops[0]()
        thread.join()
    assert title[:5] == [["text é", [1, 2, 255]], 4001, "enough", True, "first"]
    assert "permessage-deflate" in title[5]
    assert ends == [(4001, "enough")]
