"""Two servers in one program: both are started before the loop turns."""

import asyncio
from typing import Any

from trame.app import get_server


def start(name: str) -> Any:
    server = get_server(name)

    @server.controller.add("on_server_ready")
    def ready(**_: Any) -> None:
        print(f"{name} at {server.port}", flush=True)

    @server.trigger("leave")
    def leave() -> None:
        asyncio.get_event_loop().call_later(0.2, lambda: asyncio.ensure_future(server.stop()))

    return server.start(exec_mode="task", port=0, open_browser=False)


first, second = start("first"), start("second")
asyncio.get_event_loop().run_until_complete(asyncio.gather(first, second))
print("both have ended")
