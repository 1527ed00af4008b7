"""The rows of one table on their way to its pages: the first ones, those that are asked for, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from jupyter_trame.ui.table_rows import Rows, rows_of
from jupyter_trame.ui.table_texts import Format, writer

__all__ = ["TableLook", "TableModel"]

FIRST = 50
"""Rows that every page has without asking; a block of `js/src/ui-chunks/table/rows-cache.ts`."""
_MOST_ROWS = 1000
"""Rows of an answer with their cells."""
_MOST_GONE = 10_000
"""Selected rows that may be gone."""
_MOST_CHANGES = 16
"""Cells that are sent by themselves, with those of versions before, which a page may have missed."""


@dataclass(frozen=True)
class TableLook:
    """What of its rows a table shows, and how."""

    columns: Sequence[str] | None = None
    """Their names in order; None: all."""
    headings: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, Format] = field(default_factory=dict)
    widths: Mapping[str, str] = field(default_factory=dict)
    """As CSS."""
    row_id: str | None = None
    """The column whose values say which rows are selected; None: their places do."""
    said: str = "the table"
    """What messages call it."""


class TableModel:
    """Gives each state of the rows a version. `show` on one thread at a time, `answer` on any."""

    def __init__(self, look: TableLook) -> None:
        self._look = look
        self._shown = _Shown(0, Rows({}), look)
        self.head: dict[str, Any] = {}
        """What a page draws first."""
        self.changes: list[dict[str, Any]] = []
        """What became of that since, the last versions."""

    def show(self, value: Any) -> None:
        """The rows are `value` now; `head` and `changes` are new then. Raises as `rows_of`, and nothing has changed."""
        rows = rows_of(value)
        before = self._shown
        shown = _Shown(before.version + 1, rows, self._look)
        found = before.rows.changes(rows, _MOST_CHANGES) if self.head else None
        if found is None:
            self.head, self.changes = shown.head(), []
        elif not found:
            shown.version = before.version
        else:
            cells = [shown.cell(position, name) for position, name in found if name in shown.names]
            change = {"version": shown.version, "cells": cells}
            self.changes = _last([*self.changes, change])
        self._shown = shown

    def answer(self, question: Any) -> dict[str, Any]:
        """The rows that a page asks for. Raises ValueError for a question that makes no sense."""
        return self._shown.answer(*_read(question))

    def row(self, id_: Any) -> dict[str, Any] | None:
        """The row that is selected by `id_`, with all its columns; None if it is gone."""
        return next(iter(self.chosen([id_])), None)

    def chosen(self, ids: Iterable[Any]) -> list[dict[str, Any]]:
        """As `row`, of those that are not gone; at most as many as the table has, whatever a client sends."""
        shown = self._shown
        looked_at = islice(ids, shown.rows.length + _MOST_GONE)
        places = (at for at in map(shown.position, looked_at) if at is not None)
        return [shown.rows.row(at) for at in islice(places, shown.rows.length)]


def _last(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest of `changes`, which are sent together, so that the smallest one costs little."""
    while len(changes) > 1 and sum(len(change["cells"]) + 1 for change in changes) > _MOST_CHANGES:
        changes = changes[1:]
    return changes


class _Shown:
    """One version of the rows."""

    def __init__(self, version: int, rows: Rows, look: TableLook) -> None:
        if not rows.names and look.columns is not None:  # an empty list says nothing of them
            rows = Rows({name: [] for name in look.columns})
        self.version = version
        self.rows = rows
        self.look = look
        self.names = tuple(rows.names if look.columns is None else look.columns)
        used = (*self.names, *([] if look.row_id is None else [look.row_id]))
        for name in used:
            if name not in rows.names and rows.length:
                known = ", ".join(rows.names)
                raise ValueError(f"the rows of {look.said} have no column {name!r}; they have {known}")
        self._texts = {name: writer(look.formats.get(name), rows.has_days(name)) for name in self.names}

    def head(self) -> dict[str, Any]:
        look, rows = self.look, self.rows
        first = range(min(FIRST, rows.length))
        texts = self._cells(first)
        # Some of all: the first of a hundred thousand numbers are short.
        some = [*texts, *self._cells(range(0, rows.length, max(1, rows.length // FIRST)))]
        columns = [
            {
                "name": name,
                "heading": look.headings.get(name, name),
                "number": rows.has_numbers(name),
                "length": max((len(cells[number]) for cells in some), default=0),
                "width": look.widths.get(name, ""),
            }
            for number, name in enumerate(self.names)
        ]
        return {
            "version": self.version,
            "total": rows.length,
            "columns": columns,
            "rows": texts,
            "ids": self._ids(first),
        }

    def answer(
        self, start: int, count: int, sorting: tuple[str, bool] | None, with_cells: bool
    ) -> dict[str, Any]:
        order: Sequence[int] = range(self.rows.length)
        if sorting is not None and sorting[0] in self.names:
            order = self.rows.order(*sorting)
        positions = order[start : start + (min(count, _MOST_ROWS) if with_cells else count)]
        return {
            "version": self.version,
            "start": start,
            "rows": self._cells(positions) if with_cells else [],
            "positions": list(positions),
            "ids": self._ids(positions),
        }

    def cell(self, position: int, name: str) -> list[Any]:
        text = self._texts[name](self.rows.value(name, position))
        return [position, self.names.index(name), text]

    def position(self, id_: Any) -> int | None:
        if self.look.row_id is None:
            return id_ if isinstance(id_, int) and 0 <= id_ < self.rows.length else None
        return self._places.get(id_) if id_ is None or isinstance(id_, str | int | float) else None

    @cached_property
    def _places(self) -> dict[Any, int]:
        """The first place of each id: who selects all rows asks for every one."""
        places: dict[Any, int] = {}
        for at, id_ in enumerate(self._ids(range(self.rows.length)) or ()):
            places.setdefault(id_, at)
        return places

    def _cells(self, positions: Iterable[int]) -> list[list[str]]:
        value, texts = self.rows.value, self._texts.items()
        return [[text(value(name, position)) for name, text in texts] for position in positions]

    def _ids(self, positions: Iterable[int]) -> list[Any] | None:
        row_id = self.look.row_id
        if row_id is None:
            return None
        return [_plain_id(self.rows.value(row_id, position)) for position in positions]


def _plain_id(value: Any) -> Any:
    """A value that is the same when a page sends it back."""
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _read(question: Any) -> tuple[int, int, tuple[str, bool] | None, bool]:
    match question:
        case {"start": int(start), "count": int(count), "sorting": sorting} if start >= 0 and count >= 0:
            with_cells = question.get("cells") is not False
        case _:
            raise ValueError(f"a table is asked for rows by their start and count, not by {question!r:.200}")
    match sorting:
        case None:
            return start, count, None, with_cells
        case {"column": str(column), "descending": bool(descending)}:
            return start, count, (column, descending), with_cells
    raise ValueError(f"a table is sorted by a column and a direction, not by {sorting!r:.200}")
