"""`trame_server.Server`."""

import pytest

from jupyter_trame import Server as OurServer
from jupyter_trame.compat import server as compat_server
from jupyter_trame.compat.server import Server, default_client_type, set_default_client_type
from jupyter_trame.core import Translator
from jupyter_trame.runtime import registry
from tests.support.servers import fresh_process


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> registry.Process:
    """Servers and defaults of this test alone."""
    process = fresh_process()
    monkeypatch.setattr(registry, "process", process)
    return process


def test_it_has_the_manners_of_trame() -> None:
    assert Server("a").compat == "trame"
    assert Server("b", compat=None).compat is None
    assert Server("c", log_network="x").options["log_network"] == "x"


def test_every_server_of_ours_is_one() -> None:
    ours = OurServer("ours")
    assert isinstance(ours, Server)
    assert isinstance(ours.create_child_server(prefix="a_"), Server)
    assert issubclass(OurServer, Server)
    assert not isinstance("ours", Server)


def test_a_subclass_has_only_its_own_instances() -> None:
    class Mine(Server):
        pass

    assert isinstance(Mine("mine"), Mine)
    assert isinstance(Mine("mine"), Server)
    assert not isinstance(OurServer("ours"), Mine)
    assert not issubclass(OurServer, Mine)


def test_positional_arguments_are_trames() -> None:
    made: list[object] = []
    root = Server("root", lambda trame_server: made.append(trame_server) or "node")
    assert root.ui.main == "node"
    child = Server("ignored", None, Translator("x_"), root)
    assert child.root_server is root
    child.state.a = 1
    assert root.state.x_a == 1


def test_the_default_client_type_is_for_servers_without_one() -> None:
    early, vue3 = Server("early"), Server("vue3")
    vue3.client_type = "vue3"
    set_default_client_type("vue2")
    assert default_client_type() == "vue2"
    assert [server.client_type for server in (early, vue3, Server("late"))] == ["vue2", "vue3", "vue2"]
    with pytest.raises(TypeError, match="vue4"):
        set_default_client_type("vue4")  # type: ignore[arg-type]


def test_the_constant_follows(drop_in: None) -> None:
    import trame_server.core

    assert trame_server.core.DEFAULT_CLIENT_TYPE == "vue3"
    trame_server.core.set_default_client_type("react")
    assert trame_server.core.DEFAULT_CLIENT_TYPE == "react"
    with pytest.raises(AttributeError, match="no attribute 'Nobody'"):
        trame_server.core.Nobody  # noqa: B018 (the access is the test)


def test_the_version_is_that_of_the_interface() -> None:
    assert compat_server.API_VERSION.count(".") == 2
