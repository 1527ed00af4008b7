"""`ui.widget`: an ipywidget of the notebook among the parts of an interface."""

from __future__ import annotations

from typing import Any

import traitlets

from jupyter_trame.ui.living import claim
from jupyter_trame.ui.part import Part

__all__ = ["widget"]


def widget(ipywidget: Any, key: str | None = None, *, trait: str = "value", **attributes: Any) -> Part:
    """An ipywidget, where the app is shown in a cell; elsewhere there is a line in its place.

    With a `key`, that and the widget's `trait` follow each other from now on, until the server gets the interface
    again; the state's value comes first if it has one. Raises TypeError for what is no widget, ValueError where no
    interface is open, and what the widget raises for a value that it does not take.
    """
    model = getattr(ipywidget, "model_id", None)
    if not isinstance(model, str) or not isinstance(ipywidget, traitlets.HasTraits):
        raise TypeError(f"an ipywidget is wanted, as of ipywidgets.IntSlider(), not {ipywidget!r}")
    place = claim("widget", key or "widget")
    if key is not None:
        place.server.state.setdefault(key, getattr(ipywidget, trait))
        place.keep(_Link(traitlets.link((place.server.traits, key), (ipywidget, trait))))
    return Part("JtWidget", props={"model": model}, **attributes)


class _Link:
    def __init__(self, link: Any) -> None:
        self._link = link

    def end(self) -> None:
        """As `Living`."""
        self._link.unlink()
