"""`server.protocol` and the objects that packages register."""

from typing import Any

from jupyter_trame.server import Server
from jupyter_trame.server.protocol import CoreProtocol
from jupyter_trame.types import ClientId


def core() -> CoreProtocol:
    server = Server("protocol")
    return CoreProtocol(server, server._runtime.primary, lambda: None)


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
        protocol.run_as(ClientId("c2"), lambda: seen.append(protocol._current))
        seen.append(protocol._current)

    protocol.run_as(ClientId("c1"), outer)
    assert seen == ["c2", "c1"]
    assert protocol._current is None
