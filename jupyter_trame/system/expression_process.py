"""A regular expression is matched in another process, with a limit of time.

One that goes back and forth for hours, as ``(a+)+b`` does in many a text, keeps the interpreter to itself until it has
ended: on a thread, too, it would stop the whole program.
"""

import contextlib
import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable

__all__ = ["ExpressionProcess"]

_PATIENCE = 2.5
"""Seconds that a match may take."""
_IDLE = 30.0
"""Seconds for which a process is kept that is not asked."""
_PROGRAM = """
import json, re, sys
for line in sys.stdin:
    pattern, flags, text = json.loads(line)
    print(int(re.compile(pattern, flags).fullmatch(text) is not None), flush=True)
"""


class ExpressionProcess:
    """It has a thread and a process while there are questions, which wait for one another. Any thread."""

    def __init__(self) -> None:
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._works = False

    def ask(
        self,
        expression: re.Pattern[str],
        text: str,
        tell: Callable[[bool], object],
        given_up: Callable[[], bool],
    ) -> None:
        """Call `tell` on the thread: whether all of `text` fits; not if that takes too long, or no process can be had.

        A question that was `given_up` before its turn takes no time.
        """
        with self._lock:
            self._questions.put(lambda child: None if given_up() else tell(child.matches(expression, text)))
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name="jupyter-trame-expressions", daemon=True).start()

    def close(self) -> None:
        """Answer what waits, and end."""
        self._questions.put(None)

    def _work(self) -> None:
        child = _Child()
        try:
            while (question := self._next()) is not None:
                question(child)
        finally:
            child.end()

    def _next(self) -> "_Question | None":
        with contextlib.suppress(queue.Empty):
            question = self._questions.get(timeout=_IDLE)
            if question is not None:
                return question
        with self._lock:
            with contextlib.suppress(queue.Empty):
                return self._questions.get_nowait()
            self._works = False
            return None


class _Child:
    """The process, made when it is needed. One thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def matches(self, expression: re.Pattern[str], text: str) -> bool:
        """See `ExpressionProcess.ask`."""
        if getattr(sys, "frozen", False):  # the executable is the program itself
            return expression.fullmatch(text) is not None
        try:
            process = self._process or self._begin()
        except OSError:
            return False
        assert process.stdin is not None
        assert process.stdout is not None
        impatience = threading.Timer(_PATIENCE, process.kill)
        impatience.start()
        try:
            process.stdin.write(json.dumps([expression.pattern, int(expression.flags), text]) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = ""
        finally:
            impatience.cancel()
        if not answer:
            self.end()
        return answer.strip() == "1"

    def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError), process:
                process.wait()

    def _begin(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-I", "-S", "-c", _PROGRAM]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=nothing, text=True, encoding="utf-8"
        )
        return self._process


_Question = Callable[[_Child], object]
