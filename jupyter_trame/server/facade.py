"""What a server is and holds, as users see it. Children show the same under other names, so nothing is copied."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Self, TypeVar, cast

from jupyter_trame.core import StateTraits, Translator, VirtualNodeManager
from jupyter_trame.execution.state import Controller, State
from jupyter_trame.files.page_policy import PagePolicy
from jupyter_trame.runtime.http_headers import HttpHeader
from jupyter_trame.server.assembly import assemble
from jupyter_trame.types import ClientType, Compat

__all__ = ["Facade"]

F = TypeVar("F", bound=Callable[..., Any])


class Facade:
    """The base of `Server`."""

    def __init__(
        self,
        name: str = "trame",
        vn_constructor: Callable[..., Any] | None = None,
        translator: Translator | None = None,
        parent_server: Facade | None = None,
        *,
        compat: Compat | None = None,
        **options: Any,
    ) -> None:
        """Make a root server, or a view of `parent_server` with the names of `translator`.

        `compat` gives it trame's manners where ours are stricter. `options` are ``log_network`` (a path),
        ``ws_max_msg_size`` (bytes), ``ws_heart_beat`` (seconds), ``upload_quota`` (bytes of uploaded files, all those
        that are kept at a time), ``desktop_debug``, and two lists of sources of a content policy: ``connect_src``, what
        pages may talk to beside their own host, and ``frame_ancestors``, who may show them in a frame; others are kept
        for packages. Raises ValueError and TypeError for what they cannot be.
        """
        if isinstance(translator, str):
            raise TypeError(
                f"translator is a Translator, not {translator!r}; for a prefix there is prefix={translator!r}"
            )
        self._parent_server = parent_server
        self._translator = translator or Translator()
        self._traits: StateTraits | None = None
        if parent_server is None:
            self._life_cycle = assemble(self, name, compat, options, self._translator, vn_constructor)
        else:
            self._life_cycle = parent_server._life_cycle
        self._runtime = self._life_cycle.runtime
        self._app = app = self._runtime.app
        if parent_server is None:
            self._state, self._context, self._controller = app.state, app.context, app.controller
        else:
            names, reload = self._translator, app.reloader(self._runtime.user_code.report)
            self._state = State(
                names, internal=parent_server.state, commit_fn=self._runtime.commit, hot_reload=reload
            )
            self._context = State(names, internal=parent_server.context, hot_reload=reload)
            self._controller = Controller(names, internal=parent_server.controller, hot_reload=reload)

    # -- who it is

    @property
    def name(self) -> str:
        """The name of the app; children share it."""
        return self._app.name

    @property
    def _name(self) -> str:
        return self._app.name

    @property
    def compat(self) -> str | None:
        """Whose manners the server has where ours are stricter: ``"trame"``, or None."""
        return self._app.compat

    @property
    def options(self) -> dict[str, Any]:
        """What the constructor got, over the defaults; children share it."""
        return self._app.options

    @property
    def root_server(self) -> Self:
        """The topmost server."""
        return cast("Self", self._app.server)

    @property
    def translator(self) -> Translator:
        """How this server's names become root-level ones."""
        return self._translator

    @property
    def client_type(self) -> ClientType:
        """Which JavaScript framework the UI is written for. It can be set once; children share it."""
        return self._app.client_type

    @client_type.setter
    def client_type(self, value: ClientType) -> None:
        self._app.client_type = value

    @property
    def cli(self) -> argparse.ArgumentParser:
        """The command line of ``python app.py``; add arguments before `start`."""
        return self._app.cli

    @property
    def http_headers(self) -> HttpHeader:
        """What pages and files are sent with; children share it."""
        return self._app.http_headers

    @property
    def page_policy(self) -> PagePolicy:
        """What pages may talk to and who may frame them, as the constructor was told; children share it."""
        return self._app.page_policy

    @property
    def hot_reload(self) -> bool:
        """Whether callbacks are read again from their files before each call; decided when the server is made."""
        return self._app.hot_reload

    @hot_reload.setter
    def hot_reload(self, value: bool) -> None:
        self._app.hot_reload = value

    @property
    def serve(self) -> dict[str, Any]:
        """Folders for the page: URL prefix -> directory, or a tuple that starts with it. Children share it."""
        return self._app.serve

    @serve.setter
    def serve(self, folders: dict[str, Any]) -> None:
        self._app.serve = folders

    # -- what it holds

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
        return self._app.ui

    @property
    def traits(self) -> StateTraits:
        """The state as a `HasTraits`, both ways: ``traitlets.link((server.traits, "x"), (slider, "value"))``."""
        if self._traits is None:
            self._traits = StateTraits(self._state)
        return self._traits

    def change(self, *keys: str, concurrent: bool = False, latest: bool = False) -> Callable[[F], F]:
        """Decorator for a listener of state keys: ``@server.change("x")``; see `State.change`."""
        return self._state.change(*keys, concurrent=concurrent, latest=latest)

    def trigger(self, name: str, concurrent: bool = False) -> Callable[[F], F]:
        """Decorator for a function that clients call by `name`.

        `concurrent` runs it on a thread of its own, also while a cell or another callback keeps the loop busy.
        """
        return self._controller.trigger(name, concurrent)

    def trigger_name(self, fn: Callable[..., Any]) -> str:
        """The name by which clients call `fn`; it is made when there is none."""
        return self._controller.trigger_name(fn)

    def create_child_server(self, translator: Translator | None = None, prefix: str | None = None) -> Self:
        """A server that shares everything with this one and translates names by `translator`, or by a `prefix`."""
        return type(self)(translator=translator or Translator(prefix), parent_server=self)

    # -- modules

    def enable_module(self, module: ModuleType | Mapping[str, Any], **kwargs: Any) -> bool:
        """Add what a widget package brings; False when it was enabled already.

        Clients that are there already are told of new scripts, styles and plugins with the next flush.
        """
        return self._runtime.modules.enable(module, **kwargs)

    @property
    def _loaded_modules(self) -> set[ModuleType]:
        return self._runtime.modules.loaded

    @property
    def _www(self) -> str | None:
        return self._app.www

    @_www.setter
    def _www(self, folder: str | None) -> None:
        self._app.www = folder
