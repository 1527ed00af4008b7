"""`Server.enable_module`: what widget packages bring along."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_trame.server.server import Server

__all__ = ["Modules", "reduce_vue_use"]

_LISTS = ("scripts", "module_scripts", "styles", "vue_use", "react_use")


class Modules:
    """The modules that one server has enabled. Every widget enables its own: to do so again is one look-up."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.loaded: set[ModuleType] = set()
        self._dicts: list[Mapping[str, Any]] = []

    def enable(self, module: ModuleType | Mapping[str, Any], /, **kwargs: Any) -> bool:
        """Add what `module` defines; False when it was enabled already.

        A module's attributes are read after its ``setup(server, **kwargs)``, which may set them.
        """
        if isinstance(module, Mapping):
            if module in self._dicts:
                return False
            self._dicts.append(module)
            content: Mapping[str, Any] = module
        else:
            if module in self.loaded:
                return False
            self.loaded.add(module)
            content = vars(module)
        setup = content.get("setup")
        if setup is not None:
            setup(self._server, **kwargs)
        self._add(content)
        return True

    def _add(self, content: Mapping[str, Any]) -> None:
        server = self._server
        state = server.state
        for name in _LISTS:
            items = content.get(name)
            if items:
                key = f"trame__{name}"
                # Packages extend the list in the state in place, so it has to stay one and the same object.
                state[key].extend(items)
                state.dirty(key)
        if content.get("state"):
            state.update(content["state"])
        server.serve.update(content.get("serve") or {})
        if content.get("www"):
            server._www = content["www"]
        if content.get("vue_use"):
            state["trame__vue_use"] = reduce_vue_use(state["trame__vue_use"])


def reduce_vue_use(entries: list[Any]) -> list[Any]:
    """One entry an expression, in the order of first sight, the options of equal ones merged."""
    merged: dict[str, dict[str, Any]] = {}
    for entry in entries:
        name, options = (entry, {}) if isinstance(entry, str) else entry
        _merge(merged.setdefault(name, {}), options)
    return [(name, options) if options else name for name, options in merged.items()]


def _merge(target: dict[str, Any], source: Mapping[str, Any]) -> None:
    for key, value in source.items():
        known = target.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping):
            _merge(known, value)
        else:
            target[key] = value
