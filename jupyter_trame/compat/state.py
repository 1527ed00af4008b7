"""`trame_server.state.State`: our state with the manners of trame's."""

from __future__ import annotations

from typing import Any

from jupyter_trame import core
from jupyter_trame.compat.stand_in import StandIn
from jupyter_trame.core import Translator, equal_value
from jupyter_trame.core.listeners import Reloader
from jupyter_trame.core.store import CommitFunction
from jupyter_trame.execution import state

__all__ = ["State"]


class State(state.State, metaclass=StandIn):
    """A state that compares values with ``==`` and learns only from `dirty` what was changed in place."""

    _stands_in = True

    def __init__(
        self,
        translator: Translator | None = None,
        internal: core.State | None = None,
        commit_fn: CommitFunction | None = None,
        hot_reload: bool | Reloader = False,
        ready: bool = False,
        **manners: Any,
    ) -> None:
        manners = {"equal": equal_value, "in_place": False, **manners}
        super().__init__(translator, internal, commit_fn, hot_reload, ready, **manners)

    def __getattr__(self, name: str) -> Any:
        return self.to_dict() if name == "__dict__" else super().__getattr__(name)
