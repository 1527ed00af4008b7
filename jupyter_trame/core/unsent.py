"""Values that were set where nobody flushes, as in a thread, and that no view has therefore."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias
from weakref import ref

from jupyter_trame.core.listeners import ListenerHooks

__all__ = ["SECONDS", "FlushSoon", "Unsent"]

SECONDS = 1.0
"""So long values may wait before it is told; callbacks and cells flush when they end, and hold the loop until then."""

_Pending: TypeAlias = dict[str, Any]


class Unsent:
    """Looks after the pending values of a store, once a second while some are set. Any thread but for its timer."""

    __slots__ = ("__weakref__", "_before", "_hooks", "_pending", "is_watching")

    def __init__(self, hooks: ListenerHooks, pending: Callable[[], _Pending]) -> None:
        """`pending` gives the store's dict: another one after each commit."""
        self._hooks = hooks
        self._pending = pending
        self._before: _Pending | None = None
        """What was pending at the last look."""
        self.is_watching = False
        """Whether a look is due, or it was told already."""

    def watch(self) -> None:
        """A value is pending."""
        self.is_watching = True
        self._look_later()

    def _look_later(self) -> None:
        # A state that nobody uses any more is not to live for that.
        self._hooks.call_later(SECONDS, partial(_look, ref(self)))

    def _look(self) -> None:
        before, self._before = self._before, None
        pending = self._pending()
        if not pending:
            self.is_watching = False
        elif pending is not before:
            self._before = pending
            self._look_later()
        else:
            # A copy: other threads set values meanwhile.
            names = ", ".join(f"state.{key}" for key in list(pending))
            self._hooks.advise(
                "state",
                f"set it within 'with state:', or call state.flush() afterwards: {names} was set more than a second "
                "ago and no view has it, since threads and tasks send nothing by themselves",
            )


class FlushSoon:
    """Takes the place of `Unsent` where nobody flushes when a cell has run. Any thread."""

    __slots__ = ("_flush", "_hooks", "is_watching")

    def __init__(self, hooks: ListenerHooks, flush: Callable[[], object]) -> None:
        self._hooks = hooks
        self._flush = flush
        self.is_watching = False
        """Whether a flush is due."""

    def watch(self) -> None:
        """A value is pending."""
        self.is_watching = True
        self._hooks.defer(self._run)

    def _run(self) -> None:
        self.is_watching = False
        self._flush()


def _look(found: "ref[Unsent]") -> None:
    unsent = found()
    if unsent is not None:
        unsent._look()
