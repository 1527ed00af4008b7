"""What the Jupyter server and a kernel say to each other about services: the words of `Parcel`s, and how data travels.

A kernel that runs an instance answers links for `INSTANCE`, one whose code registers services those for `SERVER`. The
first thing on a link is the kernel's `HELLO`. ``n`` numbers a question, and stands in its answer too.
"""

from __future__ import annotations

import json
from typing import Any

from jupyter_trame.protocol.link import Parcel
from jupyter_trame.types import Packed

__all__ = [
    "ADMIN",
    "ADMINISTER",
    "ANSWER",
    "APP_MESSAGE",
    "ASK",
    "BINARY",
    "CLOSE",
    "ENDED",
    "FAILED",
    "HELLO",
    "INSTANCE",
    "OPEN",
    "OPENED",
    "SERVER",
    "TAKEN",
    "TEXT",
    "WENT",
    "WINDOW",
    "cost",
    "data_parcel",
    "message_parcel",
    "read_data",
    "read_message",
]

INSTANCE = "narvi.instance"
"""The slug of an instance's links."""
SERVER = "narvi.server"
"""The slug of those of a `NarviServer` in a notebook."""

HELLO = "hello"
"""``[HELLO, facts]``: who is there, and again when that changes."""
OPEN = "open"
"""``[OPEN, session, app, query, headers]``: a page has come."""
OPENED = "opened"
"""``[OPENED, session]``: its open listeners have run."""
CLOSE = "close"
"""``[CLOSE, session]``: a page has gone."""
TEXT, BINARY = "text", "binary"
"""``[TEXT, session]`` to an instance, ``[TEXT, for, except]`` from one; the payload is the message."""
TAKEN = "taken"
"""``[TAKEN, bytes]``: so much of the messages of pages, as `cost` has it, was handed to listeners."""
ASK = "ask"
"""``[ASK, n, what, ...]``: a question of either side."""
ANSWER = "answer"
"""``[ANSWER, n, ...]``."""
FAILED = "failed"
"""``[FAILED, n, kind, reason]`` instead of it."""
APP_MESSAGE = "app"
"""``[APP_MESSAGE, workspace, service, service id, is_json]``: what another service says; the payload is the data."""
ADMIN = "admin"
"""``[ADMIN]``: the overview is the payload."""
ADMINISTER = "administer"
"""``[ADMINISTER, action, workspace, service, service id]``."""
ENDED = "ended"
"""``[ENDED, reason]``: the instance has ended by itself."""

WENT = "went"
"""``[WENT, bytes]``: so much of the messages for pages, as `cost` has it, has a reader that keeps up."""

WINDOW = 4 << 20
"""Bytes of messages, as `cost` has it, that may be sent and not taken, or not gone; whoever has more waits."""
_ENTRY = 256


def cost(parcel: Parcel) -> int:
    """What a message of a page takes of the window: its bytes, and those that it takes beside."""
    return _ENTRY + len(parcel.payload)


def message_parcel(message: str | bytes, *to: str | None) -> Parcel:
    """A message of a page, or for pages, with what its header says of them."""
    if isinstance(message, str):
        return Parcel([TEXT, *to], message.encode())
    return Parcel([BINARY, *to], message)


def read_message(kind: str, payload: Packed) -> str | bytes:
    """The message of a parcel of the kind `TEXT` or `BINARY`."""
    return str(payload, "utf-8") if kind == TEXT else bytes(payload)


def data_parcel(header: list[Any], data: Any) -> Parcel:
    """`data` behind `header`: bytes as they are, everything else as JSON. Raises `TypeError` for what JSON lacks."""
    if isinstance(data, bytes | bytearray | memoryview):
        return Parcel([*header, False], bytes(data))
    try:
        return Parcel([*header, True], json.dumps(data, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"what services say to each other is bytes, or what JSON holds, since each is a process: {error}"
        ) from None


def read_data(parcel: Parcel) -> Any:
    """What `data_parcel` made of it."""
    return json.loads(bytes(parcel.payload)) if parcel.header[-1] else bytes(parcel.payload)
