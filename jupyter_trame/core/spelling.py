"""Which name somebody meant who wrote one that is not there."""

from collections.abc import Collection, Iterable

__all__ = ["argument_meant", "nearest"]

_PREFIXES = ("on_", "on", "v_on_")

MAX_SPAN = 24
"""Characters from the first slip in a name to the last; two that lie further apart are not found."""


def argument_meant(name: str, known: Collection[str]) -> str | None:
    """The one of `known` that may be meant by the argument `name`, which is none of them.

    Beside what is `nearest`, that is an event written with an "on" that it has not.
    """
    for prefix in _PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and rest in known:
            return rest
    return nearest(name, known)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that somebody who wrote `name` may have meant; None if there is none.

    Two slips are forgiven, one in names of up to five characters, none in one or two: a character too many, too
    few, a wrong one, or two swapped; case and underscores do not count. Names that differ in their digits alone
    are of a series, and no slips.
    """
    wanted, best, least = _letters(name), None, 3
    allowed = min(2, (len(name) + 2) // 4) if len(name) > 2 else 0
    bare = _without_digits(wanted)
    for candidate in known:
        if abs(len(candidate) - len(name)) > 2 or candidate == name:
            continue
        letters = _letters(candidate)
        if letters == wanted:
            return candidate
        distance = _slips(wanted, letters)
        if distance <= allowed and distance < least and _without_digits(letters) != bare:
            best, least = candidate, distance
    return best


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _without_digits(name: str) -> str:
    return "".join(character for character in name if not character.isdigit())


def _slips(a: str, b: str) -> int:
    """How many slips lie between two names: their Damerau-Levenshtein distance (optimal string alignment)."""
    start = 0
    while start < len(a) and start < len(b) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[start : len(a) - end], b[start : len(b) - end]
    if max(len(a), len(b)) > MAX_SPAN:
        return MAX_SPAN
    before, row = [], list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
