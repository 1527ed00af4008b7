"""`Server.enable_module`: what widget packages bring along."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from jupyter_trame.core.utils import reduce_vue_use, vue_use_entry
from jupyter_trame.runtime.app import App

__all__ = ["Modules"]

_LISTS = ("scripts", "module_scripts", "styles", "vue_use", "react_use")
_KEYS = tuple(f"trame__{name}" for name in _LISTS)


class Modules:
    """The modules that one server has enabled. Every widget enables its own: to do so again is one look-up."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.loaded: set[ModuleType] = set()
        self._dicts: list[Mapping[str, Any]] = []
        self._lengths: dict[str, int] = dict.fromkeys(_KEYS, 0)
        """How long the lists in the state were when they were last committed."""

    def enable(self, module: ModuleType | Mapping[str, Any], /, **kwargs: Any) -> bool:
        """Add what `module` defines; False when it was enabled already.

        A module's attributes are read after its ``setup(server, **kwargs)``, which may set them. Raises `TypeError`
        and `ValueError` for content that no client could use.
        """
        if isinstance(module, Mapping):
            if module in self._dicts:
                return False
            self._dicts.append(module)
            content: Mapping[str, Any] = module
        else:
            if not hasattr(module, "__dict__"):
                raise TypeError(f"a module is a Python module or a dict, not {module!r}")
            if module in self.loaded:
                return False
            self.loaded.add(module)
            content = vars(module)
        setup = content.get("setup")
        if setup is not None:
            setup(self._app.server, **kwargs)
        self._add(content)
        return True

    def enable_client(self) -> None:
        """Enable trame-client's own module where no module brought a page."""
        if self._app.www is None:
            from trame_client import module

            self.enable(module)
        if self._app.client_type != "vue3":
            # A page that draws Vue 3 has to know that this is nothing for it.
            self._app.state.trame__client_type = self._app.client_type

    def notice_growth(self, committed: Mapping[str, Any] | None = None) -> None:
        """Have clients told of what packages appended to the lists in the state, which the state does not see.

        `committed` is on its way to them already.
        """
        state = self._app.state
        for key in _KEYS:
            value = state[key]
            length = len(value) if isinstance(value, list) else 0
            if length != self._lengths[key]:
                self._lengths[key] = length
                if committed is None or key not in committed:
                    state.dirty(key)

    def _add(self, content: Mapping[str, Any]) -> None:
        app = self._app
        state = app.state
        _check(content)
        for name in _LISTS:
            items = content.get(name)
            if items:
                key = f"trame__{name}"
                # Packages extend the list in the state in place, so it has to stay one and the same object.
                state[key].extend(items)
                state.dirty(key)
        if content.get("state"):
            state.update(content["state"])
        app.serve.update(content.get("serve") or {})
        if content.get("www"):
            app.www = content["www"]
        if content.get("vue_use"):
            reduce_vue_use(state)


def _check(content: Mapping[str, Any]) -> None:
    for name in _LISTS:
        if isinstance(content.get(name), str):
            raise TypeError(f"{name} of a module is a list, not {content[name]!r}")
    for entry in content.get("vue_use") or ():
        vue_use_entry(entry)
