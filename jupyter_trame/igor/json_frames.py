"""Igor's wire: one JSON object in each text frame. Frames come in, requests or refusals go out; no socket, no time.

::

    client   {"streamId": <scalar>, "action": "<name>", "data": <any>}
    server   {"streamId", "data"} | {"streamId", "error"} | {"streamId", "close": true}
             {"streamId": <process>, "action", "data"}
             {"error", "code": 400, "streamId" where it is known}
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

from jupyter_trame.errors import TrameError

__all__ = [
    "REFUSED",
    "ActionRequest",
    "ClientId",
    "NotJsonError",
    "RefusedError",
    "StreamId",
    "close_message",
    "data_message",
    "error_message",
    "error_text",
    "process_message",
    "read_client_id",
    "read_request",
]

StreamId: TypeAlias = str | int | float | bool
"""Chosen by the client, unique among its open streams."""
ClientId: TypeAlias = str | int
"""A number from the server, or what the client calls itself."""

REFUSED: Final = 400
"""The `code` of a frame that is not carried out."""

_NAME_LIMIT = 256
"""Characters of a client's own id, and of a stream's, which all that is sent there carries."""
_LARGE_NUMBER = 10**_NAME_LIMIT


class NotJsonError(TrameError, ValueError):
    """A value that JSON has no form for."""


class RefusedError(TrameError):
    """A frame that is not carried out; `message` is the answer."""

    def __init__(self, text: str, stream_id: StreamId | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.stream_id = stream_id
        """None where the frame has none that can be read."""

    @property
    def message(self) -> str:
        """The frame that tells the client."""
        answer: dict[str, Any] = {"error": self.text, "code": REFUSED}
        if self.stream_id is not None:
            answer["streamId"] = self.stream_id
        return _encode(answer)


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A client asks for an action."""

    stream_id: StreamId
    action: str
    data: Any


def read_request(frame: str | bytes) -> ActionRequest:
    """What `frame` asks for. Raises `RefusedError`; nothing else, whatever comes."""
    if not isinstance(frame, str):
        raise RefusedError("a frame is text that holds JSON, not binary")
    try:
        asked = _decode(frame)
    except RecursionError:
        raise RefusedError("the JSON of a frame is nested too deeply") from None
    except ValueError as error:
        raise RefusedError(f"a frame is JSON: {error}") from None
    if not isinstance(asked, dict):
        raise RefusedError(f"a frame is a JSON object, not {_kind(asked)}")
    stream_id = asked.get("streamId")
    if stream_id is None:
        raise RefusedError("a request has a streamId")
    _check_stream_id(stream_id)
    action = asked.get("action")
    if not isinstance(action, str):
        what = "a request has an action" if action is None else f"an action is a string, not {_kind(action)}"
        raise RefusedError(what, stream_id)
    return ActionRequest(stream_id, action, asked.get("data"))


def _check_stream_id(stream_id: object) -> None:
    if isinstance(stream_id, str):
        if len(stream_id) > _NAME_LIMIT:
            raise RefusedError(f"a streamId has at most {_NAME_LIMIT} characters, not {len(stream_id)}")
    elif isinstance(stream_id, float):
        if not math.isfinite(stream_id):  # 1e999 is read as infinity
            raise RefusedError("a streamId is a number that JSON can hold, not one beyond 1e308")
    elif not isinstance(stream_id, int):
        raise RefusedError(f"a streamId is a string or a number, not {_kind(stream_id)}")
    elif not -_LARGE_NUMBER < stream_id < _LARGE_NUMBER:
        raise RefusedError(f"a streamId has at most {_NAME_LIMIT} characters, and this number has more")


def read_client_id(request: ActionRequest) -> tuple[ClientId, object]:
    """Who the client says it is, and the token it shows. Raises `RefusedError`."""
    data = request.data
    if not isinstance(data, dict) or data.get("client_id") is None:
        raise RefusedError('introduce_self needs data with a "client_id"', request.stream_id)
    client_id = data["client_id"]
    if isinstance(client_id, bool) or not isinstance(client_id, str | int):
        raise RefusedError(
            f"a client_id is a string or a whole number, not {_kind(client_id)}", request.stream_id
        )
    if len(str(client_id)) > _NAME_LIMIT:
        raise RefusedError(f"a client_id has at most {_NAME_LIMIT} characters", request.stream_id)
    return client_id, data.get("resume_token")


def data_message(stream_id: StreamId, value: object) -> str:
    """What a handler sends. Raises `NotJsonError`."""
    return _encode({"streamId": stream_id, "data": value})


def error_message(stream_id: StreamId, text: str) -> str:
    """What went wrong in a stream or a process."""
    return _encode({"streamId": stream_id, "error": text})


def error_text(error: BaseException) -> str:
    """What clients read of an exception: what it says, or its class where it says nothing, or cannot.

    Of a `KeyError`, which says only the key, both.
    """
    try:
        text = str(error)
        if text and isinstance(error, KeyError):
            return f"{type(error).__qualname__}: {text}"
        return text or type(error).__qualname__
    except Exception:  # noqa: BLE001 - of an exception class of the program
        return type(error).__qualname__


def close_message(stream_id: StreamId) -> str:
    """The end of a stream or a process."""
    return _encode({"streamId": stream_id, "close": True})


def process_message(process_id: str, action: str, value: object) -> str:
    """What a process sends. Raises `NotJsonError`."""
    return _encode({"streamId": process_id, "action": action, "data": value})


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _convert(value: object) -> object:
    """What JSON has no form for: arrays and numbers of numpy have a method that gives lists and numbers."""
    convert = getattr(value, "tolist", None)
    if callable(convert):
        return convert()
    raise TypeError(f"JSON has no form for {type(value).__qualname__}")


_decode = json.JSONDecoder(parse_constant=_no_number).decode
_encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_convert)


def _encode(value: object) -> str:
    try:
        return _encoder.encode(value)
    except RecursionError:
        raise NotJsonError("a value is nested too deeply for JSON") from None
    except (TypeError, ValueError) as error:
        raise NotJsonError(f"a value cannot be sent: {error}") from None


_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
