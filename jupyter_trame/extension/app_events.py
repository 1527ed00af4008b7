"""What happens to apps and who comes and goes, as events of jupyter-server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from jupyter_events.logger import EventLogger

from jupyter_trame.extension.relay import Relay
from jupyter_trame.extension.viewers import Viewer, ViewerChange

__all__ = ["APP", "VIEWER", "AppAction", "AppEvents"]

APP = "https://events.jupyter.org/jupyter_trame/app/v1"
VIEWER = "https://events.jupyter.org/jupyter_trame/viewer/v1"
_SCHEMAS = Path(__file__).parent / "event_schemas"

AppAction = Literal["started", "stopped", "failed"]


class AppEvents:
    """Emits them. On the thread of jupyter-server's loop."""

    def __init__(self, logger: EventLogger | None) -> None:
        """Registers the schemas with `logger`; None: nobody is told of anything."""
        self._logger = logger
        if logger is not None:
            for schema in sorted(_SCHEMAS.glob("*.yaml")):
                logger.register_event_schema(schema)

    def app(self, action: AppAction, *, owner: str, **facts: str | None) -> None:
        """Something happened to an app; `facts` as in its schema, None where there is nothing to say."""
        self._emit(APP, {"action": action, "owner": owner, **facts})

    def viewer(self, relay: Relay, change: ViewerChange, viewer: Viewer) -> None:
        """Somebody came or went."""
        facts = {"action": change, "kernel_id": relay.kernel_id, "slug": relay.slug, "viewer": viewer.id}
        self._emit(VIEWER, facts)

    def _emit(self, schema_id: str, facts: Mapping[str, str | None]) -> None:
        if self._logger is not None:
            known = {name: fact for name, fact in facts.items() if fact is not None}
            self._logger.emit(schema_id=schema_id, data=known)
