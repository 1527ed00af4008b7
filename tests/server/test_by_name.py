"""One server a name; a new `Server` of that name takes its place."""

import pytest

from jupyter_trame.runtime import registry
from jupyter_trame.server import Server, get_server


def test_the_same_each_time(process: registry.Process) -> None:
    server = get_server()
    assert (server.name, get_server("trame"), get_server(None)) == ("trame", server, server)
    assert get_server("other") is not server
    assert get_server("other", log_network="x").options["log_network"] is None, "it is there already"
    assert get_server("third", ws_heart_beat=5).options["ws_heart_beat"] == 5
    assert process.servers["third"] is get_server("third")


def test_none_is_made_without_leave() -> None:
    assert get_server("nobody", create_if_missing=False) is None
    made = get_server("nobody")
    assert get_server("nobody", create_if_missing=False) is made


def test_servers_are_their_own_names() -> None:
    server = Server("app")
    child = server.create_child_server(prefix="c_")
    assert get_server(server) is server
    assert get_server(child) is child
    assert get_server("app") is server
    newer = Server("app")
    assert get_server("app") is newer
    with pytest.raises(TypeError, match="found by its name, not by 5"):
        get_server(5)  # type: ignore[call-overload]


def test_client_types() -> None:
    assert get_server("two", client_type="vue2").client_type == "vue2"
    assert get_server("two").client_type == "vue2"
    with pytest.raises(TypeError, match="vue2"):
        get_server("two", client_type="vue3")
