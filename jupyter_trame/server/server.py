"""`Server`: one app, its state and its life. Members and semantics are those that trame's packages expect."""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from jupyter_trame.errors import ServerError
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.rpc.protocols import CoreProtocol
from jupyter_trame.runtime.backend import ExecMode, OpenMode, StartRequest
from jupyter_trame.runtime.ended import Ended
from jupyter_trame.runtime.lifecycle import LifeCycle
from jupyter_trame.runtime.runtime import OFF, RUNNING, Runtime
from jupyter_trame.server.facade import Facade
from jupyter_trame.types import ClientType, Compat

if TYPE_CHECKING:
    from jupyter_trame.doctor.report import Report

__all__ = ["ClientType", "Compat", "Server", "life_cycle_of", "runtime_of"]


class Server(Facade):
    """An app: shared state, controller, triggers, life cycle and UI.

    A new server takes the place of an earlier one of the same name: that one stops, and its open views show the new
    one as soon as it starts. Writes to the state are safe from any thread; callbacks run on the loop that owns the
    server, which is the kernel's main loop in a notebook.
    """

    # -- protocol

    @property
    def protocol(self) -> CoreProtocol | None:
        """Publications and RPC methods; None before the first start."""
        protocol = self._runtime.protocol
        assert protocol is None or isinstance(protocol, CoreProtocol)  # as `assemble` hands it in
        return protocol

    @property
    def _root_protocol(self) -> CoreProtocol | None:
        return self.protocol

    @property
    def _protocols_to_configure(self) -> list[Callable[[CoreProtocol], object]]:
        return self._life_cycle.protocols_to_configure

    def add_protocol_to_configure(self, configure: Callable[[CoreProtocol], object]) -> None:
        """Call ``configure(protocol)`` at each start, in the order of the calls."""
        if not callable(configure):
            raise TypeError(f"what configures a protocol is a function, not {configure!r}")
        self._life_cycle.protocols_to_configure.append(configure)

    def protocol_call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a registered RPC method in this process, with live objects; None for an unknown one.

        Of a method that is a coroutine function this is the coroutine. Raises ValueError before the first start.
        """
        protocol = self.protocol
        if protocol is None:
            raise ValueError("Protocol does not exist yet")
        found = protocol.getRPCMethod(method)
        if found is None:
            return None
        owner, function = found
        return function(owner, *args, **kwargs)

    def js_call(self, ref: str | None = None, method: str | None = None, *args: Any) -> None:
        """Call ``method(*args)`` of the element with the name `ref` in every client; nothing happens before start."""
        protocol = self.protocol
        if protocol is not None and self._runtime.stage:
            protocol.push_actions([{"type": "method", "ref": ref, "method": method, "args": list(args)}])

    def force_state_push(self, *names: str) -> None:
        """Send the values of `names`, as they are now, to every client again."""
        self._runtime.force_push(self._translator.translate_list(names))

    def clear_state_client_cache(self, *names: str) -> None:
        """Send the next value of `names` even if it is the same as the last."""
        self._runtime.primary.forget(self._translator.translate_list(names))

    def get_server_state(self) -> dict[str, Any]:
        """Name and state, as a client gets them first."""
        return {"name": self.name, "state": self._state.initial}

    def _push_state(self, changes: Mapping[str, Any]) -> None:
        self._runtime.commit(changes)

    @property
    def network_completion(self) -> asyncio.Task[None]:
        """A task that ends when no call and no message is on its way.

        A call that waits for it does not count itself. Each access makes one, and cancelling it is safe. Raises
        RuntimeError where no loop runs.
        """
        return asyncio.get_running_loop().create_task(self._runtime.network.completion())

    def doctor(self) -> Report:
        """What is known of the app and of its ways to clients, what is wrong, and the commands that mend it.

        ``print(server.doctor())`` shows it as text, the last line of a cell as a table. Any thread; it takes a second
        where a Jupyter server is asked for its answers' times. Raises nothing: what cannot be found out is a finding.
        """
        return self._life_cycle.backend.doctor()

    @property
    def errors(self) -> deque[ErrorReport]:
        """The latest exceptions of callbacks, newest last."""
        return self._runtime.user_code.errors

    # -- life

    @property
    def _running_stage(self) -> int:
        return self._runtime.stage

    @property
    def _server(self) -> Any:
        return self._runtime.web

    @property
    def running(self) -> bool:
        """Whether clients can use the server."""
        return self._runtime.stage == RUNNING

    @property
    def ready(self) -> asyncio.Future[bool]:
        """True when the server is up, False when it was cancelled or stopped before; its error when it failed.

        Needs a loop on first access. After `stop` there is a new one, for the next start.

        Raises nothing by itself. It is one future for all who wait: who may be cancelled, or has a time-out, awaits
        ``asyncio.shield(server.ready)``, since cancelling it ends the wait of all others too.
        """
        return self._life_cycle.ready

    @property
    def port(self) -> int:
        """The port of a stand-alone server, 0 before it listens and in a kernel, which opens none."""
        return self._runtime.port

    @property
    def server_options(self) -> argparse.Namespace:
        """The command line as it was read at the start. Raises `AttributeError` before."""
        if self._runtime.settings is None:
            raise AttributeError("server_options are there once the server has started")
        return self._runtime.settings.namespace

    def start(  # noqa: PLR0913, PLR0917 - the arguments and their order are trame's
        self,
        port: int | None = None,
        thread: bool = False,
        open_browser: bool | None = None,
        show_connection_info: bool = True,
        disable_logging: bool = False,
        backend: str | None = None,
        follow_symlinks: bool | None = None,
        exec_mode: ExecMode = "main",
        timeout: float | None = None,
        host: str | None = None,
        *,
        args: Sequence[str] | None = None,
        **window: Any,
    ) -> Awaitable[None] | None:
        """Bring the server up; one that is up, or on its way, stays as it is.

        In a kernel this returns at once and opens no port. In a program ``"main"`` blocks until the server ends,
        ``"task"`` returns a task of this thread's loop and ``"coroutine"`` a coroutine, which is the server's life;
        ``"desktop"`` is ``"main"`` with a window of its own. On a child it starts the root and returns None.

        Args:
            port: 0 takes any free port; None: what the command line says.
            thread: leave the signals alone.
            open_browser: show the page in the browser of this machine; None: unless the environment says otherwise.
            show_connection_info: print the address.
            disable_logging: leave the levels of loggers alone.
            backend: ``"jupyter"``, ``"tornado"``, ``"aiohttp"`` or ``"generic"``; None: what fits this process.
            follow_symlinks: serve files where links in served folders lead.
            exec_mode: see above.
            timeout: seconds without any client after which the server stops; 0: never.
            host: the interface to listen on, unless the command line names another than ``localhost``.
            args: the command line, instead of the process's own.
            window: what pywebview's `create_window` takes, for ``"desktop"``; ignored elsewhere.

        Raises `ServerError` for arguments that cannot be used, and what keeps the server from coming up: the call
        itself where it blocks, else what it returns. Cancelling that stops the server, in order, before it ends.
        """
        if exec_mode not in get_args(ExecMode):
            raise ServerError(f"Unknown exec_mode: {exec_mode}; it is one of {', '.join(get_args(ExecMode))}")
        request = StartRequest(
            exec_mode=exec_mode,
            host=host,
            port=port,
            timeout=timeout,
            open_browser=open_browser,
            show_connection_info=show_connection_info,
            signal_handlers=not thread,
            backend=backend,
            follow_symlinks=follow_symlinks,
            disable_logging=disable_logging,
            arguments=args,
            window=window,
        )
        life = self._life_cycle.start(request)
        return life if self._parent_server is None else None

    def stop(self) -> Ended:
        """End the server, at once; await the result to wait for its callbacks. Harmless on a stopped one.

        Raises nothing, nor does the result. Cancelling who awaits it is safe: the server ends all the same.
        """
        return self._life_cycle.end()

    # -- display

    def view(self, template: str = "main", embed: str | None = None) -> Any:
        """The widget that shows this app in a cell; it may be laid out among other widgets. Starts the server.

        `template` is the name of one of its layouts. `embed` says how it is put into the page: ``"shadow"`` among
        the notebook's own elements, ``"frame"`` in a frame, None or ``"auto"`` as its packages need it.
        """
        self._ensure_started()
        return self._life_cycle.backend.view(template, embed)

    def open(self, mode: OpenMode | None = None) -> None:
        """Show the app in a place of its own: a ``"tab"`` of the lab, its ``"right"`` side, or a ``"window"``.

        ``"split"`` is beside the current tab. An app that is shown at another of these places moves. None: where it
        is shown already, else where the user's settings of the lab say. ``"browser"`` is the browser of the machine
        of the kernel: for it, and for nothing else, a kernel opens a port. In a program and at a prompt the
        browser of this machine shows the page, whatever the mode. Starts the server. Raises `ServerError`.
        """
        if mode is not None and mode not in get_args(OpenMode):
            raise ServerError(f"an app opens in one of {', '.join(get_args(OpenMode))}, not in {mode!r}")
        self._ensure_started()
        self._life_cycle.backend.open(mode)

    def _ensure_started(self) -> None:
        if self._runtime.stage == OFF and self._life_cycle.backend.starts_on_display:
            self.start(open_browser=False)

    def _ipython_display_(self) -> None:
        """Where a program runs the notebook a picture is shown; else IPython goes on with `_repr_mimebundle_`."""
        self._ensure_started()
        if not self._life_cycle.backend.display_still("main"):
            raise NotImplementedError  # IPython goes on

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self._ensure_started()
        return self._life_cycle.backend.displayed()

    def __repr__(self) -> str:
        stage = ("stopped", "starting", "running")[self._runtime.stage]
        where = self._life_cycle.backend.whereabouts() if self.running else ""
        return f"<Server {self.name!r}, {stage}{where}>"


def runtime_of(server: Server) -> Runtime:
    """How `server` runs, for the other folders of this package; a child's is its root's."""
    return server._runtime


def life_cycle_of(server: Server) -> LifeCycle:
    """The life of `server`, and what carries it; as `runtime_of`."""
    return server._life_cycle
