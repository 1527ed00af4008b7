"""What is used of tornado that its documentation does not promise, and what stands in for it where it is not there."""

import logging
from importlib import import_module
from types import CodeType
from typing import Any

import tornado
from tornado.iostream import BaseIOStream, IOStream

__all__ = ["mask", "unread", "unwritten"]

_logger = logging.getLogger(__name__)


def unwritten(stream: IOStream) -> int:
    """Bytes that the stream has taken and not written."""
    return len(stream._write_buffer)


def unread(stream: IOStream) -> int:
    """Bytes that the stream has read ahead."""
    return stream._read_buffer_size


def _unwritten(stream: IOStream) -> int:
    return int(stream.writing())


def _unread(stream: IOStream) -> int:  # noqa: ARG001 - all bytes are then read through the stream, which is slower
    return 1


def _mask(mask: bytes, data: bytes) -> bytes:
    size = len(data)
    repeated = (bytes(mask) * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def _missing(constructor: CodeType, util: Any) -> list[str]:
    attributes = {"_write_buffer", "_read_buffer_size"} - set(constructor.co_names)
    return sorted(attributes) + ([] if hasattr(util, "_websocket_mask") else ["_websocket_mask"])


_util = import_module("tornado.util")
_lacks = _missing(BaseIOStream.__init__.__code__, _util)
mask = getattr(_util, "_websocket_mask", _mask)
"""Bytes of a frame without their mask, or with it."""
if "_write_buffer" in _lacks:
    unwritten = _unwritten
if "_read_buffer_size" in _lacks:
    unread = _unread
if _lacks:
    _logger.warning(
        "tornado %s has no %s any more: large messages take longer", tornado.version, ", ".join(_lacks)
    )
