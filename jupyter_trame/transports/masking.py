"""The mask of a client's frames: tornado's function, which is compiled and loads none of its sockets."""

import logging
from importlib import import_module

import tornado

__all__ = ["mask"]

_logger = logging.getLogger(__name__)


def _mask(mask: bytes, data: bytes) -> bytes:
    size = len(data)
    repeated = (bytes(mask) * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


mask = getattr(import_module("tornado.util"), "_websocket_mask", _mask)
"""Bytes of a frame without their mask, or with it. tornado does not promise the function."""
if mask is _mask:
    _logger.warning(
        "tornado %s has no _websocket_mask as it was: messages of clients take longer", tornado.version
    )
