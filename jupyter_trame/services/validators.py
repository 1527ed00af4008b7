"""Which service ids there are: a callable says it, or a rule that another process can be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

__all__ = ["IdRule", "accept_all", "is_service_id", "make_id_rule", "read_id_rule"]

_LONGEST = 200
"""Characters: an id is in addresses, logs and the metadata of kernels."""


def accept_all(service_id: str) -> bool:  # noqa: ARG001 - the rule of who has none
    """Accept every id."""
    return True


def is_service_id(text: str) -> bool:
    """Whether `text` can be the id of anything: one segment of an address, printable, and no way up."""
    return (
        0 < len(text) <= _LONGEST
        and text.isprintable()
        and not set(text) & {"/", "\\"}
        and text not in {".", ".."}
    )


class IdRule:
    """A rule of ids. `described` is what JSON says of it; None for a callable, which only its own process can ask."""

    __slots__ = ("_accepts", "described", "expression")

    def __init__(
        self,
        accepts: Callable[[str], object],
        described: dict[str, Any] | None,
        expression: re.Pattern[str] | None = None,
    ) -> None:
        self._accepts = accepts
        self.described = described
        self.expression = expression
        """What it is, where it is one: it may take long, see `IdExpressions`."""

    def accepts(self, service_id: str) -> bool:
        """Whether there may be `service_id`. Raises what the callable does."""
        return bool(self._accepts(service_id))


def make_id_rule(given: object) -> IdRule:
    """What `given` means: a callable, a compiled expression that has to match all of an id, or a collection of ids.

    Raises `TypeError` for anything else.
    """
    if isinstance(given, IdRule):
        return given
    if given is accept_all:
        return IdRule(accept_all, {})
    if isinstance(given, re.Pattern) and isinstance(given.pattern, str):
        described: dict[str, Any] = {"regex": given.pattern}
        if given.flags & ~re.UNICODE:
            described["flags"] = given.flags & ~re.UNICODE
        return IdRule(given.fullmatch, described, given)
    if callable(given):
        return IdRule(given, None)
    if isinstance(given, Collection) and not isinstance(given, str | bytes):
        ids = frozenset(given)
        if all(isinstance(one, str) for one in ids):
            return IdRule(ids.__contains__, {"ids": sorted(ids)})
    raise TypeError(
        "service_id_validator is a callable that takes a service id, a compiled regular expression, or a collection "
        f"of service ids; got {given!r}"
    )


def read_id_rule(described: object) -> IdRule:
    """The rule of which `described` is what JSON said. Raises `ValueError`, with what is wrong."""
    if described == {}:
        return make_id_rule(accept_all)
    if isinstance(described, dict):
        try:
            if isinstance(regex := described.get("regex"), str) and described.keys() <= {"regex", "flags"}:
                return make_id_rule(re.compile(regex, described.get("flags", 0)))
            if isinstance(ids := described.get("ids"), list) and described.keys() == {"ids"}:
                return make_id_rule(ids)
        except (TypeError, ValueError, re.error) as error:
            raise ValueError(f"{described!r} is no rule of service ids: {error}") from None
    raise ValueError(
        f'a rule of service ids is {{}}, {{"regex": text}} or {{"ids": [text]}}; got {described!r}'
    )
