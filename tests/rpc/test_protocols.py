"""`server.protocol` and the objects that packages register."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame.rpc.protocols import CoreProtocol
from jupyter_trame.server import Server, runtime_of
from jupyter_trame.types import ClientId
from tests.support.servers import App, turn


def core() -> CoreProtocol:
    return CoreProtocol(runtime_of(Server("protocol")), lambda: None)


def mark(function: Any, *uris: str) -> Any:
    function._wslinkuris = [{"uri": uri} for uri in uris]
    return function


class Plain:
    """An object of any class, whose base class's constructor may never have run."""

    def b(self) -> str:
        return "b"

    def a(self) -> str:
        return "a"

    mark(b, "my.b", "my.hidden")
    mark(a, "my.a")


class Override(Plain):
    def b(self) -> str:
        return "no method any more"


class WithInit(Plain):
    def init(self, *members: Any) -> None:
        self.members = members


def test_methods_are_found_by_their_mark() -> None:
    protocol = core()
    plain = Plain()
    protocol.registerLinkProtocol(plain)
    protocol.registerLinkProtocol(plain)
    protocol.build()
    found = protocol.getRPCMethod("my.a")
    assert found is not None
    assert found[1](found[0]) == "a"
    assert protocol.getRPCMethod("my.hidden") is None
    assert protocol.getLinkProtocols() == [plain, protocol]


def test_an_override_without_mark_takes_the_method_away() -> None:
    protocol = core()
    protocol.registerLinkProtocol(Override())
    protocol.build()
    assert protocol.getRPCMethod("my.b") is None
    assert protocol.getRPCMethod("my.a") is not None


def test_objects_are_connected() -> None:
    protocol = core()
    plain, with_init = Plain(), WithInit()
    protocol.registerLinkProtocol(plain)
    assert plain.coreServer is protocol  # type: ignore[attr-defined]
    assert not hasattr(plain, "publish")
    protocol.build()
    assert plain.publish == protocol.publish  # type: ignore[attr-defined]
    protocol.registerLinkProtocol(with_init)
    assert with_init.members[:2] == (protocol.publish, protocol.addAttachment)
    protocol.unregisterLinkProtocol(plain)
    found = protocol.getRPCMethod("my.a")
    assert found is not None
    assert found[0] is with_init


def test_shared_objects() -> None:
    protocol = core()
    protocol.setSharedObject("app", 1)
    assert protocol.getSharedObject("app") == 1
    protocol.setSharedObject("app", None)
    assert protocol.getSharedObject("app") is None


def test_the_active_client_is_that_of_the_innermost_call() -> None:
    protocol = core()
    seen: list[Any] = []

    def outer() -> None:
        protocol.run_as(ClientId("c2"), lambda: seen.append(protocol.current.get()))
        seen.append(protocol.current.get())

    protocol.run_as(ClientId("c1"), outer)
    assert seen == ["c2", "c1"]
    assert protocol.current.get() is None


def test_core_methods_win_and_a_later_object_wins_over_an_earlier() -> None:
    class Greedy:
        def trigger(self) -> None: ...

        def a(self) -> str:
            return "other a"

        mark(trigger, "trame.trigger")
        mark(a, "my.a")

    protocol = core()
    protocol.registerLinkProtocol(Plain())
    protocol.registerLinkProtocol(Greedy())
    protocol.build()
    owner, _ = protocol.getRPCMethod("trame.trigger") or (None, None)
    assert owner is protocol._methods
    owner, function = protocol.getRPCMethod("my.a") or (None, None)
    assert function is not None
    assert function(owner) == "other a"


def test_classes_of_wslink_are_taken() -> None:
    from wslink import register
    from wslink.websocket import LinkProtocol

    class Package(LinkProtocol):
        @register("package.add")
        def add(self, a: int, b: int) -> int:
            return a + b

        @staticmethod
        @register("package.static")
        def static() -> None: ...

    protocol = core()
    package = Package()
    protocol.registerLinkProtocol(package)
    protocol.setSharedObject("app", "shared")
    protocol.build()
    owner, function = protocol.getRPCMethod("package.add") or (None, None)
    assert function is not None
    assert function(owner, 1, 2) == 3
    assert protocol.getRPCMethod("package.static") is None
    assert package.coreServer is protocol
    assert package.getSharedObject("app") == "shared"
    assert package.addAttachment(b"x") == b"x"
    package.publish("my.topic", {"x": memoryview(b"1"), 3: (1, 2)})
    assert not protocol.server.errors


def test_init_is_called_once_a_build() -> None:
    calls: list[Any] = []

    class Counting(Plain):
        def init(self, *members: Any) -> None:
            calls.append(members)

    protocol, package = core(), Counting()
    protocol.registerLinkProtocol(package)
    protocol.build()
    protocol.getRPCMethod("my.a")
    protocol.registerLinkProtocol(package)
    assert len(calls) == 1


