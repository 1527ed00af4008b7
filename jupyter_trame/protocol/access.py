"""What a client may do: which keys it may write, and whether it knows the secret.

Reserved keys act on the page of every viewer, so in strict mode only the server sets them.
"""

import hmac
from collections.abc import Container

from jupyter_trame.types import StateKey

__all__ = ["is_client_writable", "is_secret"]

_SERVER_ONLY = "trame__"
_OF_ONE_VIEW = "trame_error_report_msg"
"""Each view sets it for itself alone."""
_IN_TEMPLATES = frozenset({"debounce", "name", "throttle"})
"""What these mean in templates until the state has a key of that name; see `js/src/view/render/scope.ts`."""


def is_client_writable(key: StateKey, known: Container[StateKey] = ()) -> bool:
    """Whether a client may write the root-level `key` in strict mode, where the server has the keys `known`.

    What views do with reserved keys they do to every viewer: code, routes, title and icon, the pace of writes, which
    keys are not shared. So all of them are the server's, those that packages and later versions add too. A name that
    means something in every template is the app's to take, by giving it a value.
    """
    if key in _IN_TEMPLATES:
        return key in known
    return not key.startswith(_SERVER_ONLY) and key != _OF_ONE_VIEW


def is_secret(given: object, expected: object) -> bool:
    """Whether `given` is the secret `expected`; without an expected one nobody knows it.

    Stock clients read it from their address, where one of digits becomes a number.
    """
    if type(given) is int:
        given = str(given)
    if not (isinstance(given, str) and isinstance(expected, str)):
        return False
    return hmac.compare_digest(given.encode(), expected.encode())
