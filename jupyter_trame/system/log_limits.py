"""How often something is said that a client can cause as often as it likes."""

import logging
import time
import traceback
from collections.abc import Callable

from jupyter_trame.log_text import TRACE_LENGTH, foreign

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

        `error`: its traceback follows, escaped too.
        """
        if not self._logger.isEnabledFor(level) or not self._throttle.allow():
            return
        shown = (*(arg if isinstance(arg, int | float) else foreign(arg) for arg in args),)
        place = self._logger.findCaller(stacklevel=2)
        record = self._logger.makeRecord(
            self._logger.name,
            level,
            *place[:2],
            f"{message}%s",
            (*shown, self._throttle.left_out()),
            None if error is None else (type(error), error, error.__traceback__),
            place[2],
        )
        if error is not None:
            record.exc_text = _escaped_trace(error)  # which handlers take instead of making one
        self._logger.handle(record)


def _escaped_trace(error: BaseException) -> str:
    """What an exception says may be a client's words: each line but the first is indented."""
    try:
        trace = "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001 - attributes of the user's class take part, those of a SyntaxError for example
        return f"{type(error).__qualname__} (its traceback cannot be made)"
    return foreign(trace.rstrip(), TRACE_LENGTH, lines=True)
