"""A regular expression is matched in another process, with a limit of time.

One that goes back and forth for hours, as ``(a+)+b`` does in many a text, keeps the interpreter to itself until it has
ended: on a thread, too, it would stop the whole program.
"""

import contextlib
import json
import logging
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable

__all__ = ["ExpressionProcess"]

_logger = logging.getLogger("jupyter_trame")

_PATIENCE = 0.25
"""Seconds that a match may take: far less than questions that wait behind it are waited for."""
_BEGINNING = 5.0
"""Seconds in which the process has to be ready."""
_IDLE = 30.0
"""Seconds for which a process is kept that is not asked."""
_PROGRAM = """
import json, re, sys
print(flush=True)
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
        tell: Callable[[bool | None], object],
        given_up: Callable[[], bool],
    ) -> None:
        """Call `tell` on the thread: whether all of `text` fits; None if that takes too long.

        It is called with False, perhaps at once, where no process or thread can be had.

        A question that was `given_up` before its turn takes no time.
        """
        with self._lock:
            if not self._works:
                worker = threading.Thread(target=self._work, name="jupyter-trame-expressions", daemon=True)
                with contextlib.suppress(RuntimeError):
                    worker.start()
                    self._works = True
            if self._works:
                self._questions.put(
                    lambda child: None if given_up() else tell(child.matches(expression, text))
                )
                return
        tell(False)

    def close(self) -> None:
        """Answer what waits, and end."""
        self._questions.put(None)

    def _work(self) -> None:
        child = _Child()
        try:
            while (question := self._next()) is not None:
                try:
                    question(child)
                except Exception:  # those that wait want their answers
                    _logger.exception("a question about an expression has failed")
                    child.end()  # it may be about to answer
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

    def matches(self, expression: re.Pattern[str], text: str) -> bool | None:
        """See `ExpressionProcess.ask`."""
        if getattr(sys, "frozen", False):  # the executable is the program itself
            return expression.fullmatch(text) is not None
        try:
            process = self._process or self._begin()
        except OSError:
            return False
        question = json.dumps([expression.pattern, int(expression.flags), text])
        answer, in_time = _asked(process, question, _PATIENCE)
        if not (answer and in_time):  # it is killed, even where it has answered at the last moment
            self.end()
        if not answer:
            return False if in_time else None
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
        ready, _ = _asked(self._process, "", _BEGINNING)
        if not ready:
            self.end()
            raise OSError("the process for expressions is not ready")
        return self._process


def _asked(process: "subprocess.Popen[str]", question: str, patience: float) -> tuple[str, bool]:
    """The line that `process` says to `question`, empty if it ends; and whether it was let live."""
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    impatience = threading.Timer(patience, kill)
    impatience.start()
    answer = ""
    with contextlib.suppress(OSError):
        if question:
            process.stdin.write(f"{question}\n")
            process.stdin.flush()
        answer = process.stdout.readline()
    impatience.cancel()
    impatience.join()
    return answer, not late.is_set()


_Question = Callable[[_Child], object]
