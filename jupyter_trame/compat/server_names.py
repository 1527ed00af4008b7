"""Server names: ``trame.app.get_server("x")`` and ``jupyter_trame.Server("x")`` mean the same one."""

from collections.abc import Callable
from types import ModuleType

from jupyter_trame.compat.replacements import Replacements
from jupyter_trame.runtime import registry

__all__ = ["patch_registry"]


def patch_registry(module: ModuleType) -> Callable[[], None]:
    """Have ``trame.app.core`` look servers up where ours register themselves."""
    changes = Replacements()
    if isinstance(getattr(module, "AVAILABLE_SERVERS", None), dict):
        changes.put(module, "AVAILABLE_SERVERS", registry.process.servers)
    return changes.undo
