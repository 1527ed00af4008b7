"""An address over the lives of its server, seen by pages without a websocket."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.client.session import ClientSession, Ready, StateChanged, StatusChanged
from jupyter_trame.kernel.endpoint import Endpoint
from jupyter_trame.protocol import Primary
from jupyter_trame.transports.comm import MessageRate
from jupyter_trame.types import Epoch, Packed
from tests.server.support import turn


def make_primary(epoch: str, **values: Any) -> Primary:
    primary = Primary(
        name="app",
        slug="app",
        title="App",
        epoch=Epoch(epoch),
        on_event=lambda _: None,
        on_unpackable=lambda _: None,
    )
    primary.commit(values)
    return primary


class Page:
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.session = ClientSession()
        self.events: list[Any] = []
        self.closes: list[Mapping[str, Any]] = []
        self.sent = 0

    def open(self) -> None:
        self.endpoint.page_message(self.post, {"jt": "open", "view": "v"}, ())
        self.session.connected()
        self.flush()

    def post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        if content["jt"] == "close":
            self.closes.append(content)
        for buffer in buffers:
            self.events += self.session.receive(buffer)
        asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        frames = self.session.take_output()
        if frames:
            content = {"jt": "frames", "view": "v", "n": self.sent}
            self.sent += 1
            self.endpoint.page_message(self.post, content, frames)

    def state(self) -> Mapping[str, Any]:
        return [event for event in self.events if isinstance(event, StateChanged)][-1].changes


def run(scenario: Callable[[Endpoint], Any]) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        rate = MessageRate(loop)
        endpoint = Endpoint(loop, rate)
        await scenario(endpoint)
        endpoint.close("end")
        rate.close()

    asyncio.run(main())


def test_a_page_that_comes_before_the_server_waits_for_it() -> None:
    async def scenario(endpoint: Endpoint) -> None:
        page = Page(endpoint)
        page.open()
        await turn(10)
        assert not page.events
        endpoint.attach(make_primary("e1", x=1))
        await turn(10)
        assert page.state() == {"x": 1}

    run(scenario)


def test_the_next_life_arrives_in_place() -> None:
    async def scenario(endpoint: Endpoint) -> None:
        first = make_primary("e1", x=1)
        endpoint.attach(first)
        page = Page(endpoint)
        page.open()
        await turn(10)
        endpoint.detach(ended=False)
        first.commit({"x": 100})
        endpoint.attach(make_primary("e2", x=2))
        await turn(10)
        assert page.state() == {"x": 2}
        assert [event.state for event in page.events if isinstance(event, StatusChanged)] == ["restarted"]
        assert not page.closes

    run(scenario)


def test_a_view_that_opens_again_takes_its_place() -> None:
    async def scenario(endpoint: Endpoint) -> None:
        endpoint.attach(make_primary("e1", x=1))
        page = Page(endpoint)
        page.open()
        await turn(10)
        page.session.disconnected()
        page.sent = 0
        page.open()
        await turn(10)
        assert [event.resumed for event in page.events if isinstance(event, Ready)] == [False, True]

    run(scenario)


def test_a_page_that_leaves_is_forgotten() -> None:
    async def scenario(endpoint: Endpoint) -> None:
        primary = make_primary("e1", x=1)
        endpoint.attach(primary)
        page = Page(endpoint)
        page.open()
        await turn(10)
        assert len(primary.clients) == 1
        endpoint.page_message(page.post, {"jt": "close", "view": "v", "code": 1001, "reason": ""}, ())
        await turn(10)
        assert len(primary.clients) == 0

    run(scenario)
