"""Interfaces in a few lines: every control is a key of the state, every part an ordinary element of trame.

See ``docs/ui.md``.
"""

from jupyter_trame.showing.forms import shows
from jupyter_trame.ui.app_layout import app
from jupyter_trame.ui.buttons import button
from jupyter_trame.ui.download import download
from jupyter_trame.ui.image import image
from jupyter_trame.ui.inputs import slider, text_input
from jupyter_trame.ui.job import Progress, job
from jupyter_trame.ui.layout import card, column, row, sidebar
from jupyter_trame.ui.numbers import metric, progress, spinner
from jupyter_trame.ui.output import output
from jupyter_trame.ui.part import Part
from jupyter_trame.ui.table_part import table
from jupyter_trame.ui.texts import code, json, log, markdown
from jupyter_trame.ui.widget import widget

__all__ = [
    "Part",
    "Progress",
    "app",
    "button",
    "card",
    "code",
    "column",
    "download",
    "image",
    "job",
    "json",
    "log",
    "markdown",
    "metric",
    "output",
    "progress",
    "row",
    "shows",
    "sidebar",
    "slider",
    "spinner",
    "table",
    "text_input",
    "widget",
]
