"""How large messages may be that a gateway takes: found out from the connections that break."""

from __future__ import annotations

import logging

from jupyter_trame.transports.message_tunnel import Tunnel

__all__ = ["MessageFit"]

_logger = logging.getLogger(__name__)

_IN_VAIN = 2
"""Connections that broke since the kernel confirmed a message: then it is taken for too large, if nobody says why."""
_FIRST_DELAY = 0.1
_LONGEST_DELAY = 5.0


class MessageFit:
    """Counts the connections that broke and brought nothing over."""

    def __init__(self) -> None:
        self._confirmed = 0
        """Messages that had come when the last connection broke."""
        self._in_vain = 0
        """Connections that broke since then."""

    @property
    def delay(self) -> float:
        """Seconds to wait before the next one: each that breaks for no reason that is known waits twice as long."""
        beyond = self._in_vain - _IN_VAIN
        return 0.0 if beyond <= 0 else min(_FIRST_DELAY * 2 ** (beyond - 1), _LONGEST_DELAY)

    def broken(self, tunnel: Tunnel, *, too_large: bool) -> str | None:
        """Make messages smaller if one was the reason that the way broke; what is wrong when none is small enough.

        A gateway that refuses a message may not get to say that it is `too_large`: what it has not read by then resets
        the connection.
        """
        self._in_vain = self._in_vain + 1 if tunnel.confirmed == self._confirmed else 0
        self._confirmed = tunnel.confirmed
        if not too_large and self._in_vain < _IN_VAIN:
            return None
        largest = tunnel.largest
        if tunnel.halve():
            _logger.warning(
                "the gateway of a kernel ends the connection on a message of %d bytes: it gets smaller ones",
                largest,
            )
        elif too_large:
            return f"the gateway of this kernel takes no messages, not even of {largest} bytes: its limit is too low"
        return None
