"""Interfaces in a few lines: every control is a key of the state, every part an ordinary element of trame.

See ``docs/ui.md``.
"""

from typing import TYPE_CHECKING, NoReturn

from jupyter_trame.core.spelling import nearest
from jupyter_trame.showing.forms import shows
from jupyter_trame.ui.app_layout import app
from jupyter_trame.ui.buttons import button
from jupyter_trame.ui.choices import multi_select, radio, select
from jupyter_trame.ui.confirm import confirm
from jupyter_trame.ui.downloads import download
from jupyter_trame.ui.form import form
from jupyter_trame.ui.function_output import output
from jupyter_trame.ui.inputs import (
    check,
    color,
    date,
    number,
    range_slider,
    slider,
    switch,
    text_area,
    text_input,
    upload,
)
from jupyter_trame.ui.jobs import Progress, job
from jupyter_trame.ui.layout import card, column, dialog, divider, expander, grid, row, sidebar, tab, tabs
from jupyter_trame.ui.notebook_widget import widget
from jupyter_trame.ui.numbers import metric, progress, spinner
from jupyter_trame.ui.part import Part
from jupyter_trame.ui.pictures import image
from jupyter_trame.ui.table_part import table
from jupyter_trame.ui.texts import code, json, log, markdown
from jupyter_trame.ui.toast import toast

__all__ = [
    "Part",
    "Progress",
    "app",
    "button",
    "card",
    "check",
    "code",
    "color",
    "column",
    "confirm",
    "date",
    "dialog",
    "divider",
    "download",
    "expander",
    "form",
    "grid",
    "image",
    "job",
    "json",
    "log",
    "markdown",
    "metric",
    "multi_select",
    "number",
    "output",
    "progress",
    "radio",
    "range_slider",
    "row",
    "select",
    "shows",
    "sidebar",
    "slider",
    "spinner",
    "switch",
    "tab",
    "table",
    "tabs",
    "text_area",
    "text_input",
    "toast",
    "upload",
    "widget",
]


if not TYPE_CHECKING:  # a checker would take every name for one that is there

    def __getattr__(name: str) -> NoReturn:
        near = nearest(name, __all__)
        advice = "" if near is None else f"is {near!r} meant? "
        raise AttributeError(f"{advice}jupyter_trame.ui has no {name!r}")
