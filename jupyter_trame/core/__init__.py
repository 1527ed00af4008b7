"""State, controller and what belongs to them: no I/O, no event loop, no clock."""

from jupyter_trame.core.controller import Controller, ControllerFunction
from jupyter_trame.core.listeners import InlineHooks, ListenerHooks
from jupyter_trame.core.state import State
from jupyter_trame.core.traits import StateTraits
from jupyter_trame.core.translator import Translator, is_name_reserved
from jupyter_trame.core.values import Equality, equal_value, same_value
from jupyter_trame.core.virtual_nodes import VirtualNodeManager

__all__ = [
    "Controller",
    "ControllerFunction",
    "Equality",
    "InlineHooks",
    "ListenerHooks",
    "State",
    "StateTraits",
    "Translator",
    "VirtualNodeManager",
    "equal_value",
    "is_name_reserved",
    "same_value",
]
