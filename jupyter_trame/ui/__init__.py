"""Interfaces in a few lines: every control is a key of the state, every part an ordinary element of trame.

See ``docs/ui.md``.
"""

from jupyter_trame.ui.app_layout import app
from jupyter_trame.ui.buttons import button
from jupyter_trame.ui.inputs import slider, text_input
from jupyter_trame.ui.layout import card, column, row, sidebar
from jupyter_trame.ui.part import Part
from jupyter_trame.ui.table_part import table

__all__ = ["Part", "app", "button", "card", "column", "row", "sidebar", "slider", "table", "text_input"]
