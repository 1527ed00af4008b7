"""What users do is told to jupyter-server; what pages ask by themselves is not."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from jupyter_trame.extension.activity import Activity
from jupyter_trame.names import ASKED_BY_PAGES
from tests.extension.support import Browser, KernelProcess, until


def test_idle_time_begins_with_what_a_user_did() -> None:
    kernel = SimpleNamespace(last_activity=None)

    class Manager(dict[str, Any]):
        def get_kernel(self, kernel_id: str) -> Any:
            return self[kernel_id]

    times: dict[str, datetime] = {}
    manager: Any = Manager(k=kernel)
    activity = Activity(manager, times)
    assert activity.idle("k") == 0
    activity._last["k"] = time.monotonic() - 100
    assert activity.idle("k") > 60
    activity.noted("k")
    assert activity.idle("k") < 60
    assert kernel.last_activity == times["jupyter_trame"]
    activity.noted("gone")
    activity.forget("k")
    activity.forget("k")


async def test_writes_and_calls_count(
    jp_serverapp: Any, kernel: KernelProcess, browse: Callable[..., Awaitable[Browser]]
) -> None:
    kernel.run("Demo", x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    times = jp_serverapp.web_app.settings["last_activity_times"]
    for act in (lambda: browser.write(x=2), lambda: browser.call("method")):
        del times["jupyter_trame"]
        act()
        await until(lambda: "jupyter_trame" in times)
        assert kernel.description.last_activity == times["jupyter_trame"]
    assert jp_serverapp.web_app.last_activity() >= times["jupyter_trame"]


async def test_pings_and_what_the_app_sends_do_not(
    jp_serverapp: Any, kernel: KernelProcess, browse: Callable[..., Awaitable[Browser]]
) -> None:
    primary = kernel.run("Demo", x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    before = jp_serverapp.web_app.settings["last_activity_times"]["jupyter_trame"]
    browser.ws.ping(b"x")
    primary.commit({"x": 2})
    await until(lambda: browser.state == {"x": 2})
    assert jp_serverapp.web_app.settings["last_activity_times"]["jupyter_trame"] == before


async def test_what_pages_ask_by_themselves_does_not(
    jp_serverapp: Any, kernel: KernelProcess, browse: Callable[..., Awaitable[Browser]]
) -> None:
    kernel.run("Demo", x=1)
    browser = await browse()
    await until(lambda: browser.state == {"x": 1})
    times = jp_serverapp.web_app.settings["last_activity_times"]
    before = times["jupyter_trame"]
    for method in ASKED_BY_PAGES:
        browser.call(method)
    await until(lambda: {call.method for call in kernel.calls} == ASKED_BY_PAGES)
    assert times["jupyter_trame"] == before
