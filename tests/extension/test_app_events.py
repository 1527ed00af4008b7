"""What listeners of jupyter-server's events hear, with a real kernel."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.extension.app_events import APP, VIEWER, AppEvents
from jupyter_trame.extension.extension_app import TrameExtension
from tests.extension.support import Browser, until

pytestmark = pytest.mark.usefixtures("apps")


@pytest.fixture
def heard(jp_serverapp: Any, extension: TrameExtension) -> Callable[[str], list[dict[str, Any]]]:
    """``heard(schema)``: what came so far, without what jupyter-events adds."""
    came: dict[str, list[dict[str, Any]]] = {APP: [], VIEWER: []}

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        came[schema_id].append(data)

    for schema in came:
        jp_serverapp.event_logger.add_listener(schema_id=schema, listener=listen)
    return came.__getitem__


async def post(jp_fetch: Any, *parts: str) -> Any:
    response = await jp_fetch(
        "trame", "api", "v1", *parts, method="POST", body="", raise_error=False, request_timeout=60
    )
    return json.loads(response.body)


async def test_an_app_from_its_start_to_its_end(jp_fetch: Any, jp_ws_fetch: Any, heard: Any) -> None:
    app = await post(jp_fetch, "apps", "good")
    facts = {"owner": "launcher", "kernel_id": app["kernel_id"], "slug": "good", "app": "good"}
    await until(lambda: heard(APP) == [{"action": "started", **facts}])
    browser = Browser(await jp_ws_fetch("trame", app["kernel_id"], "good", "ws"))
    await until(lambda: browser.state)
    who = {"kernel_id": app["kernel_id"], "slug": "good", "viewer": browser.session.client_id}
    await until(lambda: heard(VIEWER) == [{"action": "joined", **who}])
    await browser.leave()
    await until(lambda: heard(VIEWER)[1:] == [{"action": "left", **who}])
    await jp_fetch("trame", "api", "v1", "servers", app["kernel_id"], "good", method="DELETE")
    await until(lambda: heard(APP)[1:] == [{"action": "stopped", **facts}])


async def test_an_app_that_fails(jp_fetch: Any, heard: Any) -> None:
    await post(jp_fetch, "apps", "failing")
    failed = {"action": "failed", "owner": "launcher", "app": "failing"}
    await until(lambda: heard(APP) == [{**failed, "reason": "ValueError: no data today"}])


def test_without_a_logger_nobody_is_told() -> None:
    AppEvents(None).app("started", owner="launcher", kernel_id="k")
