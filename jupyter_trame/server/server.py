"""`Server`: one app, its state and its life. Members and semantics are those that trame's packages expect."""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any, Literal, TypeAlias, get_args

from jupyter_trame.core import Controller, State, StateTraits, Translator, VirtualNodeManager
from jupyter_trame.errors import ServerError
from jupyter_trame.protocol.envelope import ACTIONS_TOPIC
from jupyter_trame.server import settings
from jupyter_trame.server.backends.base import ExecMode, OpenMode, StartRequest
from jupyter_trame.server.errors import ErrorReport
from jupyter_trame.server.lifecycle import OFF, RUNNING
from jupyter_trame.server.protocol import CoreProtocol
from jupyter_trame.server.runtime import Runtime

__all__ = ["ClientType", "Server"]

ClientType: TypeAlias = Literal["vue2", "vue3", "react"]


def _initial_state(name: str) -> dict[str, Any]:
    return {
        "trame__scripts": [],
        "trame__module_scripts": [],
        "trame__styles": [],
        "trame__vue_use": [],
        "trame__react_use": [],
        "trame__mousetrap": [],
        "trame__client_only": ["trame__busy"],
        "trame__busy": 1,
        "trame__favicon": None,
        "trame__title": name,
    }


def _make_virtual_node(trame_server: Server | None = None) -> Any:
    from trame_client.widgets.core import VirtualNode

    return VirtualNode(trame_server=trame_server)


