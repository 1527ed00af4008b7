"""`ui.table`: rows that stay in Python, of which each page gets what it shows."""

# ruff: noqa: PLR0913 - what can be said of a table stands in its signature

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_trame.core.state import store_of
from jupyter_trame.server.server import runtime_of
from jupyter_trame.ui.bound import Bound, said_of, unlisten
from jupyter_trame.ui.css_sizes import Size, as_css
from jupyter_trame.ui.keys import require_key
from jupyter_trame.ui.living import LivingPlace, claim
from jupyter_trame.ui.part import Handler, Part, in_words, takes_value
from jupyter_trame.ui.status import PartStatus
from jupyter_trame.ui.table_model import TableLook, TableModel
from jupyter_trame.ui.table_texts import Format

__all__ = ["table"]


def table(
    key: str,
    /,
    rows: Any = None,
    *,
    columns: Sequence[str] | None = None,
    headings: Mapping[str, str] | None = None,
    formats: Mapping[str, Format] | None = None,
    widths: Mapping[str, Size] | None = None,
    selected: str | None = None,
    many: bool = False,
    row_id: str | None = None,
    on_select: Callable[..., Any] | None = None,
    on_open: Callable[..., Any] | None = None,
    page: int = 0,
    height: Size = "24rem",
    label: str | None = None,
    **attributes: Any,
) -> Part:
    """The rows of a key: a list of dicts, a dict of columns, or a DataFrame of pandas or polars.

    `rows` are put into the key if it has none; or they are a function whose parameters are keys, which gives the rows
    anew when one of these changes, as in `ui.output`; what it raises is shown over the last rows. They stay in Python,
    so there may be hundreds of thousands; a page gets those that it shows, also while a cell runs. Templates neither
    see nor write the key. A list or a dict that is changed in place is noticed as all values are, a DataFrame after
    ``state.dirty(key)``.

    `columns` are the names of those to be shown, with `headings` of their own, `formats` (``".2f"``, ``"{:.1f} kg"``
    or a function of the value), and `widths`. Headings sort. Rows that a page asks for are sorted and written
    on threads of their own, several at a time: formats, and the ``__str__`` and comparisons of your own types, must
    bear that.

    The key `selected` gets the place of the selected row in the rows, or None; with `many` a list of them. With
    `row_id` it is not its place, but what it has in that column. `on_select` is called with the selected row as a dict
    (with `many`, a list), `on_open` with the row that was clicked twice, or at which Enter was pressed; both with none
    if they take no argument.

    `page` rows are shown at a time; 0: all, of which what fits into `height` is seen. A height
    or a width is a number of pixels, or a length of CSS.

    To be made on the thread that builds the interface. Raises TypeError and ValueError for a key and rows that are
    none, and for columns that they do not have.
    """
    require_key(key)
    shown_height = as_css(height, "height")
    given_widths = {name: as_css(width, "widths") for name, width in (widths or {}).items()}
    look = TableLook(columns, headings or {}, formats or {}, given_widths, row_id, f"the table {key!r}")
    place = claim("table", key)
    server = place.server
    if rows is not None and not callable(rows):
        server.state.setdefault(key, rows)
    shown = _Table(place, key, look)
    if callable(rows):
        shown.follow(rows)
    selects = selected is not None or on_select is not None
    if selected is not None:
        server.state.setdefault(selected, [] if many else None)
    chosen: Handler | None = None if on_select is None else (shown.caller(on_select), "[$event]")
    return Part(
        "JtTable",
        props={
            "head": (shown.head_key,),
            "changes": (shown.changes_key,),
            "status": (shown.status.key,),
            "ask": shown.trigger,
            "label": in_words(key) if label is None else label,
            "selected": None if selected is None else (selected,),
            "select": ("many" if many else "one") if selects else None,
            "pageSize": page or None,
            "height": shown_height,
        },
        events={
            "update:selected": None if selected is None else f"{selected} = $event",
            "select": chosen,
            "open": None if on_open is None else (shown.caller(on_open), "[$event]"),
        },
        chunk="table",
        **attributes,
    )


class _Table:
    """The rows of a key on their way to the pages of one table."""

    def __init__(self, place: LivingPlace, key: str, look: TableLook) -> None:
        self._server = server = place.server
        self._name = key
        self._where = f"table {key}"
        self._key = server.translator.translate_key(key)
        self._model = TableModel(look)
        self._ended = False
        self._source: Bound | None = None
        """Gives the rows, if a function does."""
        self.trigger = place.key
        self.head_key, self.changes_key = f"{self.trigger}_head", f"{self.trigger}_changes"
        self.status = PartStatus(server, f"{self.trigger}_status")
        # A page that scrolls while a cell runs gets its rows all the same.
        server.controller.trigger(self.trigger, concurrent=True)(self._model.answer)
        runtime_of(server).withhold([self._key])
        self._show()
        server.change(key)(self._changed)
        place.keep(self)

    def follow(self, rows: Callable[..., Any]) -> None:
        """The rows are what `rows` gives from now on."""
        runtime_of(self._server).made_keys.add(self._key)
        self._source = Bound(self._server, rows, self._put, fail=self.status.fail, where=self._where)

    def end(self) -> None:
        """As `Living`."""
        self._ended = True
        self._server.controller.trigger_unregister(self.trigger)
        unlisten(self._server, self._changed)
        runtime_of(self._server).release([self._key])
        if self._source is not None:
            self._source.end()
            runtime_of(self._server).made_keys.discard(self._key)

    def caller(self, fn: Callable[..., Any]) -> Callable[[Any], Any]:
        """A function that calls `fn` with the row, or the rows, that a page has chosen."""

        def call(chosen: Any) -> Any:
            return self._call(fn, chosen)

        call.__qualname__ = f"{said_of(fn)} of {self._where}"
        return call

    def _call(self, fn: Callable[..., Any], chosen: Any) -> Any:
        if not takes_value(fn):
            return fn()
        if isinstance(chosen, list):
            return fn(self._model.chosen(chosen))
        return fn(None if chosen is None else self._model.row(chosen))

    def _put(self, rows: Any) -> None:
        self._server.state[self._name] = rows
        self.status.clear()

    def _changed(self) -> None:
        if self._ended:
            return
        _, report = runtime_of(self._server).user_code.attempt(self._where, self._show)
        if report is None:
            self.status.clear()
        else:
            self.status.fail(report)

    def _show(self) -> None:
        # Past `State`, which would take the rows for handed out and look whether they were changed in place.
        store, state = store_of(self._server.state), self._server.state
        self._model.show(store.snapshot().get(self._key))
        state[self.head_key], state[self.changes_key] = self._model.head, self._model.changes