def test_stopping_is_the_servers_business() -> None:
    stops: list[int] = []
    protocol = CoreProtocol(runtime_of(Server("protocol")), lambda: stops.append(1))
    plain = Plain()
    protocol.registerLinkProtocol(plain)
    protocol.build()
    plain.stopServer()  # type: ignore[attr-defined]
    assert stops == [1]


def test_objects_hear_of_clients_once() -> None:
    heard: list[Any] = []

    class Listening(Plain):
        def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802 - wslink's name
            heard.append((request, client_id))

        def onClose(self, client_id: str) -> None:  # noqa: N802 - wslink's name
            heard.append(client_id)
            raise ValueError("no")

    protocol = core()
    protocol.registerLinkProtocol(Plain())
    protocol.registerLinkProtocol(Listening())
    protocol.build()
    client = f"c{'ab' * 16}"
    for _ in range(2):
        protocol.client_connected("request", client)
    for _ in range(2):
        protocol.client_closed(client)
    assert heard == [("request", client[1:]), client[1:]]
    assert protocol.server.errors[-1].where == "onClose"


@pytest.mark.parametrize(
    ("verdicts", "token", "accepted"),
    [
        ([], "secret", True),
        ([], "wrong", False),
        ([True, 1], "wrong", True),
        ([True, None], "secret", False),
        ([ValueError("no")], "secret", False),
        ([SystemExit(2)], "secret", False),
        ([asyncio.CancelledError()], "secret", False),
    ],
)
def test_who_is_let_in(verdicts: list[Any], token: str, accepted: bool) -> None:
    class Judge(Plain):
        def __init__(self, verdict: Any) -> None:
            self.verdict = verdict

        async def validateToken(self, token: str, client_id: str) -> Any:  # noqa: N802 - wslink's name
            assert (token, client_id) == self.expected
            if isinstance(self.verdict, BaseException):
                raise self.verdict
            return self.verdict

        expected = (token, "ab" * 16)

    protocol = core()
    protocol.updateSecret("secret")
    for verdict in verdicts:
        protocol.registerLinkProtocol(Judge(verdict))
    assert protocol.has_validators is bool(verdicts)
    assert asyncio.run(protocol.validate(token, f"c{'ab' * 16}")) is accepted


def test_who_asks_may_be_cancelled() -> None:
    class Judge(Plain):
        async def validateToken(self, token: str, client_id: str) -> Any:  # noqa: N802 - wslink's name
            await asyncio.get_running_loop().create_future()

    async def main() -> None:
        protocol = core()
        protocol.registerLinkProtocol(Judge())
        decision = asyncio.ensure_future(protocol.validate("token", "c1"))
        await asyncio.sleep(0)
        decision.cancel()
        with pytest.raises(asyncio.CancelledError):
            await decision

    asyncio.run(main())


def test_a_new_secret_holds_for_the_next_hello() -> None:
    protocol = core()
    protocol.updateSecret("new")
    assert protocol.secret == runtime_of(protocol.server).primary.info["secret"] == "new"


def test_a_publication_may_be_for_one_client(start: Callable[..., App]) -> None:
    async def scenario() -> None:
        server = Server("app")
        app = start(server)
        one, other = await app.client(), await app.client()
        assert server.protocol is not None
        client_id = runtime_of(server).primary.clients[0]
        data = {"n": 1}
        server.protocol.publish("my.topic", data, client_id=client_id.removeprefix("c"))
        data["n"] = 2
        server.protocol.publish("my.topic", "for you too", client_id=client_id)
        server.protocol.publish("my.topic", "for all")
        await other.until(lambda: other.published("my.topic"))
        assert other.published("my.topic") == ["for all"]
        assert one.published("my.topic") == [{"n": 1}, "for you too", "for all"]

    asyncio.run(scenario())


def test_the_active_client_stays_that_of_the_call_while_others_call(start: Callable[..., App]) -> None:
    async def scenario() -> None:
        gate = asyncio.Event()

        class Package(Plain):
            async def slow(self) -> None:
                await gate.wait()
                self.publish("my.topic", "slow", skip_last_active_client=True)  # type: ignore[attr-defined]

            def quick(self) -> None:
                gate.set()

            mark(slow, "my.slow")
            mark(quick, "my.quick")

        server = Server("app")
        server.add_protocol_to_configure(lambda protocol: protocol.registerLinkProtocol(Package()))
        app = start(server)
        author, other = await app.client(), await app.client()
        slow = asyncio.create_task(author.call("my.slow"))
        await turn()
        await other.call("my.quick")
        await slow
        await other.until(lambda: other.published("my.topic"))
        assert not author.published("my.topic")

    asyncio.run(scenario())
