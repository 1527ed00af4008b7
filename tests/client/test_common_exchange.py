"""An exchange without a connection: what is said next, and calls that nobody answers."""

import asyncio
from typing import Any

import pytest

from jupyter_trame.client.common_exchange import CommonExchange, OnEvents
from jupyter_trame.client.pending_results import FutureResult
from jupyter_trame.errors import RemoteError
from jupyter_trame.protocol.client_events import Replied


class Exchange(CommonExchange[None]):
    """Counts when there is something to send."""

    def __init__(self) -> None:
        super().__init__(FutureResult)
        self.due = 0

    async def serve(self, connection: Any, on_events: OnEvents) -> str | None:
        raise NotImplementedError

    def leave(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError

    def _send(self) -> None:
        self.due += 1

    _send_from_any_thread = _send


def test_who_says_something_else_begins_a_new_session() -> None:
    exchange = Exchange()
    exchange.greet_with("secret", {"a": 1})
    session = exchange.session
    exchange.greet_with("secret", {"a": 1})
    assert exchange.session is session
    exchange.greet_with("another", {"a": 1})
    assert exchange.session is not session


def test_writes_and_calls_are_due() -> None:
    async def scenario() -> None:
        exchange = Exchange()
        exchange.write({"x": 1})
        assert exchange.due == 1
        calls = [asyncio.create_task(exchange.call("f", [], None)) for _ in range(3)]
        await asyncio.sleep(0)
        assert exchange.due == 4
        good, bad, _ = exchange._calls
        exchange._settle(Replied(good, 5, None))
        exchange._settle(Replied(bad, None, {"code": -32000, "message": "no"}))
        exchange._settle(Replied("of nobody", 5, None))
        exchange.fail("gone")
        assert await calls[0] == 5
        with pytest.raises(RemoteError):
            await calls[1]
        with pytest.raises(ConnectionError, match="gone"):
            await calls[2]
        assert not exchange._calls

    asyncio.run(scenario())


def test_what_was_refused_is_never_sent_again() -> None:
    exchange = Exchange()
    exchange.write({"x": 1})
    assert exchange._refusal(1006, "") is None
    assert exchange.session.pending
    assert exchange._refusal(1009, "too big") == "too big"
    assert not exchange.session.pending
