"""A client of the app under test: what a browser does, as a coroutine each."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from jupyter_trame.browserless.elements import Element
from jupyter_trame.browserless.expressions import NeedsBrowserError
from jupyter_trame.browserless.operators import UNDEFINED
from jupyter_trame.browserless.rendering import render
from jupyter_trame.browserless.scope import Scope, Step, TriggerCall, WrittenKeys
from jupyter_trame.client import Client, ConnectionStatus
from jupyter_trame.core import State
from jupyter_trame.core.template_tree import HtmlNode, parse_template
from jupyter_trame.errors import RemoteError, SerializationError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.names import ACTIONS_TOPIC, TEMPLATE_KEY
from jupyter_trame.protocol.client_events import ClientEvent, Published
from jupyter_trame.testing.network import Route
from jupyter_trame.testing.waiting import Waiting, describe_state

__all__ = ["AppClient", "ClientElement", "JsCall", "Publication", "Recorder"]

E = TypeVar("E", bound=Element)


class JsCall(NamedTuple):
    """What `server.js_call` asked for."""

    ref: str
    method: str
    args: list[Any]


class Publication(NamedTuple):
    """What the app published."""

    topic: str
    data: Any


class Recorder(Client):
    """A `Client` that keeps what is published, and that does not wait before it connects again."""

    _pace = 0.0

    def __init__(self, route: Route, secret: str, on_error: Callable[[ErrorReport], None]) -> None:
        super().__init__(config={"secret": secret})
        self.published: list[Publication] = []
        self._opener, self._in_process = route.open, True
        self._user_code.sinks.append(on_error)

    @property
    def unsettled(self) -> bool:
        """Whether a write of this client is not committed."""
        return bool(self._exchange.session.pending)

    def _handle(self, event: ClientEvent) -> None:
        if isinstance(event, Published):
            self.published.append(Publication(event.topic, event.data))
        super()._handle(event)


class AppClient:
    """Speaks the protocol with the app, over a network that a test may slow down, stall and cut.

    `AppSession.client` makes it. Everything runs on the loop that owns the app.

    A call that waits raises `NotReachedError`, which shows the state and the errors of the app, when what it waits for
    does not come about. Cancelling one is safe: it waits no longer, and what it began in the app goes on.
    """

    def __init__(self, name: str, peer: Recorder, route: Route, waiting: Waiting) -> None:
        self.name = name
        """For messages."""
        self.peer = peer
        """The client itself, with listeners (`Client.change`) and RPC methods (`Client.call`)."""
        self._route = route
        self._waiting = waiting
        self._life: asyncio.Task[None] | None = None
        self._parsed: dict[str, HtmlNode] = {}

    # -- what it knows

    @property
    def state(self) -> State:
        """What this client holds now. ``with client.state:`` writes without waiting for the app."""
        return self.peer.state

    @property
    def connected(self) -> bool:
        """Whether it speaks with the app."""
        return self._route.connected and self.peer.connected is ConnectionStatus.CONNECTED

    @property
    def reachable(self) -> bool:
        """Whether what it and the app say arrives: it is connected, and neither cut nor stalled."""
        return self._route.passable and self.connected

    @property
    def actions(self) -> list[JsCall]:
        """The calls of `server.js_call` so far."""
        return [
            JsCall(action["ref"], action["method"], list(action["args"]))
            for published in self.peer.published
            if published.topic == ACTIONS_TOPIC
            for action in published.data
            if action["type"] == "method"
        ]

    @property
    def publications(self) -> list[Publication]:
        """What the app published so far, calls of `server.js_call` and errors included."""
        return list(self.peer.published)

    # -- acting

    async def set(self, **values: Any) -> None:
        """Write keys, and wait until the app has them and its listeners ran.

        While the client is cut or stalled it does not wait: what was written leaves when the connection is back.
        """
        await self._perform([WrittenKeys(values)], f"the app takes {', '.join(values)}")

    async def trigger(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The result of a trigger. Raises `RemoteError` when it fails, ConnectionError while the client is cut."""
        call = self.peer.call_trigger(name, args, kwargs)
        task = asyncio.ensure_future(call)
        return await self._waiting.finish(task, f"the trigger {name!r} answers", self._describe)

    async def until(
        self,
        condition: Callable[[State], object],
        timeout: float | None = None,  # noqa: ASYNC109 - the failure says more than a TimeoutError
    ) -> None:
        """Wait until ``condition(client.state)`` holds, at most `timeout` seconds; one that raises does not hold.

        Raises `AppFailedError` as soon as the app has an error that nobody expects.
        """
        await self._waiting.until(
            lambda: condition(self.state), f"the condition of {self.name} holds", self._describe, timeout
        )

    async def wait_for(
        self,
        key: str,
        value: Any,
        timeout: float | None = None,  # noqa: ASYNC109 - the failure says more than a TimeoutError
    ) -> None:
        """Wait until the client's `key` equals `value`, for at most `timeout` seconds. Raises as `until`."""
        await self._waiting.until(
            lambda: self.state[key] == value, f"{key} of {self.name} is {value!r}", self._describe, timeout
        )

    # -- the page

    def template(self, name: str = "main") -> "ClientElement":
        """What the template `name` shows now, as the parent of its elements.

        Raises LookupError where there is none, `TemplateError` where it is no HTML.
        """
        return self.show(name, self._make)

    def show(self, name: str, make: Callable[..., E]) -> E:
        """As `template`, with elements that `make` makes; see `render`."""
        text = self.state[f"{TEMPLATE_KEY}{name}"]
        if not isinstance(text, str):
            keys = [
                key.removeprefix(TEMPLATE_KEY) for key in self.state.to_dict() if key.startswith(TEMPLATE_KEY)
            ]
            raise LookupError(f"there is no template {name!r}; there are: {', '.join(keys) or 'none'}")  # noqa: TRY004
        if text not in self._parsed:
            self._parsed = {text: parse_template(name, text)}
        return render(self._parsed[text], Scope(self.state), make)

    def find(self, selector: str = "", *, template: str = "main", **wanted: Any) -> "ClientElement":
        """The one element of a template that fits; see `Element.find`."""
        return self.template(template).find(selector, **wanted)

    def find_all(self, selector: str = "", *, template: str = "main", **wanted: Any) -> "list[ClientElement]":
        """The elements of a template that fit; see `Element.find_all`."""
        return self.template(template).find_all(selector, **wanted)

    async def click(self, element: Element) -> None:
        """See `ClientElement.click`."""
        _check(element, "click")
        await self.fire(element, "click")

    async def enter(self, element: Element, value: Any, model: str | None = None) -> None:
        """See `ClientElement.set`."""
        _check(element, "set")
        await self._perform(element.steps_of_input(value, model), f"the app takes the value of {element!r}")

    async def fire(self, element: Element, event: str, value: Any = UNDEFINED) -> None:
        """See `ClientElement.fire`."""
        await self._perform(element.steps(event, value), f"the app takes {event} of {element!r}")

    # -- the network

    def delay(self, seconds: float) -> None:
        """Let each frame take so long, in either direction. It is time of the test's own: see `AppSession.advance`."""
        self._route.delay = seconds

    def stall(self) -> None:
        """Read nothing any more, as a page in a sleeping tab does; what the client sends still leaves."""
        self._route.stall()

    def cut(self) -> None:
        """Break the connection; what is in flight is lost. The app keeps the session for a while."""
        self._route.cut()

    async def resume(self) -> None:
        """End `stall` and `cut`, and wait until the client is connected and the app has what it wrote."""
        self._route.resume()
        await self._settle(f"{self.name} is connected again")

    async def connect(self) -> None:
        """Connect for the first time, or again after `disconnect`. Raises as `Client.connect`; cancelling it leaves."""
        self._route.begin()
        self._life = asyncio.get_running_loop().create_task(self.peer.connect(reconnect=True))
        self._life.add_done_callback(_take_note)
        connected = asyncio.ensure_future(self.peer.until_connected())
        try:
            await self._waiting.finish(connected, f"{self.name} is connected", self._describe)
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """Leave for good, as a page that is closed. Harmless on one that has left; see `Client.disconnect`."""
        await self.peer.disconnect()
        life, self._life = self._life, None
        if life is not None:
            await asyncio.wait([life])

    # -- insides

    async def _perform(self, steps: list[Step], what: str) -> list[Any]:
        """Do what a handler does; the results of its triggers."""
        calls: list[tuple[str, asyncio.Task[Any]]] = []
        for step in steps:
            if isinstance(step, WrittenKeys):
                with self.state:
                    self.state.update(step.changes)
            else:
                calls.append((step.name, self._start(step)))
                await asyncio.sleep(0)  # now it has left, behind what was written before
        results = [await self._result(name, task) for name, task in calls]
        if self.reachable:
            await self._settle(what)
        return results

    async def _result(self, name: str, task: asyncio.Task[Any]) -> Any:
        """What a trigger gave a handler: None where it cannot be packed, since a handler drops it."""
        try:
            return await self._waiting.finish(task, f"the trigger {name!r} answers", self._describe)
        except RemoteError as error:
            if error.error.get("code") != SerializationError.code:
                raise
            return None

    async def _settle(self, what: str) -> None:
        await self._waiting.until(
            lambda: self.connected and not self.peer.unsettled, what, self._describe, in_spite_of_errors=True
        )

    def _start(self, call: TriggerCall) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(self.peer.call_trigger(call.name, call.args, call.kwargs))
        task.add_done_callback(_take_note)
        return task

    def _make(
        self, node: HtmlNode, scope: Scope, parent: Element | None, *, certain: bool
    ) -> "ClientElement":
        return ClientElement(self, node, scope, parent, certain=certain)

    def _describe(self) -> str:
        flags = [self.peer.connected.name.lower()]
        if self._route.stalled:
            flags.append("stalled")
        if self._route.in_flight:
            flags.append(f"{self._route.in_flight} frames in flight")
        return f"{self.name} ({', '.join(flags)}) holds:\n{describe_state(self.state.to_dict())}"

    def __repr__(self) -> str:
        return f"<AppClient {self.name!r}, {self.peer.connected.name.lower()}>"


