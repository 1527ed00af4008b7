"""A client's copy of the state: what comes from the server is told to listeners, what is set here to the server."""

from collections.abc import Callable, Mapping
from typing import Any

from jupyter_trame.core import Translator
from jupyter_trame.core.listeners import Reloader
from jupyter_trame.execution.state import State
from jupyter_trame.execution.user_code import UserCode
from jupyter_trame.names import CLIENT_ONLY_KEY
from jupyter_trame.protocol.packing import clean_value

__all__ = ["Mirror"]


class Mirror:
    """Keeps one client's copy of the state.

    `apply` and `ready` run on the owner's thread; the state is written and flushed on any.
    """

    def __init__(
        self,
        translator: Translator | None,
        user_code: UserCode,
        write: Callable[[dict[str, Any]], object],
        *,
        hot_reload: bool | Reloader = False,
    ) -> None:
        """`write(changes)` sends what was set here; what it raises comes out of the flush, and nothing is changed."""
        self._user_code = user_code
        self._write = write
        self._root = State(commit_fn=self._commit, hooks=user_code)
        self.state = State(translator, internal=self._root, commit_fn=self._commit, hot_reload=hot_reload)
        """The user's. Nothing is flushed before `ready`."""
        self._incoming: Mapping[str, Any] = {}
        """What the server sent and no flush has told yet: it is not sent back."""

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Take over values of the server, under the names of the root.

        Before `ready` what was set here wins: its setter knew that the server would have a value.
        """
        if not self._root.is_ready:
            changes = {key: value for key, value in changes.items() if not self._root.is_dirty(key)}
        self._incoming = {**self._incoming, **changes}
        self._root.update(changes)
        if self._root.is_ready:
            self._flush()

    def ready(self) -> None:
        """The server's values are there: run the listeners, and send what was set before."""
        self._flush()

    def _flush(self) -> None:
        try:
            # Through the user's state: its listeners are reloaded, the root's are none.
            if self._root.is_ready:
                self.state.flush()
            else:
                self.state.ready()
        except BaseException as error:  # noqa: BLE001 - what cannot be sent is the user's; the client goes on
            self._user_code.caught("state", error)
        else:
            self._incoming = {}

    def _commit(self, changes: Mapping[str, Any]) -> None:
        incoming = self._incoming
        kept = self._root[CLIENT_ONLY_KEY] or ()
        own = {
            key: clean_value(value)
            for key, value in changes.items()
            if key not in kept and not (key in incoming and incoming[key] is value)
        }
        if own:
            self._write(own)
