"""Exceptions of the library below, as the ones that this package promises; the library's is the cause."""

import re
import ssl
from collections.abc import Callable
from typing import Any, TypeAlias

import trio
import websockets.exceptions as library

from jupyter_trame.trio.websockets import exceptions as ours

__all__ = ["handshake_error", "library_error", "transport_error"]


def _invalid_format(error: library.InvalidHeaderFormat) -> ours.InvalidHeaderFormat:
    # The library keeps the sentence alone: "<what> at <where> in <header>".
    match = re.fullmatch(r"(.*?) at (\d+) in (.*)", error.value or "", re.DOTALL)
    if match is None:
        return ours.InvalidHeaderFormat(error.name, error.value or "", "", 0)
    return ours.InvalidHeaderFormat(error.name, match[1], match[3], int(match[2]))


_Translator: TypeAlias = Callable[[Any], ours.InvalidHandshake]

_TRANSLATORS: list[tuple[type[library.InvalidHandshake], _Translator]] = [
    (library.InvalidStatus, lambda error: ours.InvalidStatusCode(error.response.status_code)),
    (library.InvalidOrigin, lambda error: ours.InvalidOrigin(error.value)),
    (library.InvalidUpgrade, lambda error: ours.InvalidUpgrade(error.name, error.value)),
    (library.InvalidHeaderValue, lambda error: ours.InvalidHeaderValue(error.name, error.value)),
    (library.InvalidHeaderFormat, _invalid_format),
    (library.InvalidHeader, lambda error: ours.InvalidHeader(error.name, error.value)),
    (library.DuplicateParameter, lambda error: ours.DuplicateParameter(error.name)),
    (library.InvalidParameterName, lambda error: ours.InvalidParameterName(error.name)),
    (library.InvalidParameterValue, lambda error: ours.InvalidParameterValue(error.name, error.value)),
    (library.NegotiationError, lambda error: ours.NegotiationError(str(error))),
    (library.InvalidMessage, lambda error: ours.InvalidMessage(_with_cause(error))),
    (library.SecurityError, lambda error: ours.InvalidMessage(_with_cause(error))),
]
"""The first that fits counts."""


def handshake_error(error: library.InvalidHandshake) -> ours.InvalidHandshake:
    """Ours for what the library says of an opening handshake."""
    for kind, translate in _TRANSLATORS:
        if isinstance(error, kind):
            return translate(error)
    return ours.InvalidHandshake(_with_cause(error))


def library_error(error: ours.InvalidHandshake) -> library.InvalidHandshake:
    """What stands for `error`, of a hook of the user, while the library negotiates."""
    found = library.InvalidHandshake(str(error))
    found.__cause__ = error
    return found


def transport_error(error: Exception, where: str) -> Exception:
    """Ours for what ended the way to the server `where`, before any handshake."""
    cause = error.__cause__
    if isinstance(error, trio.BrokenResourceError) and isinstance(cause, ssl.SSLError):
        return cause
    return ConnectionError(f"no WebSocket server answers at {where}: {_with_cause(error) or repr(error)}")


def _with_cause(error: BaseException) -> str:
    texts = [str(error)]
    while error.__cause__ is not None:
        error = error.__cause__
        several = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
        texts.append("; ".join(dict.fromkeys(map(str, several))))  # of all addresses of a host
    return ": ".join(text for text in texts if text)
