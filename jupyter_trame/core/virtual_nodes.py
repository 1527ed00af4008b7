"""The templates of a server, by name."""

from collections.abc import Callable
from typing import Any, TypeAlias

from jupyter_trame.errors import ServerError

__all__ = ["VirtualNodeManager"]

NodeConstructor: TypeAlias = Callable[..., Any]
"""Called with ``trame_server=server``; ``trame_client.widgets.core.VirtualNode`` for example."""


class VirtualNodeManager:
    """``ui.main`` or ``ui["main"]`` is the root node of the template of that name, made when first asked for.

    Owner thread. Raises ServerError when a node is asked for and no constructor was set.
    """

    def __init__(self, server: Any, vn_constructor: NodeConstructor | None = None) -> None:
        self._server = server
        self._constructor = vn_constructor
        self._nodes: dict[str, Any] = {}

    def set_vn_constructor(self, vn_constructor: NodeConstructor | None) -> None:
        """What makes the nodes from now on; those that exist stay."""
        self._constructor = vn_constructor

    __iter__ = None  # by numbers it would never end

    def __getitem__(self, name: str) -> Any:
        if name not in self._nodes:
            if self._constructor is None:
                raise ServerError(f"no constructor for the template {name!r}: give Server a vn_constructor")
            self._nodes[name] = self._constructor(trame_server=self._server)
        return self._nodes[name]

    def __getattr__(self, name: str) -> Any:
        if name[:1] == "_":  # what inspecting tools ask every object for
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def clear_layouts(self) -> None:
        """Have every node forget its layouts."""
        for node in list(self._nodes.values()):
            node.clear_layouts()

    def flush_content(self) -> None:
        """Have every node write its template to the state."""
        for node in list(self._nodes.values()):
            node.flush_content()

    def clear(self) -> None:
        """Have every node drop its children."""
        for node in list(self._nodes.values()):
            node.clear()
