"""What lives beside a template, by name."""

from typing import Any

import pytest

from jupyter_trame import Server, ui
from jupyter_trame.protocol import is_client_writable
from jupyter_trame.ui.living import claim


class Part:
    def __init__(self) -> None:
        self.ended = 0

    def end(self) -> None:
        self.ended += 1


def build(server: Server, *names: str) -> list[tuple[str, Part]]:
    made = []
    with ui.app(server):
        for name in names:
            place, part = claim("output", name), Part()
            place.keep(part)
            made.append((place.key, part))
    return made


def test_parts_of_one_interface_are_numbered() -> None:
    made = build(Server("living"), "a", "a", "b", "a")
    assert [key for key, _ in made] == [
        "trame__output__a",
        "trame__output__a_2",
        "trame__output__b",
        "trame__output__a_3",
    ]
    assert not any(part.ended for _, part in made)


def test_an_interface_that_is_built_again_ends_what_it_had() -> None:
    server = Server("living")
    first = build(server, "a", "a")
    second = build(server, "a", "a")
    assert [key for key, _ in second] == ["trame__output__a", "trame__output__a_2"]
    assert [part.ended for _, part in first] == [1, 1]
    assert [part.ended for _, part in second] == [0, 0]


def test_what_an_interface_no_longer_has_ends() -> None:
    server = Server("living")
    ((_, a), (_, b)) = build(server, "a", "b")
    with ui.app(server, template="other"):
        place, other = claim("output", "c"), Part()
        place.keep(other)
    assert (a.ended, b.ended) == (0, 0), "another template"
    ((_, new),) = build(server, "new")
    assert (a.ended, b.ended, other.ended, new.ended) == (1, 1, 0, 0)
    build(server)
    assert (a.ended, new.ended) == (1, 1)


def test_children_have_names_of_their_own() -> None:
    server = Server("living")
    child: Any = server.create_child_server(prefix="left_")
    first = build(server, "a")
    second = build(child, "a")
    assert first[0][1].ended == 0
    assert [key for key, _ in first + second] == ["trame__output__a", "trame__left_output__a"]


def test_clients_do_not_write_what_all_views_show() -> None:
    ((key, _),) = build(Server("living"), "a")
    assert not is_client_writable(key)
    assert not is_client_writable(f"{key}__status")


def test_outside_of_an_interface_there_is_no_place() -> None:
    with pytest.raises(
        ValueError, match=r"^write this line below .*: ui\.output is made outside of an interface"
    ):
        claim("output", "chart")
