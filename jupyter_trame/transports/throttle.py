"""How often something is said that a client can cause as often as it likes."""

import logging
import time
from collections.abc import Callable

from jupyter_trame.protocol.foreign_text import foreign

__all__ = ["Complaints", "Throttle"]


class Throttle:
    """Lets `burst` reports through at once and `rate` a second after that: a listener may fail at each frame."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock()
        self.suppressed = 0
        """Reports held back since the last that passed."""

    def allow(self) -> bool:
        """Whether one more may pass now."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1.0:
            self.suppressed += 1
            return False
        self._tokens -= 1.0
        return True

    def left_out(self) -> str:
        """What the report that passes says of those that did not, which are forgotten; empty if there are none."""
        left, self.suppressed = self.suppressed, 0
        return f" ({left} more were left out)" if left else ""


class Complaints:
    """Log lines about clients, in part in their words: few, short, and one line each. One a server or pump.

    Any thread: a race may let one line too many through.
    """

    def __init__(self, logger: logging.Logger, *, rate: float = 2, burst: int = 50) -> None:
        """`rate`: lines a second once `burst` lines have come at once."""
        self._logger = logger
        self._throttle = Throttle(rate, burst)

    def warn(
        self, message: str, *args: object, level: int = logging.WARNING, error: BaseException | None = None
    ) -> None:
        """Log `message`, with `args` as in ``logger.warning``: all but numbers as `foreign` shows them.

        `error`: its traceback follows.
        """
        if self._logger.isEnabledFor(level) and self._throttle.allow():
            shown = [arg if isinstance(arg, int | float) else foreign(arg) for arg in args]
            self._logger.log(level, f"{message}%s", *shown, self._throttle.left_out(), exc_info=error)