class ClientElement(Element):
    """An element that can be used as in a page.

    A call that waits does so as one of `AppClient`: it raises `NotReachedError`, and may be cancelled.
    """

    def __init__(
        self, client: AppClient, node: HtmlNode, scope: Scope, parent: Element | None, *, certain: bool = True
    ) -> None:
        super().__init__(node, scope, parent, certain=certain)
        self._client = client

    async def click(self) -> None:
        """Do what a click does, and wait for the app; see `fire`. Raises AssertionError on a hidden or disabled one."""
        await self._client.click(self)

    async def set(self, value: Any, model: str | None = None) -> None:
        """Give it a value as a user does: its ``v-model`` (or ``v-model:<model>``) and what listens to that.

        It waits for the app. Raises as `fire`, and AssertionError on a hidden or disabled one.
        """
        await self._client.enter(self, value, model)

    async def fire(self, event: str, value: Any = UNDEFINED) -> None:
        """Run the handlers of `event` with `value` as ``$event``, and wait until the app took what they did.

        Raises `NeedsBrowserError` where that needs a JavaScript engine, `NoSuchElementError` where nothing handles
        the event, and `RemoteError` where a trigger failed.
        """
        await self._client.fire(self, event, value)


def _take_note(task: asyncio.Task[Any]) -> None:
    """Keep asyncio from complaining: whoever waited for the connection, or for the first of several calls, was told."""
    if not task.cancelled():
        task.exception()


def _check(element: Element, action: str) -> None:
    assert element.shown, f"nobody can {action} {element!r}: it is hidden"
    assert not _is_disabled(element), f"nobody can {action} {element!r}: it is disabled"


def _is_disabled(element: Element) -> bool:
    try:
        return element.disabled
    except NeedsBrowserError:
        return False
