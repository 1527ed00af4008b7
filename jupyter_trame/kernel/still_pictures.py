"""Pictures in place of widgets, in the outputs of a notebook that a program runs: each is that of the last state."""

from __future__ import annotations

import uuid
from typing import Any

from IPython.display import publish_display_data

from jupyter_trame.kernel.snapshot import SNAPSHOT_SIZE
from jupyter_trame.names import TEMPLATE_KEY
from jupyter_trame.picture.still import Picture, draw
from jupyter_trame.runtime.runtime import Runtime

__all__ = ["StillPictures"]


class StillPictures:
    """The pictures of one server: `show` puts one into an output, `renew` brings all up to date. The main thread."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._shown: dict[str, str] = {}
        """The layouts that are shown, by the ids of their outputs."""
        self._drawn: Any = None
        """What the pictures show: the epoch and the number of the latest commit."""

    def show(self, template: str) -> None:
        """Put a picture of a layout into the output of the cell that runs."""
        self._runtime.flush()
        output = uuid.uuid4().hex
        self._shown[output] = template
        self._publish(output, template, update=False)

    def renew(self) -> None:
        """Draw all pictures again if the state is another one now."""
        drawn = self._runtime.primary.epoch, self._runtime.primary.seq
        if self._shown and drawn != self._drawn:
            self._drawn = drawn
            for output, template in self._shown.items():
                self._publish(output, template, update=True)

    def _publish(self, output: str, template: str, *, update: bool) -> None:
        picture = self._draw(template)
        data = {"text/html": picture.html, "text/plain": picture.text}
        publish_display_data(data, transient={"display_id": output}, update=update)  # type: ignore[no-untyped-call]

    def _draw(self, template: str) -> Picture:
        runtime = self._runtime
        options = runtime.app.options
        hidden = options.get("snapshot_exclude", ())
        values = {
            key: value for key, value in runtime.sent(runtime.state.to_dict()).items() if key not in hidden
        }
        max_size = int(options.get("snapshot_max_size", SNAPSHOT_SIZE))
        return draw(runtime.title, values.get(f"{TEMPLATE_KEY}{template}"), values, max_size=max_size)
