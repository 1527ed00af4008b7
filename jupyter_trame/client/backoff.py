"""How long a client waits before it tries to connect again. `js/src/transports/policy.ts` has the same rule."""

import random

__all__ = ["Backoff"]

_FIRST = (0.25, 0.5)
_OFTEN = 15
"""Tries up to which none waits longer than a second: a server that is restarted is back in less time."""
_LONGEST = 8.0
_STABLE = 5.0
"""Seconds for which a session is up on a connection that is no failure at all."""


class Backoff:
    """Times between the end of a connection and the next try: 0.25 s, 0.5 s, then 1 s up to the 15th try, then doubled
    to 8 s; up to a fifth less by chance.

    After a connection on which the session was up they begin anew, or, where that was for less than 5 s, go on with at
    most 1 s.
    """

    def __init__(self, pace: float = 1.0) -> None:
        """All times are multiplied by `pace`."""
        self._pace = pace
        self._failures = 0
        self._live_since: float | None = None

    def live(self, now: float) -> None:
        """The session is up on the present connection, since `now`, in seconds of any clock."""
        if self._live_since is None:
            self._live_since = now

    def next(self, now: float) -> float:
        """The connection, or the try, has ended; seconds until the next one."""
        if self._live_since is not None:
            stable = now - self._live_since >= _STABLE
            self._failures = 0 if stable else min(self._failures, len(_FIRST))
        self._live_since = None
        tried = self._failures
        self._failures = min(tried + 1, 2 * _OFTEN)
        wait = _FIRST[tried] if tried < len(_FIRST) else min(2.0 ** max(tried - _OFTEN + 1, 0), _LONGEST)
        return self._pace * wait * (1 - random.random() / 5)
