"""What a server is made of: state, controller, UI and the modules of packages. Children share it under other names."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any, Literal, Self, TypeAlias, TypeVar, cast, get_args

from jupyter_trame.core import StateTraits, Translator, VirtualNodeManager
from jupyter_trame.core.values import equal_value, same_value
from jupyter_trame.execution.state import Controller, State
from jupyter_trame.files.page_policy import PagePolicy, check_sources
from jupyter_trame.runtime import registry, settings
from jupyter_trame.runtime.http_headers import HttpHeader
from jupyter_trame.runtime.runtime import Runtime

__all__ = ["ClientType", "Compat", "Parts"]

F = TypeVar("F", bound=Callable[..., Any])

ClientType: TypeAlias = Literal["vue2", "vue3", "react"]
Compat: TypeAlias = Literal["trame"]


def _initial_state(title: str) -> dict[str, Any]:
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
        "trame__title": title,
    }


def _make_virtual_node(trame_server: Any = None) -> Any:
    from trame_client.widgets.core import VirtualNode

    return VirtualNode(trame_server=trame_server)


def _reloader(report: Callable[[str, Exception], object]) -> Callable[..., Any]:
    from jupyter_trame.execution.hot_reload import HotReload

    return HotReload(report)


class Parts:
    """The base of `Server`. `hot_reload` and `serve` are plain attributes, to be read and set."""

    def __init__(
        self,
        name: str = "trame",
        vn_constructor: Callable[..., Any] | None = None,
        translator: Translator | None = None,
        parent_server: Parts | None = None,
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
        if compat not in (None, *get_args(Compat)):
            raise ValueError(f"compat is None or {' or '.join(get_args(Compat))}, not {compat!r}")
        if not isinstance(name, str):
            raise TypeError(f"the name of a server is a string, not {name!r}")
        if isinstance(translator, str):
            raise TypeError(
                f"translator is a Translator, not {translator!r}; for a prefix there is prefix={translator!r}"
            )
        self._parent_server = parent_server
        self._translator = translator or Translator()
        self._traits: StateTraits | None = None
        if parent_server is None:
            self._build(name, vn_constructor, compat, options)
        else:
            self._share(parent_server)

    def _build(
        self,
        name: str,
        vn_constructor: Callable[..., Any] | None,
        compat: Compat | None,
        options: Mapping[str, Any],
    ) -> None:
        self._name = name
        self._compat = compat
        self._client_type: ClientType | None = None
        self._cli: argparse.ArgumentParser | None = None
        self._www_folder: str | None = None
        self._options = {**settings.default_options(), **options}
        self._page_policy = PagePolicy(
            check_sources("connect_src", self._options["connect_src"]),
            check_sources("frame_ancestors", self._options["frame_ancestors"]),
        )
        self._http_headers = HttpHeader(settings.default_headers())
        self.hot_reload = settings.default_hot_reload()
        """Whether callbacks are read again from their files before each call; decided when the server is made."""
        self.serve: dict[str, Any] = {}
        """Folders for the page: URL prefix -> directory, or a tuple that starts with it."""
        self._runtime = Runtime(cast("Any", self))
        hooks, trames = self._runtime.user_code, compat is not None
        reload = _reloader(self._runtime.user_code.report) if self.hot_reload else False
        make_state = partial(
            State,
            self._translator,
            hooks=hooks,
            hot_reload=reload,
            equal=equal_value if trames else same_value,
            in_place=not trames,
        )
        self._state = make_state(commit_fn=self._runtime.commit, hints=not trames)
        self._context = make_state()
        self._controller = Controller(self._translator, hooks=hooks, hot_reload=reload)
        self._ui = VirtualNodeManager(self, vn_constructor or _make_virtual_node)
        self._state.update(_initial_state("Trame" if trames else name))
        self._context.network_monitor = self._runtime.network

    def _share(self, parent: Parts) -> None:
        self._name = parent._name
        self._compat = parent._compat
        self._options = parent._options
        self._page_policy = parent._page_policy
        self._http_headers = parent._http_headers
        self.hot_reload = parent.hot_reload
        self.serve = parent.serve
        self._runtime = parent._runtime
        reload = _reloader(self._runtime.user_code.report) if self.hot_reload else False
        self._state = State(
            self._translator, internal=parent.state, commit_fn=self._runtime.commit, hot_reload=reload
        )
        self._context = State(self._translator, internal=parent.context, hot_reload=reload)
        self._controller = Controller(self._translator, internal=parent.controller, hot_reload=reload)
        self._ui = parent._ui

    # -- who it is

    @property
    def name(self) -> str:
        """The name of the app; children share it."""
        return self._name

    @property
    def compat(self) -> str | None:
        """Whose manners the server has where ours are stricter: ``"trame"``, or None."""
        return self._compat

    @property
    def options(self) -> dict[str, Any]:
        """What the constructor got, over the defaults; children share it."""
        return self._options

    @property
    def root_server(self) -> Self:
        """The topmost server."""
        parent = self._parent_server
        return self if parent is None else cast("Self", parent.root_server)

    @property
    def translator(self) -> Translator:
        """How this server's names become root-level ones."""
        return self._translator

    @property
    def client_type(self) -> ClientType:
        """Which JavaScript framework the UI is written for. It can be set once; children share it."""
        return self.root_server._client_type or registry.process.client_type

    @client_type.setter
    def client_type(self, value: ClientType) -> None:
        if value not in get_args(ClientType):
            raise TypeError(f"client_type is one of {', '.join(get_args(ClientType))}, not {value!r}")
        root = self.root_server
        if root._client_type not in (None, value):
            raise TypeError(f"client_type is {root._client_type!r} already and cannot become {value!r}")
        root._client_type = value

    @property
    def cli(self) -> argparse.ArgumentParser:
        """The command line of ``python app.py``; add arguments before `start`."""
        root = self.root_server
        if root._cli is None:
            root._cli = settings.make_parser(compat=root._compat is not None)
        return root._cli

    @property
    def http_headers(self) -> HttpHeader:
        """What pages and files are sent with; children share it."""
        return self._http_headers

    @property
    def page_policy(self) -> PagePolicy:
        """What pages may talk to and who may frame them, as the constructor was told; children share it."""
        return self._page_policy

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
        return self._ui

    @property
    def traits(self) -> StateTraits:
        """The state as a `HasTraits`, both ways: ``traitlets.link((server.traits, "x"), (slider, "value"))``."""
        if self._traits is None:
            self._traits = StateTraits(self._state)
        return self._traits

    def change(self, *keys: str, concurrent: bool = False) -> Callable[[F], F]:
        """Decorator for a listener of state keys: ``@server.change("x")``; see `State.change`."""
        return self._state.change(*keys, concurrent=concurrent)

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
        return self.root_server._www_folder

    @_www.setter
    def _www(self, folder: str | None) -> None:
        self.root_server._www_folder = folder
