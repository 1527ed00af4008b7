"""What is left of a message that cannot be read as a whole."""

from typing import Any

import pytest

from jupyter_trame.errors import MalformedMessageError
from jupyter_trame.names import STATE_TOPIC
from jupyter_trame.protocol.salvage import Lost, salvage
from jupyter_trame.protocol.tolerant import Loss

STATE = f"publish:{STATE_TOPIC}:0"


def left(envelope: Any, *paths: tuple[object, ...], own: bool = False) -> tuple[dict[str, Any], list[Lost]]:
    return salvage(envelope, [Loss(path, "bad") for path in paths], lambda _: own)


def test_each_key_is_told_once_with_all_its_places() -> None:
    whole, lost = left(
        {"id": STATE, "result": {"a": [None], "b": 1, 3: None}},
        ("result", "a", 0),
        ("result", "a", 1, "x"),
        ("result", 3),
    )
    assert whole["result"] == {"b": 1}
    assert [entry.message for entry in lost] == [
        "the value of 'a' cannot be read, at [0]: bad; at [1]['x']: bad",
        "the value of 3 cannot be read, bad",
    ]


def test_the_whole_state_as_the_answer_to_who_asked_for_it() -> None:
    answer = {"id": "rpc:c:1", "result": {"name": "app", "state": {"a": None, "b": 1}}}
    whole, (lost,) = left(answer, ("result", "state", "a"), own=True)
    assert whole["result"] == {"name": "app", "state": {"b": 1}}
    assert lost.where == "state"
    refused, nothing = left(answer, ("result", "name"), own=True)
    assert (refused["id"], "error" in refused, nothing) == ("rpc:c:1", True, [])


@pytest.mark.parametrize("path", [(), ("id",), ("jt", 0), ("result",)])
def test_a_message_that_lost_more_is_none(path: tuple[object, ...]) -> None:
    with pytest.raises(MalformedMessageError):
        left({"id": STATE, "result": {}}, path)
