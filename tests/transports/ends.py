"""The two sides of a link, and what each of them heard."""

import asyncio
import socket
from dataclasses import dataclass, field
from typing import Any

from jupyter_trame.protocol.link import LinkOp
from jupyter_trame.transports.stream import StreamLink

__all__ = ["End", "make_end"]


@dataclass
class End:
    """One side of a link and what it heard."""

    link: StreamLink
    ops: list[LinkOp] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    drains: int = 0


def make_end(sock: socket.socket, loop: asyncio.AbstractEventLoop, **options: Any) -> End:
    def drained() -> None:
        end.drains += 1

    link = StreamLink(
        sock,
        loop,
        on_ops=lambda ops: end.ops.extend(ops),
        on_closed=lambda reason: end.reasons.append(reason),
        on_drained=drained,
        **options,
    )
    end = End(link)
    return end