class Server:
    """An app: shared state, controller, triggers, life cycle and UI.

    A new server takes the place of an earlier one of the same name: that one stops, and its open views show the new
    one as soon as it starts. Writes to the state are safe from any thread; callbacks run on the loop that owns the
    server, which is the kernel's main loop in a notebook.
    """

    def __init__(
        self,
        name: str = "trame",
        vn_constructor: Callable[..., Any] | None = None,
        translator: Translator | None = None,
        parent_server: Server | None = None,
        **options: Any,
    ) -> None:
        self._parent_server = parent_server
        self._translator = translator or Translator()
        self._client_type: ClientType | None = None
        self._traits: StateTraits | None = None
        self._cli: argparse.ArgumentParser | None = None
        self.serve: dict[str, Any] = {}
        """Folders for the page: URL prefix -> directory, or a tuple that starts with it."""
        self._www: str | None = None
        if parent_server is not None:
            self._inherit(parent_server)
            return
        self._name = name
        self._options = {**settings.default_options(), **options}
        self._runtime = Runtime(self)
        hooks = self._runtime.user_code
        self._state = State(self._translator, commit_fn=self._runtime.commit, hooks=hooks)
        self._context = State(self._translator, hooks=hooks)
        self._controller = Controller(self._translator, hooks=hooks)
        self._ui = VirtualNodeManager(self, vn_constructor or _make_virtual_node)
        self._state.update(_initial_state(name))

    def _inherit(self, parent: Server) -> None:
        self._name = parent.name
        self._options = parent.options
        self._client_type = parent._client_type
        self._runtime = parent._runtime
        self._state = State(
            self._translator,
            internal=parent.state,
            commit_fn=self._runtime.commit,
            hooks=self._runtime.user_code,
        )
        self._context = State(self._translator, internal=parent.context, hooks=self._runtime.user_code)
        self._controller = Controller(
            self._translator, internal=parent.controller, hooks=self._runtime.user_code
        )
        self._ui = parent.ui

    # -- parts

    @property
    def name(self) -> str:
        """The name of the app; children share it."""
        return self._name

    @property
    def options(self) -> dict[str, Any]:
        """What the constructor got, over the defaults; children share it."""
        return self._options

    @property
    def root_server(self) -> Server:
        """The topmost server."""
        return self if self._parent_server is None else self._parent_server.root_server

    @property
    def translator(self) -> Translator:
        """How this server's names become root-level ones."""
        return self._translator

    @property
    def state(self) -> State:
        """What the server and all its clients share."""
        return self._state

    @property
    def context(self) -> State:
        """A state that no client sees."""
        return self._context

    @property
    def controller(self) -> Controller:
        """Functions by name, for parts of an app that do not know each other."""
        return self._controller

    @property
    def ui(self) -> VirtualNodeManager:
        """Named pieces of UI that can be filled from anywhere."""
        return self._ui

    @property
    def traits(self) -> StateTraits:
        """The state as a `HasTraits`, both ways: ``traitlets.link((server.traits, "x"), (slider, "value"))``."""
        if self._traits is None:
            self._traits = StateTraits(self._state)
        return self._traits

    @property
    def change(self) -> Callable[..., Any]:
        """Decorator for a listener of state keys: ``@server.change("x")``."""
        return self._state.change

    def trigger(self, name: str) -> Callable[..., Any]:
        """Decorator for a function that clients call by `name`."""
        return self._controller.trigger(name)

    def trigger_name(self, fn: Callable[..., Any]) -> str:
        """The name by which clients call `fn`; it is made when there is none."""
        return self._controller.trigger_name(fn)

    @property
    def client_type(self) -> ClientType:
        """Which JavaScript framework the UI is written for. It can be set once."""
        return self._client_type or "vue3"

    @client_type.setter
    def client_type(self, value: ClientType) -> None:
        if value not in get_args(ClientType):
            raise TypeError(f"client_type is one of {', '.join(get_args(ClientType))}, not {value!r}")
        if self._client_type not in (None, value):
            raise TypeError(f"client_type is {self._client_type!r} already and cannot become {value!r}")
        self._client_type = value

    @property
    def errors(self) -> deque[ErrorReport]:
        """The latest exceptions of callbacks, newest last."""
        return self._runtime.user_code.errors

    @property
    def cli(self) -> argparse.ArgumentParser:
        """The command line of ``python app.py``; add arguments before `start`."""
        root = self.root_server
        if root._cli is None:
            root._cli = settings.make_parser()
        return root._cli

    def create_child_server(self, translator: Translator | None = None, prefix: str | None = None) -> Server:
        """A server that shares everything with this one and translates names by `translator`, or by a `prefix`."""
        return Server(translator=translator or Translator(prefix), parent_server=self)

    def enable_module(self, module: ModuleType | Mapping[str, Any], **kwargs: Any) -> bool:
        """Add what a widget package brings; False when it was enabled already."""
        return self._runtime.modules.enable(module, **kwargs)

    @property
    def _loaded_modules(self) -> set[ModuleType]:
        return self._runtime.modules.loaded

    # -- protocol

    @property
    def protocol(self) -> CoreProtocol | None:
        """Publications and RPC methods; None before the first start."""
        return self._runtime.protocol

    @property
    def _root_protocol(self) -> CoreProtocol | None:
        return self._runtime.protocol

    @property
    def _protocols_to_configure(self) -> list[Callable[[CoreProtocol], object]]:
        return self._runtime.protocols_to_configure

    def add_protocol_to_configure(self, configure: Callable[[CoreProtocol], object]) -> None:
        """Call ``configure(protocol)`` at each start, in the order of the calls."""
        self._runtime.protocols_to_configure.append(configure)

    def protocol_call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a registered RPC method in this process, with live objects; None for an unknown one."""
        if self._runtime.protocol is None:
            raise ValueError("Protocol does not exist yet")
        found = self._runtime.protocol.getRPCMethod(method)
        if found is None:
            return None
        owner, function = found
        return function(owner, *args, **kwargs)

    def js_call(self, ref: str | None = None, method: str | None = None, *args: Any) -> None:
        """Call ``method(*args)`` of the element with the name `ref` in every client; nothing happens before start."""
        if self._runtime.life_cycle.stage:
            action = {"type": "method", "ref": ref, "method": method, "args": list(args)}
            self._runtime.primary.publish(ACTIONS_TOPIC, [action])

    def force_state_push(self, *names: str) -> None:
        """Send the committed values of `names` to every client again."""
        self._runtime.primary.push(self._translator.translate_list(names))

    def clear_state_client_cache(self, *names: str) -> None:
        """Send the next value of `names` even if it is the same as the last."""
        self._runtime.primary.forget(self._translator.translate_list(names))

    def get_server_state(self) -> dict[str, Any]:
        """Name and state, as a client gets them first."""
        return {"name": self._name, "state": self._state.initial}

    def _push_state(self, changes: Mapping[str, Any]) -> None:
        self._runtime.commit(changes)

    # -- life

    @property
    def _running_stage(self) -> int:
        return self._runtime.life_cycle.stage

    @property
    def running(self) -> bool:
        """Whether clients can use the server."""
        return self._runtime.life_cycle.stage == RUNNING

    @property
    def ready(self) -> asyncio.Future[bool]:
        """Resolves when the server is up, with its error when it could not start. Needs a loop on first access."""
        return self._runtime.life_cycle.ready

    @property
    def port(self) -> int:
        """The port of a stand-alone server, 0 before it listens and in a kernel, which opens none."""
        return self._runtime.port

    def start(  # noqa: PLR0917 - the arguments and their order are trame's
        self,
        port: int | None = None,
        thread: bool = False,
        open_browser: bool | None = None,
        show_connection_info: bool = True,
        disable_logging: bool = False,  # noqa: ARG002 - nothing is logged without an error
        backend: str | None = None,  # noqa: ARG002 - what carries a server follows from where it runs
        exec_mode: ExecMode = "main",
        timeout: float | None = None,
        host: str | None = None,
        **_: Any,
    ) -> Awaitable[None] | None:
        """Bring the server up; a server that is up already stays as it is.

        In a kernel this returns at once and opens no port. In a program ``"main"`` blocks until the server ends,
        ``"task"`` returns a task of the running loop and ``"coroutine"`` a coroutine, which is the server's life. For
        the arguments see `StartRequest`; `thread` leaves the signals alone.
        """
        if exec_mode not in get_args(ExecMode):
            raise ServerError(f"Unknown exec_mode: {exec_mode}")
        if self._runtime.life_cycle.stage != OFF:
            return None
        request = StartRequest(
            exec_mode=exec_mode,
            host=host,
            port=port,
            timeout=timeout,
            open_browser=open_browser,
            show_connection_info=show_connection_info,
            signal_handlers=not thread,
        )
        return self._runtime.backend.start(request)

    def stop(self) -> Awaitable[None]:
        """End the server, at once; await the result to wait for its callbacks. Harmless on a stopped one."""
        return self._runtime.stop()

    # -- display

    def view(self) -> Any:
        """The widget that shows this app in a cell; it may be laid out among other widgets. Starts the server."""
        self._ensure_started()
        return self._runtime.backend.view()

    def open(self, mode: OpenMode = "tab") -> None:
        """Show the app in a place of its own: ``"tab"``, ``"right"`` or ``"split"`` of the lab, or a ``"window"``."""
        if mode not in get_args(OpenMode):
            raise ServerError(f"an app opens in one of {', '.join(get_args(OpenMode))}, not in {mode!r}")
        self._ensure_started()
        self._runtime.backend.open(mode)

    def _ensure_started(self) -> None:
        if self._runtime.life_cycle.stage == OFF and self._runtime.backend.starts_on_display:
            self.start()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        self._ensure_started()
        return self._runtime.backend.mimebundle() or {"text/plain": repr(self)}

    def __repr__(self) -> str:
        stage = ("stopped", "starting", "running")[self._runtime.life_cycle.stage]
        return f"<Server {self._name!r}, {stage}>"
