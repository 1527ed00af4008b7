"""What crosses between the Jupyter server and kernels arrives as it was."""

from typing import Any

import pytest

from jupyter_trame.protocol.link import Parcel
from jupyter_trame.services import words
from jupyter_trame.services.words import cost, data_parcel, message_parcel, read_data, read_message


@pytest.mark.parametrize("message", ["", "é" * 1000, b"", b"\xff\x00"])
def test_messages_keep_their_kind(message: str | bytes) -> None:
    parcel = message_parcel(message, "s", None)
    assert parcel.header[1:] == ["s", None]
    assert read_message(parcel.header[0], parcel.payload) == message


@pytest.mark.parametrize("data", [None, [1, {"a": "é"}], "text", b"\xff", b""])
def test_data_is_json_or_bytes(data: Any) -> None:
    parcel = data_parcel([words.APP_MESSAGE, "w"], data)
    assert parcel.header[:2] == [words.APP_MESSAGE, "w"]
    assert read_data(parcel) == data


@pytest.mark.parametrize("data", [object(), float("nan"), {"a": {1, 2}}])
def test_other_data_is_refused_with_the_reason(data: Any) -> None:
    with pytest.raises(TypeError, match="bytes, or what JSON holds"):
        data_parcel([], data)


def test_empty_messages_cost_something() -> None:
    assert cost(Parcel([])) > 0
    assert cost(Parcel([], b"x" * 1000)) == 1000 + cost(Parcel([]))
