"""What clients want of a server, read for the owner loop, to which `Primary` hands it."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.names import STATE_UPDATE, TRIGGER
from jupyter_trame.protocol.clients import LinkEnd
from jupyter_trame.protocol.envelope import StateWrite, pack_error, read_request
from jupyter_trame.protocol.large_requests import LARGE, read_whole
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Call, ClientClosed, ClientOpened, Commit, Message, Write
from jupyter_trame.protocol.packing import unpack
from jupyter_trame.types import ClientId, Packed, StateKey

__all__ = ["CallEvent", "Event", "WriteEvent", "by_reference", "read_call", "read_values"]

_NOTHING: dict[StateKey, Any] = {}


@dataclass(slots=True, eq=False)
class WriteEvent:
    """A client wrote keys; apply it inside `Primary.applying`."""

    client: ClientId
    number: int
    request_id: str | None
    """Set when the client waits for an answer: call `Messages.reply`."""
    values: dict[StateKey, Any]
    packed: dict[StateKey, Packed]
    """The values as they came, for those that stay as they came."""
    settled: bool = False
    link: LinkEnd | None = None
    """Where it came from, until `Primary.taken`."""
    cost: int = 0
    """What it takes of that link's window, in bytes."""

    @property
    def method(self) -> str:
        """The method of the request."""
        return STATE_UPDATE

    called = method
    """The name that an app's author knows the call by."""


@dataclass(slots=True, eq=False)
class CallEvent:
    """A client called a method; answer with `Messages.reply` or `Messages.reply_error`."""

    client: ClientId
    request_id: str
    method: str
    args: list[Any]
    kwargs: dict[str, Any]
    link: LinkEnd | None = None
    """Where it came from, until `Primary.taken`."""
    cost: int = 0
    """What it takes of that link's window, in bytes."""

    @property
    def called(self) -> str:
        """The name that an app's author knows the call by: that of a trigger, or else the method."""
        return str(self.args[0]) if self.method == TRIGGER and self.args else self.method


Event: TypeAlias = ClientOpened | ClientClosed | WriteEvent | CallEvent


def read_call(op: Call, limits: Limits) -> CallEvent | Message | None:
    """The call of `op`, whose arguments are within `limits`; the answer where they cannot be read.

    None for a request without an id. Raises `MalformedMessageError` for what is no request.
    """
    request = op.request
    if request is None:
        large = len(op.envelope) >= LARGE
        request = read_whole(op.envelope, limits) if large else read_request(op.envelope)
    if request is None:
        return None
    try:
        args, kwargs = request.read_args(limits.parts), request.read_kwargs(limits.parts)
    except MalformedMessageError as error:
        refusal = f"the arguments of {request.method} cannot be read: {error}"
        return Message(pack_error(request.id, SerializationError.code, refusal), client=op.client)
    return CallEvent(op.client, request.id, request.method, args, kwargs)


def read_values(op: Write) -> tuple[WriteEvent, list[StateWrite]]:
    """The write of `op`, and what of it this process cannot read."""
    values: dict[StateKey, Any] = {}
    packed: dict[StateKey, Packed] = {}
    refused: list[StateWrite] = []
    decoded = op.decoded or _NOTHING
    for key, data in op.values:
        try:
            values[key] = decoded[key] if key in decoded else unpack(data, any_keys=True)
        except MalformedMessageError as error:
            refused.append(StateWrite(key, data, b"", str(error)))
            continue
        if b"_filter" not in bytes(data):
            packed[key] = data
    return WriteEvent(op.client, op.number, op.request_id, values, packed), refused


def by_reference(op: Commit, write: WriteEvent) -> Commit:
    """`op` for the replica that has the values of `write` already."""
    values: list[tuple[StateKey, Packed | None]] = [
        (key, None if packed is write.packed.get(key) else packed) for key, packed in op.values
    ]
    return Commit(op.seq, values, (write.client, write.number), op.force)
