"""The same for tests that are no coroutines: each call lets the loop turn until it is done.

The loop turns on the thread of the test, so the app's callbacks run there, and only within such calls.
"""

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from jupyter_trame.browserless.elements import Element
from jupyter_trame.browserless.operators import UNDEFINED
from jupyter_trame.browserless.scope import Scope
from jupyter_trame.client import Client
from jupyter_trame.core import State
from jupyter_trame.core.template_tree import HtmlNode
from jupyter_trame.server import Server
from jupyter_trame.testing.app_client import AppClient, JsCall, Publication
from jupyter_trame.testing.app_errors import AppErrors
from jupyter_trame.testing.app_session import AppSession

__all__ = ["BlockingClient", "BlockingElement", "BlockingSession"]

T = TypeVar("T")


class BlockingSession:
    """``with trame(app) as session``: an `AppSession` whose calls return when they are done.

    Those that wait block the thread of the test, and raise what the calls of the `AppSession` do. An interrupt (Ctrl-C)
    ends a wait as cancelling does. None may be made while a loop turns on the thread: that raises RuntimeError.
    """

    def __init__(self, session: AppSession) -> None:
        self._session = session
        self._loop = asyncio.new_event_loop()

    @property
    def server(self) -> Server:
        """See `AppSession.server`."""
        return self._session.server

    @property
    def state(self) -> State:
        """The server's."""
        return self._session.state

    @property
    def errors(self) -> AppErrors:
        """See `AppSession.errors`."""
        return self._session.errors

    @property
    def app(self) -> Any:
        """What the app function returned."""
        return self._session.app

    def client(self, name: str | None = None) -> "BlockingClient":
        """See `AppSession.client`."""
        return BlockingClient(self.run(self._session.client(name)), self)

    def set(self, **values: Any) -> None:
        """See `AppSession.set`."""
        self.run(self._session.set(**values))

    def until(self, condition: Callable[[], object], timeout: float | None = None) -> None:
        """See `AppSession.until`."""
        self.run(self._session.until(condition, timeout))

    def converge(self, *keys: str) -> None:
        """See `AppSession.converge`."""
        self.run(self._session.converge(*keys))

    def advance(self, seconds: float) -> None:
        """See `AppSession.advance`."""
        self.run(self._session.advance(seconds))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of `coroutine`, on the loop that owns the app."""
        return self._loop.run_until_complete(coroutine)

    def begin(self) -> None:
        """Start the app; ``with`` does it."""
        try:
            self.run(self._session.__aenter__())
        except BaseException:
            self._close()
            raise

    def end(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the app; ``with`` does it."""
        try:
            self.run(self._session.__aexit__(kind, error, trace))
        finally:
            self._close()

    def _close(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True) if tasks else _nothing())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


class BlockingClient:
    """An `AppClient` whose calls return when they are done. Between them nothing reaches it."""

    def __init__(self, client: AppClient, session: BlockingSession) -> None:
        self._client = client
        self._session = session

    @property
    def name(self) -> str:
        """For messages."""
        return self._client.name

    @property
    def peer(self) -> Client:
        """See `AppClient.peer`."""
        return self._client.peer

    @property
    def state(self) -> State:
        """What this client holds now."""
        return self._client.state

    @property
    def connected(self) -> bool:
        """Whether it speaks with the app."""
        return self._client.connected

    @property
    def reachable(self) -> bool:
        """Whether what it and the app say arrives: it is connected, and neither cut nor stalled."""
        return self._client.reachable

    @property
    def actions(self) -> list[JsCall]:
        """See `AppClient.actions`."""
        return self._client.actions

    @property
    def publications(self) -> list[Publication]:
        """See `AppClient.publications`."""
        return self._client.publications

    def set(self, **values: Any) -> None:
        """See `AppClient.set`."""
        self._session.run(self._client.set(**values))

    def trigger(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """See `AppClient.trigger`."""
        return self._session.run(self._client.trigger(name, *args, **kwargs))

    def until(self, condition: Callable[[State], object], timeout: float | None = None) -> None:
        """See `AppClient.until`."""
        self._session.run(self._client.until(condition, timeout))

    def wait_for(self, key: str, value: Any, timeout: float | None = None) -> None:
        """See `AppClient.wait_for`."""
        self._session.run(self._client.wait_for(key, value, timeout))

    def template(self, name: str = "main") -> "BlockingElement":
        """See `AppClient.template`."""
        return self._client.show(name, self._make)

    def find(self, selector: str = "", *, template: str = "main", **wanted: Any) -> "BlockingElement":
        """See `Element.find`."""
        return self.template(template).find(selector, **wanted)

    def find_all(
        self, selector: str = "", *, template: str = "main", **wanted: Any
    ) -> "list[BlockingElement]":
        """See `Element.find_all`."""
        return self.template(template).find_all(selector, **wanted)

    def delay(self, seconds: float) -> None:
        """See `AppClient.delay`."""
        self._client.delay(seconds)

    def stall(self) -> None:
        """See `AppClient.stall`."""
        self._client.stall()

    def cut(self) -> None:
        """See `AppClient.cut`."""
        self._client.cut()

    def resume(self) -> None:
        """See `AppClient.resume`."""
        self._session.run(self._client.resume())

    def connect(self) -> None:
        """See `AppClient.connect`."""
        self._session.run(self._client.connect())

    def disconnect(self) -> None:
        """See `AppClient.disconnect`."""
        self._session.run(self._client.disconnect())

    def _make(
        self, node: HtmlNode, scope: Scope, parent: Element | None, *, certain: bool
    ) -> "BlockingElement":
        return BlockingElement(self._client, self._session, node, scope, parent, certain=certain)

    def __repr__(self) -> str:
        return f"<BlockingClient {self.name!r}, {self.peer.connected.name.lower()}>"


class BlockingElement(Element):
    """A `ClientElement` whose calls return when they are done."""

    def __init__(
        self,
        client: AppClient,
        session: BlockingSession,
        node: HtmlNode,
        scope: Scope,
        parent: Element | None,
        *,
        certain: bool = True,
    ) -> None:
        super().__init__(node, scope, parent, certain=certain)
        self._client = client
        self._session = session

    def click(self) -> None:
        """See `ClientElement.click`."""
        self._session.run(self._client.click(self))

    def set(self, value: Any, model: str | None = None) -> None:
        """See `ClientElement.set`."""
        self._session.run(self._client.enter(self, value, model))

    def fire(self, event: str, value: Any = UNDEFINED) -> None:
        """See `ClientElement.fire`."""
        self._session.run(self._client.fire(self, event, value))


async def _nothing() -> None:
    """There is no task to wait for."""
