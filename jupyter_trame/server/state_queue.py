"""The state as another process or thread writes it: changes travel through a queue to the server's loop.

::

    queue = multiprocessing.Queue()
    create_state_queue_monitor_task(server, queue)
    multiprocessing.Process(target=work, args=(queue,)).start()

    def work(queue):
        with StateQueue(queue) as state:
            state.progress = 50
"""

import asyncio
import logging
from collections.abc import Mapping
from queue import Empty
from types import TracebackType
from typing import Any, Protocol, Self

from jupyter_trame.core import State
from jupyter_trame.core.utils import is_dunder, is_private
from jupyter_trame.execution.asynchronous import create_task

__all__ = ["QUEUE_EXIT", "HasState", "Queue", "StateQueue", "create_state_queue_monitor_task"]

QUEUE_EXIT = "STOP"
"""What ends the task at the other end of the queue."""

_logger = logging.getLogger(__name__)


class Queue(Protocol):
    """A ``queue.Queue``, a ``multiprocessing.Queue`` or one of a manager."""

    def put(self, item: Any, /) -> object:
        """Add `item`."""

    def get(self, block: bool, timeout: float, /) -> Any:
        """Take an item; raises ``queue.Empty`` after `timeout` seconds without one."""


class HasState(Protocol):
    """A server, as far as the queue knows it."""

    @property
    def state(self) -> State:
        """What the changes are applied to."""


class StateQueue:
    """A state to write to, where the server is out of reach. Reads give what was written here, else None."""

    _queue: Queue
    _auto_flush: bool
    _pending: dict[str, Any]
    _values: dict[str, Any]
    _depth: int

    def __init__(self, queue: Queue, auto_flush: bool = True) -> None:
        """With `auto_flush` each assignment is sent at once, otherwise by `flush` and at the end of ``with``."""
        self._queue = queue
        self._auto_flush = auto_flush
        self._pending = {}
        self._values = {}
        self._depth = 0

    @property
    def queue(self) -> Queue:
        """The way to the server."""
        return self._queue

    __iter__ = None  # by numbers it would never end

    def __getitem__(self, key: str) -> Any:
        return self._values.get(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __getattr__(self, name: str) -> Any:
        if is_private(name):
            if is_dunder(name):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return None
        return self._values.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if is_private(name):
            object.__setattr__(self, name, value)
        else:
            self[name] = value

    def update(self, values: Mapping[str, Any] | None = None, /, **kwargs: Any) -> None:
        """Set many values in one message; keyword arguments win."""
        changes = {**(values or {}), **kwargs}
        self._values.update(changes)
        self._pending.update(changes)
        if self._auto_flush:
            self.flush()

    def flush(self) -> None:
        """Send what was set since the last time, if anything was."""
        if self._pending:
            pending, self._pending = self._pending, {}
            self._queue.put(pending)

    def exit(self) -> None:
        """End the task at the other end; what was not flushed is lost."""
        self._queue.put(QUEUE_EXIT)

    def __enter__(self) -> Self:
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.flush()
            self.exit()


def create_state_queue_monitor_task(server: HasState, queue: Queue, delay: float = 1) -> asyncio.Task[None]:
    """Apply the dicts that come through `queue` to the state of `server`, each with a flush, until `QUEUE_EXIT` comes.

    A thread waits for them, so a change is seen as soon as it arrives. Cancelling the task is safe: it lets that thread
    go within `delay` seconds, and what that took from the queue meanwhile is lost. On the thread of the server's loop.
    Raises nothing; what ends the task early is logged.
    """
    return create_task(_monitor(server, queue, delay))


async def _monitor(server: HasState, queue: Queue, delay: float) -> None:
    while True:
        item = await asyncio.to_thread(_take, queue, delay)
        if item is None:
            continue
        if isinstance(item, str) and item == QUEUE_EXIT:
            return
        if not isinstance(item, Mapping):
            _logger.warning("the queue of a state holds dicts and %r, not %r", QUEUE_EXIT, item)
            continue
        with server.state as state:
            state.update(item)


def _take(queue: Queue, delay: float) -> Any:
    """The next item; None after `delay` seconds, `QUEUE_EXIT` where nothing can come any more."""
    try:
        return queue.get(True, delay)
    except Empty:
        return None
    except (EOFError, OSError, ValueError) as error:
        _logger.warning("the queue of a state is closed: %s", error)
        return QUEUE_EXIT
