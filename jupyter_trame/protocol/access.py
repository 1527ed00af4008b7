"""What a client may do: which keys it may write, and whether it knows the secret.

Templates, scripts and styles run in the page of every viewer, so in strict mode only the server sets them.
"""

import hmac

from jupyter_trame.types import StateKey

__all__ = ["is_client_writable", "is_secret"]

_SERVER_ONLY = frozenset(
    {
        "trame__scripts",
        "trame__module_scripts",
        "trame__styles",
        "trame__vue_use",
        "trame__react_use",
        "trame__client_only",
        "trame__client_type",
        "trame__client_external_scripts",
        "trame__routes",
        "trame__mousetrap",
    }
)
_SERVER_ONLY_PREFIXES = ("trame__template_", "trame__inline_script_", "trame__inline_style_")


def is_client_writable(key: StateKey) -> bool:
    """Whether a client may write the root-level `key` in strict mode."""
    return not (key in _SERVER_ONLY or key.startswith(_SERVER_ONLY_PREFIXES))


def is_secret(given: object, expected: object) -> bool:
    """Whether `given` is the secret `expected`; without an expected one nobody knows it.

    Stock clients read it from their address, where one of digits becomes a number.
    """
    if type(given) is int:
        given = str(given)
    if not (isinstance(given, str) and isinstance(expected, str)):
        return False
    return hmac.compare_digest(given.encode(), expected.encode())
