"""A trame app as a service."""

import json
from pathlib import Path
from typing import Any

from jupyter_trame.extension.extension_app import TrameExtension
from jupyter_trame.extension.narvi_services import NarviServices
from tests.extension.narvi_support import app, kernels, register, service
from tests.extension.support import Browser, until


async def test_a_trame_app_is_a_service(
    narvi: NarviServices, extension: TrameExtension, jp_fetch: Any, jp_ws_fetch: Any, tmp_path: Path
) -> None:
    entry = service("counter", app_parameters={"start": 5}, settings={"app": "narvi_test_services:trame_app"})
    register(narvi, ("service", entry), ("app", app(tmp_path, "counter", "counter", roots=[])))
    base = ("trame", "narvi", "w", "counter", "x")
    page = await jp_fetch(*base, "index.html")
    assert b"../../../../static/" in page.body
    assert await kernels(jp_fetch) == [], "the page is there before its app"
    browser = Browser(await jp_ws_fetch(*base, "ws"))
    await until(lambda: browser.state.get("x") == 5)
    pid = browser.state["pid"]
    assert json.loads((await jp_fetch(*base, "status")).body)["session_count"] == 1
    browser.write(x=7)
    other = Browser(await jp_ws_fetch(*base, "ws"))
    await until(lambda: other.state.get("x") == 7)
    assert narvi.host.known.statuses("w")["counter"]["instances"].keys() == {"x"}
    await narvi.host.restart("w", "counter", "x")
    await until(lambda: browser.closed and other.closed)
    assert browser.close[0] == 1012
    again = Browser(await jp_ws_fetch(*base, "ws"))
    await until(lambda: again.state.get("x") == 5)
    assert again.state["pid"] != pid
    await again.leave()
    await until(lambda: not narvi.sessions)
    for one in (browser, other):
        one.ws.close()


async def test_each_session_has_an_app_of_its_own(
    narvi: NarviServices, extension: TrameExtension, jp_fetch: Any, jp_ws_fetch: Any, tmp_path: Path
) -> None:
    settings = {"app": "narvi_test_services:trame_app"}
    entry = service("own", is_shared_service=False, settings=settings)
    register(narvi, ("service", entry), ("app", app(tmp_path, "own", "own", roots=[])))
    base = ("trame", "narvi", "w", "own", "x")
    one = Browser(await jp_ws_fetch(*base, "ws"))
    other = Browser(await jp_ws_fetch(*base, "ws"))
    await until(lambda: one.state.get("x") == 1 and other.state.get("x") == 1)
    assert one.state["pid"] != other.state["pid"]
    assert (await jp_fetch(*base, "index.html")).code == 200
    await one.leave()
    await other.leave()
    await until(lambda: not narvi.sessions)
