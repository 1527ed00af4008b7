"""Which function of `jupyter_trame.ui` was called, for messages: its caller wrote ``ui.slider``, not ``JtSlider``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from inspect import CO_VARKEYWORDS, currentframe
from types import FrameType, FunctionType
from typing import NamedTuple

from jupyter_trame.core.spelling import argument_meant

__all__ = ["PartCall", "public_call", "refuse_arguments", "refuse_twice"]

_PACKAGE = __name__.rpartition(".")[0] + "."
_PASSED_ON = ("v_on_", "v_model_", "v_bind_")
"""Beginnings of arguments that all elements of trame take: the rest is anybody's."""
_CONSUMED = frozenset(
    {"trame_server", "ctx_name", "literal_children", "raw_attrs", "__properties", "__events"}
)
"""What an element takes and no page sees."""
_OTHER_WORDS = {"default": "value", "initial": "value", "tooltip": "help", "hint": "help"}


class PartCall(NamedTuple):
    """A call of a public function."""

    name: str
    """As its caller wrote it: ``ui.slider``."""
    parameters: frozenset[str]
    """Those that may be given by name, beside the ones that all elements have."""


def public_call() -> PartCall:
    """The call into `jupyter_trame.ui` that is on its way; ``ui.Part`` where no function makes the part."""
    name, parameters = "Part", frozenset[str]()
    frame: FrameType | None = currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith(_PACKAGE):
        # The outermost: `output` is over when the function that it returned makes the part.
        around = frame.f_code.co_qualname.partition(".")[0]
        function = frame.f_globals.get(around)
        if isinstance(function, FunctionType) and function.__code__.co_flags & CO_VARKEYWORDS:
            code = function.__code__
            last = code.co_argcount + code.co_kwonlyargcount
            name = around
            parameters |= frozenset(code.co_varnames[code.co_posonlyargcount : last])
        frame = frame.f_back
    return PartCall(f"ui.{name}", parameters)


def refuse_arguments(call: PartCall, given: Iterable[str], known: AbstractSet[str]) -> None:
    """Raise TypeError for the first of the names `given` that neither `known` has nor all elements take."""
    for name in given:
        if name in known or name in _CONSUMED or name.startswith(_PASSED_ON):
            continue
        other = _OTHER_WORDS.get(name)
        meant = other if other in call.parameters else None
        meant = meant or argument_meant(name, sorted(call.parameters)) or argument_meant(name, sorted(known))
        if meant is None:
            written = name.replace("_", "-")
            advice = f"write raw_attrs=['{written}=\"...\"'] if its element is to have that attribute:"
        else:
            advice = f"is {meant!r} meant?"
        raise TypeError(f"{advice} {call.name} has no argument {name!r}")


def refuse_twice(call: PartCall, events: Iterable[str], attributes: Mapping[str, object]) -> None:
    """Raise TypeError where `attributes` have a handler for one of the `events` that the part has a handler for."""
    for event in events:
        for name in (event, f"v_on_{event}"):
            if attributes.get(name) is None:
                continue
            own = f"on_{event}"
            advice = f"write {own}= alone" if own in call.parameters else f"leave {name}= out"
            raise TypeError(f"{advice}: {call.name} has a handler for {event!r} already, beside {name}=")
