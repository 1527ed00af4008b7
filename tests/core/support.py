"""Hooks of a store whose owner is a thread of the test."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from jupyter_trame.core.listeners import InlineHooks


class OwnerHooks(InlineHooks):
    """The creating thread is the owner; what is deferred waits for `run_deferred`."""

    def __init__(self) -> None:
        self.owner = threading.get_ident()
        self.deferred: deque[Callable[[], object]] = deque()
        self.errors: list[BaseException] = []

    def call(self, where: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception as error:
            self.errors.append(error)

    def owns_thread(self) -> bool:
        return threading.get_ident() == self.owner

    def defer(self, fn: Callable[[], object], /) -> None:
        self.deferred.append(fn)

    def run_deferred(self) -> None:
        while self.deferred:
            self.deferred.popleft()()
