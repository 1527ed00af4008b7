"""What is left of a message that cannot be read as a whole: of a state the other values, of others that it is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_trame.errors import MalformedMessageError, SerializationError
from jupyter_trame.names import HELLO_ID, SETTLED_TOPIC, STATE_TOPIC, STATUS_TOPIC
from jupyter_trame.protocol.tolerant import Loss

__all__ = ["Lost", "salvage"]


@dataclass(frozen=True, slots=True)
class Lost:
    """A value of the state, or a publication, that cannot be read; everything else goes on."""

    where: str
    message: str


def salvage(
    envelope: Any, losses: list[Loss], asks_for_state: Callable[[str], bool]
) -> tuple[dict[str, Any], list[Lost]]:
    """The message without what is lost, and what is said of that. `asks_for_state` tells it of the id of a request.

    A result that is not whole becomes an error, a publication one of nothing on no topic. Raises
    `MalformedMessageError` where more than a value, a result or a publication is lost.
    """
    inner = _inside("result", losses)
    message_id = envelope.get("id") if isinstance(envelope, dict) else None
    if not isinstance(message_id, str) or message_id == HELLO_ID or inner is None:
        raise MalformedMessageError(f"a message of the server cannot be read: {losses[0]}")
    kind, _, rest = message_id.partition(":")
    topic = rest.rpartition(":")[0]
    reason = "; ".join(map(str, inner))
    if kind != "publish":
        in_state = _inside("state", inner) if asks_for_state(message_id) else None
        if in_state is not None:
            return envelope, _lose_values(envelope["result"]["state"], in_state)
        error = {"code": SerializationError.code, "message": f"the result cannot be read, {reason}"}
        return {"id": message_id, "error": error}, []
    if topic == STATE_TOPIC:
        return envelope, _lose_values(envelope["result"], inner)
    if topic in {SETTLED_TOPIC, STATUS_TOPIC}:
        raise MalformedMessageError(f"a message of the server cannot be read: {losses[0]}")
    # It still counts as a message.
    return {"id": "publish::0"}, [Lost(topic, f"a publication cannot be read, {reason}")]


def _inside(key: str, losses: list[Loss]) -> list[Loss] | None:
    """`losses` as seen from the member `key`; None where one of them is not inside of it."""
    if any(loss.path[:1] != (key,) for loss in losses):
        return None
    return [Loss(loss.path[1:], loss.reason) for loss in losses]


def _lose_values(values: dict[Any, Any], losses: list[Loss]) -> list[Lost]:
    """Takes the values that are not whole from `values`; what is said of them, key by key."""
    told: dict[Any, list[str]] = {}
    for loss in losses:
        if not loss.path:
            raise MalformedMessageError(f"the state cannot be read: {loss}")
        told.setdefault(loss.path[0], []).append(str(Loss(loss.path[1:], loss.reason)))
    for key in told:
        values.pop(key, None)
    return [
        Lost("state", f"the value of {key!r} cannot be read, {'; '.join(parts)}")
        for key, parts in told.items()
    ]
