"""The widget that shows a server in a cell: an anywidget model.

Its comm carries a view's frames where no websocket can be had.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from jupyter_trame._version import __version__
from jupyter_trame.files.folders import STATIC
from jupyter_trame.kernel.debounce import Debounce
from jupyter_trame.kernel.display import fallback_html
from jupyter_trame.kernel.snapshot import SNAPSHOT_SIZE, SnapshotStore
from jupyter_trame.kernel.subshells import free_comm
from jupyter_trame.server.server import life_cycle_of
from jupyter_trame.types import Packed

if TYPE_CHECKING:
    from jupyter_trame.kernel.links import KernelLinks
    from jupyter_trame.runtime.runtime import Runtime

__all__ = ["TrameView"]

_NOT_BUILT = """export default { render({ el }) {
  el.textContent = "jupyter_trame was installed without its page; build it with `make build`.";
} };"""


def _loader_source() -> str:
    path = STATIC / "widget.js"
    return path.read_text(encoding="utf-8") if path.exists() else _NOT_BUILT


class TrameView(anywidget.AnyWidget):
    """Shows one app. Each place that shows the model is a view, with a connection of its own.

    Traits change on the kernel's main loop. Messages of the page may come in on any thread (a subshell's too) and are
    handed to the I/O thread.
    """

    _esm = _loader_source()

    own_id = traitlets.Unicode().tag(sync=True)
    """The model's own id, by which the page finds it in its host."""
    kernel_id = traitlets.Unicode().tag(sync=True)
    """The kernel's id at the jupyter server; empty where there is none."""
    slug = traitlets.Unicode().tag(sync=True)
    """The server in the kernel."""
    title = traitlets.Unicode().tag(sync=True)
    template = traitlets.Unicode("main").tag(sync=True)
    """Which of the app's layouts is shown."""
    embed = traitlets.Unicode("auto").tag(sync=True)
    """How the page embeds it: ``"auto"``, ``"shadow"`` or ``"frame"``."""
    version = traitlets.Unicode().tag(sync=True)
    """Of this package; the page's code may be of another one."""
    buffers = traitlets.Bool(True).tag(sync=True)
    """Whether messages may have buffers; where the kernel is behind a gateway they would end the page's connection."""
    snapshot = traitlets.Dict().tag(sync=True)
    """``{"epoch", "seq", "state"}`` a moment after each change: for `observe`, and for the saved notebook."""

    def __init__(self, runtime: Runtime, links: KernelLinks, **kwargs: Any) -> None:
        self._links = links
        self._follow(runtime)
        model_id = uuid.uuid4().hex
        super().__init__(
            model_id=model_id,
            own_id=model_id,
            kernel_id=links.kernel_id,
            slug=runtime.slug,
            title=runtime.title,
            version=__version__,
            buffers=not links.behind_gateway,
            snapshot=self._snapshot(),
            **kwargs,
        )
        free_comm(self.comm)
        self.on_msg(self._on_custom)

    def attach(self, runtime: Runtime) -> None:
        """Show the next life of the server, or another server that took its place. Main thread."""
        self.detach()
        self._follow(runtime)
        self.title = runtime.title
        self._take_snapshot()

    def detach(self) -> None:
        """The server ended: the model keeps the last picture."""
        shown = self._shown
        if shown is not None and self._on_commit in shown.commit_observers:
            shown.commit_observers.remove(self._on_commit)

    def shows(self, runtime: Runtime) -> bool:
        """Whether `runtime` is what it shows, or showed last."""
        return self._shown is runtime

    @property
    def _runtime(self) -> Runtime:
        assert self._shown is not None, "the widget is closed"
        return self._shown

    def _follow(self, runtime: Runtime) -> None:
        self._shown: Runtime | None = runtime
        options = runtime.app.options
        self._store = SnapshotStore(
            max_size=int(options.get("snapshot_max_size", SNAPSHOT_SIZE)),
            exclude=options.get("snapshot_exclude", ()),
            binary=not self._links.behind_gateway,
        )
        self._store.update(runtime.sent(runtime.state.to_dict()))
        self._debounce = Debounce(self._take_snapshot, runtime.owner.call_later)
        runtime.commit_observers.append(self._on_commit)

    def __repr__(self) -> str:
        return "<TrameView, closed>" if self._shown is None else repr(self._shown.app.server)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, and for readers without a kernel a line that says what was here."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/plain": repr(self), "text/html": fallback_html(self.title)}, metadata

    def _ipython_display_(self) -> None:
        """As a server's: where a program runs the notebook, a picture is shown."""
        if not life_cycle_of(self._runtime.app.server).backend.display_still(self.template):
            raise NotImplementedError  # IPython goes on with `_repr_mimebundle_`

    def close(self) -> None:
        """Remove the widget from all pages; the app goes on."""
        self.detach()
        super().close()
        # Who keeps a closed widget, as marimo does, is to keep no app with it.
        self._shown = None

    # -- snapshot

    def _on_commit(self, changes: Mapping[str, Any]) -> None:
        """Any thread."""
        copy = dict(changes)

        def take() -> None:
            self._store.update(copy)
            self._debounce.touch()

        if self._runtime.owner.owns_thread():
            take()
        else:
            self._runtime.owner.submit(take)

    def _snapshot(self) -> dict[str, Any]:
        primary = self._runtime.primary
        return {"epoch": primary.epoch, "seq": primary.seq, "state": self._store.build()}

    def _take_snapshot(self) -> None:
        if self.comm is not None:
            self.snapshot = self._snapshot()

    # -- comm

    def _on_custom(self, _widget: object, content: object, buffers: Sequence[Packed]) -> None:
        """A custom message of a page. Any thread."""
        shown = self._shown  # another thread may close the widget meanwhile
        if shown is None or not isinstance(content, dict) or not isinstance(content.get("view"), str):
            return
        if content.get("jt") == "bundle":
            self._send_bundle(content["view"], shown)
        else:
            self._links.page_message(shown.slug, self._post, content, list(buffers))

    def _send_bundle(self, view: str, shown: Runtime) -> None:
        try:
            code = (STATIC / "client.js").read_text("utf-8")
        except OSError as error:
            shown.user_code.report("the client's code", error)
            return
        self._post({"jt": "bundle", "view": view, "code": code}, ())

    def _post(self, content: Mapping[str, Any], buffers: Sequence[Packed]) -> None:
        """Send a custom message. Any thread: ipykernel hands it to its own I/O thread."""
        self.send(dict(content), list(buffers))
