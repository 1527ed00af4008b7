"""The log of one server: its own handler, which no other server shares."""

from __future__ import annotations

import logging

__all__ = ["make_logger", "open_log"]

_FORMAT = "%(asctime)s %(levelname)s %(message)s"


def make_logger(name: str, level: int) -> logging.Logger:
    """A logger below ``jupyter_trame.igor`` that is one server's alone, and goes with it."""
    logger = logging.Logger(f"jupyter_trame.igor.{name}", level)  # noqa: LOG001 - getLogger would keep and share it
    logger.parent = logging.getLogger("jupyter_trame.igor")
    return logger


def open_log(file_name: str | None) -> logging.Handler:
    """Where a server of a program writes: the file, which is made with its first line, or standard error."""
    handler: logging.Handler
    if file_name is None:
        handler = logging.StreamHandler()
    else:
        handler = logging.FileHandler(file_name, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    return handler
