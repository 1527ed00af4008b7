"""The wire without a socket: what frames mean, and what is answered to those that mean nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.igor.json_frames import (
    ActionRequest,
    NotJsonError,
    RefusedError,
    close_message,
    data_message,
    error_message,
    error_text,
    process_message,
    read_client_id,
    read_request,
)

SCALARS = st.one_of(st.text(), st.integers(-(2**60), 2**60), st.booleans())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(SCALARS, st.text(), VALUES)
def test_a_request_is_read_as_it_was_written(stream_id: Any, action: str, data: Any) -> None:
    frame = json.dumps({"streamId": stream_id, "action": action, "data": data, "more": 1})
    assert read_request(frame) == ActionRequest(stream_id, action, data)


@given(st.text() | st.binary() | VALUES.map(json.dumps))
def test_any_frame_is_a_request_or_refused(frame: str | bytes) -> None:
    try:
        request = read_request(frame)
    except RefusedError as refused:
        answer = json.loads(refused.message)
        assert answer["code"] == 400
        assert answer["error"]
    else:
        assert isinstance(request.action, str)


@given(SCALARS, VALUES)
def test_what_is_sent(stream_id: Any, value: Any) -> None:
    assert json.loads(data_message(stream_id, value)) == {"streamId": stream_id, "data": value}
    assert json.loads(close_message(stream_id)) == {"streamId": stream_id, "close": True}
    assert json.loads(error_message(stream_id, "oh")) == {"streamId": stream_id, "error": "oh"}
    message = json.loads(process_message("p", "tick", value))
    assert message == {"streamId": "p", "action": "tick", "data": value}


def test_a_refusal_names_its_stream_where_it_has_one() -> None:
    with pytest.raises(RefusedError) as refused:
        read_request('{"streamId": 7}')
    assert json.loads(refused.value.message)["streamId"] == 7
    with pytest.raises(RefusedError) as refused:
        read_request('{"streamId": null, "action": "a"}')
    assert "streamId" not in json.loads(refused.value.message)


@pytest.mark.parametrize("wrong", [None, 1.5, True, [], {}, "x" * 257, 10**300])
def test_what_is_no_client_id(wrong: object) -> None:
    with pytest.raises(RefusedError, match="client_id") as refused:
        read_client_id(ActionRequest(3, "introduce_self", {"client_id": wrong}))
    assert refused.value.stream_id == 3


def test_a_client_id_and_its_token() -> None:
    assert read_client_id(ActionRequest(1, "introduce_self", {"client_id": 0})) == (0, None)
    asked = ActionRequest(1, "introduce_self", {"client_id": "a", "resume_token": "t"})
    assert read_client_id(asked) == ("a", "t")


def test_values_that_json_has_no_form_for() -> None:
    circle: list[Any] = []
    circle.append(circle)
    for value in (float("inf"), object(), {1, 2}, b"x", circle):
        with pytest.raises(NotJsonError, match=r"a value (cannot be sent|is nested too deeply)"):
            data_message(1, value)


def test_numbers_and_arrays_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    message = json.loads(data_message(1, {"a": numpy.arange(3), "b": numpy.float32(0.5)}))
    assert message["data"] == {"a": [0, 1, 2], "b": 0.5}


@pytest.mark.parametrize("stream_id", ['"' + "x" * 257 + '"', "1" + "0" * 256, "-1" + "0" * 256])
def test_a_stream_id_that_all_its_messages_would_carry(stream_id: str) -> None:
    with pytest.raises(RefusedError, match="a streamId has at most 256 characters") as refused:
        read_request(f'{{"streamId": {stream_id}, "action": "echo"}}')
    assert len(refused.value.message) < 200
    assert "streamId" not in json.loads(refused.value.message)
    assert read_request(json.dumps({"streamId": "x" * 256, "action": "echo"})).stream_id == "x" * 256
    assert read_request(json.dumps({"streamId": 10**255, "action": "echo"})).stream_id == 10**255


@pytest.mark.parametrize("action", ["", '"echo"'])
def test_a_stream_id_that_could_not_be_sent_back(action: str) -> None:
    with pytest.raises(RefusedError, match="1e308") as refused:
        read_request(f'{{"streamId": 1e999, "action": {action or "null"}}}')
    assert "streamId" not in json.loads(refused.value.message)


def test_an_exception_that_cannot_say_what_it_is() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert error_text(MuteError()).endswith("MuteError")
    assert (error_text(KeyError()), error_text(ValueError("no"))) == ("KeyError", "no")
    assert error_text(KeyError("name")) == "KeyError: 'name'"
