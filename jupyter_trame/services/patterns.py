"""Patterns of addresses: ``$name`` takes one segment, ``$$name`` one or more, everything else is taken literally."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

__all__ = ["Pattern", "decode_segments", "parse_query"]


class Pattern:
    """A pattern of an address, such as ``items/$id`` or ``files/$$path``.

    Pattern and path are split at ``/`` and agree segment by segment. ``$$name`` takes as few segments as let those that
    follow it match; they are joined with ``/``.
    """

    __slots__ = ("_segments", "text")

    def __init__(self, text: str) -> None:
        """Raises `ValueError` for a parameter that has no name, or that of another one."""
        self.text = text
        self._segments = text.split("/")
        names = [segment.lstrip("$") for segment in self._segments if segment.startswith("$")]
        if not all(names):
            raise ValueError(f"a parameter of a pattern has a name behind its $; got {text!r}")
        if len(set(names)) < len(names):
            raise ValueError(f"the parameters of a pattern have different names; got {text!r}")

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def match(self, path: str) -> dict[str, str] | None:
        """The values of the parameters, None where `path` does not match; its segments are percent-decoded here."""
        segments = decode_segments(path)
        return None if segments is None else self.match_segments(segments)

    def match_segments(self, segments: list[str]) -> dict[str, str] | None:
        """The same of segments that are decoded."""
        ways = self._ways(segments)
        if not ways[0][0]:
            return None
        found: dict[str, str] = {}
        at = 0
        for index, part in enumerate(self._segments):
            end = at + 1
            if part.startswith("$$"):
                while not ways[index + 1][end]:
                    end += 1
            if part.startswith("$"):
                found[part.lstrip("$")] = "/".join(segments[at:end])
            at = end
        return found

    def _ways(self, segments: list[str]) -> list[list[bool]]:
        """Whether the parts from i on match the segments from j on, for all i and j: no pattern takes long."""
        parts, count = self._segments, len(segments)
        ways = [[False] * count + [True]]
        for part in reversed(parts):
            behind, here = ways[-1], [False] * (count + 1)
            for at in range(count - 1, -1, -1):
                if part.startswith("$$"):
                    here[at] = behind[at + 1] or here[at + 1]
                elif part.startswith("$") or part == segments[at]:
                    here[at] = behind[at + 1]
            ways.append(here)
        ways.reverse()
        return ways


def decode_segments(path: str) -> list[str] | None:
    """The segments of `path`, percent-decoded one by one: an encoded slash divides nothing. None: it is no UTF-8."""
    try:
        return [unquote(segment, errors="strict") for segment in path.split("/")]
    except UnicodeDecodeError:
        return None


def parse_query(query: str) -> dict[str, str]:
    """The parameters of a query string, percent-decoded; of a name that comes twice the last value counts."""
    return dict(parse_qsl(query, keep_blank_values=True))
