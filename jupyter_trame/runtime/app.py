"""What a server is, whether or not it runs: its name, options, state, functions, UI and pages. Children share it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_args

from jupyter_trame.core import ListenerHooks, Translator, VirtualNodeManager
from jupyter_trame.core.store import CommitFunction
from jupyter_trame.core.values import equal_value, same_value
from jupyter_trame.execution.state import Controller, State
from jupyter_trame.files.page_policy import PagePolicy, check_sources
from jupyter_trame.runtime import registry, settings
from jupyter_trame.runtime.http_headers import HttpHeader
from jupyter_trame.runtime.manners import manners_of
from jupyter_trame.types import ClientType, Compat

__all__ = ["App"]


class App:
    """`hot_reload`, `serve` and `www` are plain attributes, to be read and set."""

    state: State
    """What the server and all its clients share, under the names of the root."""
    context: State
    """A state that no client sees."""
    controller: Controller
    """Functions by name, for parts of an app that do not know each other."""
    ui: VirtualNodeManager
    """Named pieces of UI that can be filled from anywhere."""

    def __init__(self, server: object, name: str, compat: Compat | None, options: Mapping[str, Any]) -> None:
        """`server` is what callbacks and packages get as the server; nothing here looks into it.

        Raises ValueError and TypeError for what the others cannot be; see `Server`.
        """
        manners = manners_of(compat)
        if not isinstance(name, str):
            raise TypeError(f"the name of a server is a string, not {name!r}")
        self.server: Any = server
        self.name = name
        self.compat = compat
        self.manners = manners
        self.options = {**settings.default_options(), **options}
        self.page_policy = PagePolicy(
            check_sources("connect_src", self.options["connect_src"]),
            check_sources("frame_ancestors", self.options["frame_ancestors"]),
        )
        self.http_headers = HttpHeader(settings.default_headers())
        self.hot_reload = settings.default_hot_reload()
        """Whether callbacks are read again from their files before each call; decided when the server is made."""
        self.serve: dict[str, Any] = {}
        """Folders for the page: URL prefix -> directory, or a tuple that starts with it."""
        self.www: str | None = None
        """The folder of the page that a module brought."""
        self._client_type: ClientType | None = None
        self._cli: argparse.ArgumentParser | None = None

    def fill(
        self,
        translator: Translator,
        hooks: ListenerHooks,
        commit: CommitFunction,
        report: Callable[[str, Exception], object],
        vn_constructor: Callable[..., Any] | None,
    ) -> None:
        """Make what the server holds. Once, before anybody else has it: changes leave by `commit`."""
        manners = self.manners
        reload = self.reloader(report)
        make_state = partial(
            State,
            translator,
            hooks=hooks,
            hot_reload=reload,
            equal=same_value if manners.compares_types else equal_value,
            in_place=manners.notices_changes_in_place,
        )
        self.state = make_state(commit_fn=commit, hints=manners.hints_at_unknown_keys)
        self.context = make_state()
        self.controller = Controller(translator, hooks=hooks, hot_reload=reload)
        self.ui = VirtualNodeManager(self.server, vn_constructor or _make_virtual_node)
        self.state.update(_initial_state(self.name if manners.title_is_the_name else "Trame"))

    def reloader(self, report: Callable[[str, Exception], object]) -> Callable[..., Any] | bool:
        """How callbacks are read again, False where they are not. `report` hears of code that cannot be read."""
        if not self.hot_reload:
            return False
        from jupyter_trame.execution.hot_reload import HotReload

        return HotReload(report)

    @property
    def client_type(self) -> ClientType:
        """Which JavaScript framework the UI is written for. It can be set once."""
        return self._client_type or registry.current().client_type

    @client_type.setter
    def client_type(self, value: ClientType) -> None:
        if value not in get_args(ClientType):
            raise TypeError(f"client_type is one of {', '.join(get_args(ClientType))}, not {value!r}")
        if self._client_type not in (None, value):
            raise TypeError(f"client_type is {self._client_type!r} already and cannot become {value!r}")
        self._client_type = value

    @property
    def cli(self) -> argparse.ArgumentParser:
        """The command line of ``python app.py``."""
        if self._cli is None:
            self._cli = settings.make_parser(self.manners.help_begins)
        return self._cli


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
