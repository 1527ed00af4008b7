"""A client's hello, and who decides about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_trame.protocol.limits import Limits
from jupyter_trame.types import ClientId

if TYPE_CHECKING:
    from jupyter_trame.protocol.session import Channel

__all__ = ["Hello", "Validator", "hello_limit", "read_greeting"]

_BESIDE_SECRET = 448
"""Bytes of a hello that are not its secret."""


@dataclass(frozen=True, slots=True, eq=False)
class Hello:
    """Somebody wants to become a client."""

    channel: Channel
    request_id: str
    greeting: dict[str, Any] = field(repr=False)
    client: ClientId
    """What the client is called if it is let in, unless it resumes a session."""

    @property
    def secret(self) -> Any:
        """What the client presents; any value, nobody has looked at it."""
        return self.greeting.get("secret")

    @property
    def own(self) -> dict[str, Any] | None:
        """What a client that speaks our extension of the wire says of itself."""
        own = self.greeting.get("jt")
        return own if isinstance(own, dict) else None


Validator: TypeAlias = Callable[[Hello], bool | None]
"""Whether a hello is accepted. None: the decision is on its way to `Replica.admit`; other requests of that client
wait for it."""


def read_greeting(args: list[Any]) -> dict[str, Any]:
    """The argument of ``wslink.hello``; empty where it is no map."""
    return args[0] if args and isinstance(args[0], dict) else {}


def hello_limit(limits: Limits, secret: object) -> int:
    """Bytes of a hello: a long secret, a signed token for example, has to fit."""
    return max(limits.hello, len(str(secret).encode()) + _BESIDE_SECRET)
