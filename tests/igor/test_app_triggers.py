"""Actions as triggers of an app; in a real view they are in `tests/e2e/test_igor.py`."""

import asyncio
import threading
from typing import Any

import pytest

from jupyter_trame.errors import NotWritableError, ServerError
from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.igor import IgorServer
from jupyter_trame.igor.app_triggers import ViewOutput
from jupyter_trame.server import Server
from tests.igor.support import client, run, serving


def count(output: Any, data: Any, *, session: dict[str, Any], scope: dict[str, Any]) -> None:
    session["calls"] = session.get("calls", 0) + 1
    scope["thread"] = threading.get_ident()
    for number in range(data):
        output.send(number)


async def later(output: Any, data: Any) -> None:
    await asyncio.sleep(0)
    output.send(data)


def complain(output: Any, data: Any) -> None:
    output.send(1)
    output.send_error("no")


def test_row_14_an_action_is_a_trigger() -> None:
    app = Server("igor-app")
    igor = IgorServer({"ns": {"count": count}, "later": later}, name="robot", server=app)
    assert igor.server is app
    assert set(registered(app)) >= {"igor.robot.ns.count", "igor.robot.later"}

    @igor.action("more")
    def more(output: Any, data: Any) -> None: ...

    assert "igor.robot.more" in registered(app)


def registered(app: Server) -> set[str]:
    return {
        name for name in ("igor.robot.ns.count", "igor.robot.later", "igor.robot.more") if find(app, name)
    }


def find(app: Server, name: str) -> Any:
    return app.controller.trigger_fn(name)


def test_values_and_errors() -> None:
    app = Server("igor-app")
    api = {"count": count, "later": later, "complain": complain, "wrapped": lambda *args: later(*args)}
    IgorServer(api, name="robot", server=app)
    assert find(app, "igor.robot.count")(3) == [0, 1, 2]
    assert find(app, "igor.robot.count")(3, into="number") == [0, 1, 2]
    assert app.state.number == 2
    with pytest.raises(ServerError, match="no"):
        find(app, "igor.robot.complain")()

    async def scenario() -> None:
        assert await find(app, "igor.robot.later")("x") == ["x"]
        assert await find(app, "igor.robot.wrapped")("y", "text") == ["y"]
        assert app.state.text == "y"

    run(scenario)


def test_an_output_that_is_closed() -> None:
    output = ViewOutput("a", None, None)
    output.close()
    for use in (output.close, output.send, lambda: output.send_error(1)):
        with pytest.raises(ClosedError):
            use()
    assert output.closed


def test_no_client_gets_the_session_of_the_views() -> None:
    app = Server("igor-app")

    async def scenario() -> None:
        async with client(server) as raw:
            assert (await raw.introduce("app igor-app"))["code"] == 400
            await raw.ask(1, "ns.count", 0)
            await raw.until_close(1)

    with serving({"ns": {"count": count}}, name="robot", server=app) as server:
        find(app, "igor.robot.ns.count")(1)
        run(scenario)
        assert server.sessions["app igor-app"] == {"calls": 1}


@pytest.mark.parametrize("into", ["trame__template_main", "trame__title", "throttle"])
def test_a_view_names_no_key_that_is_the_servers(into: str) -> None:
    app = Server("igor-app")
    IgorServer({"count": count}, name="robot", server=app)
    with pytest.raises(NotWritableError, match=into):
        find(app, "igor.robot.count")(3, into=into)
    with pytest.raises(TypeError, match="`into` is the name of a key, a str, not int"):
        find(app, "igor.robot.count")(3, into=7)
