"""Each exception of the library has one of ours."""

import ssl

import pytest
import trio
import websockets.exceptions as library
from websockets.datastructures import Headers
from websockets.http11 import Response

from jupyter_trame.trio.websockets import exceptions as ours
from jupyter_trame.trio.websockets.translation import handshake_error, library_error, transport_error

PAIRS: list[tuple[library.InvalidHandshake, ours.InvalidHandshake]] = [
    (library.InvalidStatus(Response(403, "Forbidden", Headers())), ours.InvalidStatusCode(403)),
    (library.InvalidOrigin("https://x"), ours.InvalidOrigin("https://x")),
    (library.InvalidUpgrade("Upgrade", None), ours.InvalidUpgrade("Upgrade", None)),
    (library.InvalidHeaderValue("Name", "x"), ours.InvalidHeaderValue("Name", "x")),
    (
        library.InvalidHeaderFormat("Name", "expected token", "a=|", 2),
        ours.InvalidHeaderFormat("Name", "expected token", "a=|", 2),
    ),
    (library.InvalidHeader("Name"), ours.InvalidHeader("Name")),
    (library.DuplicateParameter("x"), ours.DuplicateParameter("x")),
    (library.InvalidParameterName("x"), ours.InvalidParameterName("x")),
    (library.InvalidParameterValue("x", "y"), ours.InvalidParameterValue("x", "y")),
    (library.NegotiationError("why"), ours.NegotiationError("why")),
    (library.InvalidMessage("no HTTP"), ours.InvalidMessage("no HTTP")),
    (library.TooManyHeaders("256"), ours.InvalidMessage("256")),
    (library.InvalidMethod("POST"), ours.InvalidHandshake("unsupported HTTP method: POST")),
]


@pytest.mark.parametrize(("error", "expected"), PAIRS, ids=[type(error).__name__ for error, _ in PAIRS])
def test_handshakes(error: library.InvalidHandshake, expected: ours.InvalidHandshake) -> None:
    found = handshake_error(error)
    assert type(found) is type(expected)
    assert str(found) == str(expected)
    assert vars(found) == vars(expected)


def test_a_hook_s_exception_passes_through_the_library() -> None:
    error = ours.InvalidOrigin("https://x")
    assert library_error(error).__cause__ is error


def test_a_certificate_that_is_not_trusted() -> None:
    error = trio.BrokenResourceError()
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert transport_error(error, "localhost:1") is error.__cause__


def test_nobody_answers() -> None:
    found = transport_error(ConnectionRefusedError(111, "refused"), "localhost:1")
    assert type(found) is ConnectionError
    assert "localhost:1" in str(found)
    assert "refused" in str(found)
    several = OSError("all attempts failed")
    several.__cause__ = ExceptionGroup("all", [OSError("refused"), OSError("refused"), OSError("no route")])
    assert str(transport_error(several, "x")).endswith(": all attempts failed: refused; no route")
    assert "BrokenResourceError" in str(transport_error(trio.BrokenResourceError(), "localhost:1"))
