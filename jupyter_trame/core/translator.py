"""Names of a child server, as seen by its root.

A child works with its own short names; everything shared is kept under the root's names. Most servers are
roots: their translator is not `active`, and callers skip it altogether.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from jupyter_trame import names

__all__ = ["Names", "Translator", "is_name_reserved"]

V = TypeVar("V")

RESERVED_NAMES = frozenset(
    (
        names.ON_CLIENT_CONNECTED,
        names.ON_CLIENT_EXITED,
        names.ON_CLIENT_UNMOUNTED,
        names.ON_ERROR,
        names.ON_EXCEPTION,
        names.ON_SERVER_BIND,
        names.ON_SERVER_EXITED,
        names.ON_SERVER_RELOAD,
        names.ON_SERVER_READY,
        names.ON_SERVER_START,
    )
)

# ``= < > % ^ @ ~ $`` and the tab are no delimiters: templates rely on ``a=1`` being left alone.
_JS_TOKENS = re.compile(r"""(['":;(){}\[\] .,!`\n+*/\-|&?])""")
_VUE_PIECES = re.compile(r"(?<=\{)(?=\{)|(?<=\})(?=\})")


class Names(Protocol):
    """What an expression is checked against: the state of the server it is written for."""

    def has(self, key: str, /) -> bool: ...


def is_name_reserved(name: str) -> bool:
    """Is this a name that every server of a tree shares, whatever its translator says?"""
    return name.startswith(names.RESERVED_PREFIX) or name in RESERVED_NAMES


class Translator:
    """Translates the names of one server to those of its root and back.

    A translation added for a key wins over the prefix; reserved names are never translated. Prefixes do not
    compose: a grandchild's translator leads straight to the root. Any thread.
    """

    __slots__ = ("__weakref__", "_prefix", "_reverse", "_translations", "active")

    def __init__(self, prefix: str | None = None) -> None:
        self._prefix = prefix or ""
        self._translations: dict[str, str] = {}
        self._reverse: dict[str, str] = {}
        self.active = bool(self._prefix) or type(self) is not Translator
        """Can any name differ from its translation? A subclass may do anything, so its instances always are.
        """

    def __call__(self, key: str) -> str:
        return self.translate_key(key)

    def set_prefix(self, prefix: str | None) -> None:
        """Put `prefix` before every key; None or an empty one takes it away."""
        self._prefix = prefix or ""
        self.active = bool(self._prefix or self._translations) or type(self) is not Translator

    def add_translation(self, key: str, translated_key: str) -> None:
        """Call `key` of this server `translated_key` in its root."""
        self._translations[key] = translated_key
        self._reverse[translated_key] = key
        self.active = True

    def translate_key(self, key: str) -> str:
        """The root's name for `key`."""
        if not self.active or is_name_reserved(key):
            return key
        translated = self._translations.get(key)
        return self._prefix + key if translated is None else translated

    def reverse_translate_key(self, key: str) -> str:
        """This server's name for the root's `key`; a key that is not of this server keeps its name."""
        if not self.active or is_name_reserved(key):
            return key
        name = self._reverse.get(key)
        return key.removeprefix(self._prefix) if name is None else name

    def translate_list(self, keys: Iterable[str]) -> list[str]:
        """The root's names, in the order of `keys`."""
        return [self.translate_key(key) for key in keys]

    def reverse_translate_list(self, keys: Iterable[str]) -> list[str]:
        """This server's names, in the order of `keys`."""
        return [self.reverse_translate_key(key) for key in keys]

    def translate_dict(self, values: Mapping[str, V]) -> dict[str, V]:
        """`values` under the root's names."""
        return {self.translate_key(key): value for key, value in values.items()}

    def reverse_translate_dict(self, values: Mapping[str, V]) -> dict[str, V]:
        """Those of the root's `values` that this server has a name for, under that name."""
        translated = {}
        for key, value in values.items():
            name = self.reverse_translate_key(key)
            if self.translate_key(name) == key:
                translated[name] = value
        return translated

    def translate_js_expression(self, state: Names, expression: str) -> str:
        """`expression` with every word that is a key of `state` translated, within strings and after dots
        too.

        A name that is not in the state yet is left alone, so defaults have to be set before.
        """
        if not self.active:
            return expression
        return "".join(self._translate_token(state, token) for token in _JS_TOKENS.split(expression))

    def translate_vue_templating(self, state: Names, text: str) -> str:
        """`text` with the expressions between ``{{`` and ``}}`` translated."""
        if not self.active:
            return text
        return "".join(
            self.translate_js_expression(state, piece) if piece.startswith("{") else piece
            for piece in _VUE_PIECES.split(text)
        )

    def _translate_token(self, state: Names, token: str) -> str:
        return self.translate_key(token) if token and state.has(token) else token
