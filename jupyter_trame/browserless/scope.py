"""What names mean in a template: the state, the variables of loops and slots, and what a template offers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from jupyter_trame.browserless import operators
from jupyter_trame.browserless.operators import UNDEFINED, UnsupportedError, plain
from jupyter_trame.browserless.parts import Parts

__all__ = ["UNKNOWN", "Handling", "Scope", "StateValues", "Step", "TriggerCall", "WrittenKeys"]

_OFFERED = re.compile(
    "trigger|set|get|setAll|flushState|registerDecorator|trame|utils|window|throttle|debounce|tts|name"
)
_YIELDING = frozenset({"name", "throttle", "debounce"})
"""Names of a template's own that give way to state keys."""
_GLOBALS = re.compile(
    "Infinity|NaN|isFinite|isNaN|parseFloat|parseInt|decodeURI|decodeURIComponent|encodeURI|encodeURIComponent|Math|"
    "Number|Date|Array|Object|Boolean|String|RegExp|Map|Set|JSON|Intl|BigInt|console|Error|Symbol"
)


class _Unknown:
    """The type of `UNKNOWN`."""


UNKNOWN: Final = _Unknown()
"""The value of a variable that only a browser knows."""


@dataclass(frozen=True, slots=True)
class WrittenKeys:
    """Keys that a handler set."""

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TriggerCall:
    """A trigger that a handler called."""

    name: str
    args: list[Any]
    kwargs: dict[str, Any]


Step: TypeAlias = WrittenKeys | TriggerCall


class StateValues(Protocol):
    """What a template is told of the state: a `State`, or values of one."""

    def has(self, name: str, /) -> bool:
        """Whether there is a value."""

    def __getitem__(self, name: str, /) -> Any: ...

    def to_dict(self) -> dict[str, Any]:
        """All values."""


class Scope:
    """Names of one place in a template; a `jupyter_trame.browserless.expressions.Frame` that changes nothing."""

    def __init__(self, state: StateValues, variables: Mapping[str, Any] | None = None) -> None:
        self.state = state
        """With the names of the root."""
        self.variables = dict(variables or {})

    def with_variables(self, variables: Mapping[str, Any]) -> "Scope":
        """This scope and more variables."""
        return Scope(self.state, {**self.variables, **variables})

    def read(self, name: str) -> Any:
        """See `Frame`."""
        if name in self.variables:
            value = self.variables[name]
            if value is UNKNOWN:
                raise UnsupportedError(f"{name!r} is made by a component")
            return value
        if name == "tts":
            return 0  # components add it to their keys to be made anew
        if _GLOBALS.fullmatch(name) or name.startswith(("$", "_")) or self.offers(name):
            raise UnsupportedError(f"it uses {name!r}")
        return self.key(name)

    def offers(self, name: str) -> bool:
        """Whether `name` is a template's own, which hides a state key."""
        return _OFFERED.fullmatch(name) is not None and not (name in _YIELDING and self.state.has(name))

    def key(self, name: str) -> Any:
        """The value of a state key, or UNDEFINED."""
        return self.state[name] if self.state.has(name) else UNDEFINED

    def assign(self, name: str, value: Any) -> None:  # noqa: ARG002 - see `Frame`
        """See `Frame`."""
        raise UnsupportedError(f"it sets {name!r} where it should only show something")

    def member(self, target: Any, key: Any, *, optional: bool) -> Any:
        """See `Frame`."""
        return operators.member(target, key, optional=optional)

    def change(self, target: Any, action: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ARG002 - see `Frame`
        """See `Frame`."""
        raise UnsupportedError("it changes a part of a value where it should only show something")

    def call(self, function: str, arguments: list[Any]) -> Any:
        """See `Frame`."""
        if function == "get" and len(arguments) == 1:
            return self.key(str(arguments[0]))
        raise UnsupportedError(f"it calls {function!r}")


class Handling(Scope):
    """A handler that runs: what it does is collected in `steps`, in order."""

    def __init__(self, scope: Scope, event: Any = UNDEFINED) -> None:
        super().__init__(scope.state, scope.variables)
        if event is not UNDEFINED:
            self.variables["$event"] = event
        self.steps: list[Step] = []
        self._written: dict[str, Any] = {}
        self._parts = Parts()

    def read(self, name: str) -> Any:
        """See `Frame`; of a variable what it is now."""
        return self._parts.latest(super().read(name))

    def key(self, name: str) -> Any:
        """As `Scope.key`, with what the handler wrote."""
        return self._written[name] if name in self._written else super().key(name)

    def assign(self, name: str, value: Any) -> None:
        """See `Frame`."""
        if name in self.variables:
            raise UnsupportedError(f"it sets the variable {name!r}")
        if name == "tts":
            return
        if self.offers(name):
            raise UnsupportedError(f"it sets {name!r}")
        self._write({name: value})

    def member(self, target: Any, key: Any, *, optional: bool) -> Any:
        """See `Frame`; of a list or dict what it is now."""
        return self._parts.latest(super().member(self._parts.latest(target), key, optional=optional))

    def change(self, target: Any, action: Callable[..., Any], *arguments: Any) -> Any:
        """See `Frame`."""
        held = {**self.state.to_dict(), **self._written}
        result, changes = self._parts.change(target, held, action, arguments)
        self._write(changes)
        return result

    def call(self, function: str, arguments: list[Any]) -> Any:
        """See `Frame`."""
        match function, arguments:
            case (("trigger" | "trame.trigger"), [str() as name, *rest]) if len(rest) <= 2:
                args, kwargs = _known(plain([*rest, None, None][:2]))
                self.steps.append(TriggerCall(name, args or [], kwargs or {}))
                self._parts.settle()
                return UNKNOWN
            case (("set" | "trame.state.set"), [str() as name, value]):
                self._write({name: value})
            case (("setAll" | "trame.state.update"), [dict() as changes]):
                self._write(changes)
            case (("flushState" | "trame.state.flush"), names):
                self._write({str(name): self.key(str(name)) for name in names})
            case _:
                return super().call(function, arguments)
        return UNDEFINED

    def _write(self, changes: dict[str, Any]) -> None:
        written = _known(plain(changes))
        self._written.update(written)
        if (
            self.steps
            and isinstance(last := self.steps[-1], WrittenKeys)
            and last.changes.keys() == written.keys()
        ):
            self.steps.pop()  # both leave as one, at the end of the turn
        self.steps.append(WrittenKeys(written))


def _known(value: Any) -> Any:
    """`value`, unless something in it only a browser knows."""
    if value is UNKNOWN:
        raise UnsupportedError("it passes on what a trigger answers")
    if isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            _known(item)
    return value
