"""The one hook that says how an object of some type becomes what clients can show, and what the state sends of it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from jupyter_trame.showing import figures, tables
from jupyter_trame.showing.ahead import made_ahead

__all__ = ["Form", "form_of", "sent_form", "shows"]

F = TypeVar("F", bound=Callable[[Any], Any])

_KEPT = 1024
"""Types whose form is remembered; programs may make types without end."""
_STEPS = 8
"""A form may lead to an object that has a form itself, but not without end."""


@dataclass(frozen=True, slots=True)
class Form:
    """What becomes of the objects of one type."""

    show: Callable[[Any], Any] | None
    """What an output shows: a value that it knows, or an object of another type. None: what a notebook shows."""
    send: Callable[[Any], Any]
    """What clients get of an object in the state."""
    changes: bool = True
    """Whether an object is drawn and filled after it was made: to set it again is a change then."""


def shows(
    kind: type | str, *, send: Callable[[Any], Any] | None = None, changes: bool = True
) -> Callable[[F], F]:
    """Decorate the function that says what is shown of an object of the type `kind`, in place of what was said before.

    ``@ui.shows("astropy.Table")`` names a type by its package and class, so that nothing has to be imported for it;
    classes that are derived from it are shown the same way. The function gets the object and returns bytes of a
    picture, text, something with a ``_repr_html_`` or the like, or an object of another type that is known. It runs
    wherever a value is shown or sent, on any thread, and what it raises is the error of that output or that key.

    The same objects may be put into the state. Reading gives the object back; what clients get of it is what
    `send` returns, by default what the function returns: values that have a form of their own (docs/client.md).

    `changes`: the object may be changed after it was made, so setting it again counts as a change. Raises TypeError
    for what is no type.
    """
    named = isinstance(kind, str) and kind.count(".") == 1
    if not (named or isinstance(kind, type)):
        raise TypeError(f"a type is shown by itself, or by its name as in 'package.Class', not by {kind!r}")

    def register(show: F) -> F:
        global _known  # noqa: PLW0603
        _forms[kind] = Form(show, send or show, changes)
        # Another dict: a thread that has just looked at the old forms remembers them in the old one.
        _known = {}
        return show

    return register


def form_of(kind: type) -> Form | None:
    """The form of objects of the type `kind`; None for those that have none. Any thread."""
    known = _known
    try:
        return known[kind]
    except KeyError:
        pass
    found = next((form for base in kind.__mro__ if (form := _registered(base)) is not None), None)
    if issubclass(kind, dt.datetime) and found is _forms["datetime.date"]:
        found = None  # a moment is one on the wire, although it is derived from a day
    if len(known) >= _KEPT:
        known.clear()
    known[kind] = found
    return found


def sent_form(value: Any) -> Any:
    """What clients get of `value` in the state: `value` itself where its type has no form.

    Within `using` it is what was made before. Raises what the function of the form raises, and RuntimeError for forms
    that lead to each other.
    """
    ahead = made_ahead(value)
    if ahead is not None:
        return ahead.result()
    for _ in range(_STEPS):
        form = form_of(type(value))
        if form is None:
            return value
        value = form.send(value)
    raise RuntimeError(f"the forms that are sent of {type(value).__qualname__} do not come to an end")


def _registered(base: type) -> Form | None:
    own = _forms.get(base)
    return own or _forms.get(f"{base.__module__.partition('.')[0]}.{base.__name__}")


def _same(form: Callable[[Any], Any]) -> Form:
    return Form(form, form)


_forms: dict[type | str, Form] = {
    "altair.TopLevelMixin": Form(figures.of_altair, figures.altair_drawing),
    "datetime.date": Form(str, lambda date: date.isoformat(), changes=False),
    "datetime.time": Form(str, lambda time: time.isoformat(), changes=False),
    "datetime.timedelta": Form(str, lambda length: length.total_seconds(), changes=False),
    "decimal.Decimal": Form(str, str, changes=False),
    "folium.Figure": _same(figures.of_folium),
    "folium.Map": _same(figures.of_folium),
    "matplotlib.Artist": _same(figures.of_artist),
    "matplotlib.Figure": Form(figures.of_matplotlib, figures.matplotlib_png),
    "pandas.DataFrame": Form(None, tables.records),
    "pandas.NAType": Form(None, lambda _: None, changes=False),
    "pandas.Series": Form(tables.as_frame, tables.members),
    "pathlib.PurePath": Form(str, str, changes=False),
    "plotly.BaseFigure": _same(figures.of_plotly),
    "polars.DataFrame": Form(None, tables.polars_records),
    "polars.Series": Form(None, tables.polars_members),
    "pyvista.Plotter": _same(figures.of_pyvista),
    "seaborn.Grid": Form(lambda grid: grid.figure, lambda grid: grid.figure),
}
_known: dict[type, Form | None] = {}
