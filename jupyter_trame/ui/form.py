"""Inputs that are saved together, and what is asked of their values."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeAlias

from trame_client.widgets.core import HTML_CTX

from jupyter_trame.core.arguments import arguments_of, select
from jupyter_trame.core.listeners import name_of
from jupyter_trame.server import Server
from jupyter_trame.ui.bound import called, said_of
from jupyter_trame.ui.misspelt import hint_at_misspelt
from jupyter_trame.ui.part import Expression, Handler, Part, statement

__all__ = ["Check", "CheckedForm", "checked", "form", "form_around", "problem_of"]

Check: TypeAlias = Callable[[Any], str | None]
"""Is given a value, and says what is wrong with it: a sentence for the user, or nothing."""

_PROBLEMS = "trame__problems"
"""The key of the state with what checks have said, by the names of keys in the root."""


def form(
    save: Callable[..., Any],
    *,
    submit: str | None = "Save",
    label: str | Expression | None = None,
    **attributes: Any,
) -> CheckedForm:
    """Inputs that are saved together: a button that says `submit`, or Enter in a line of text, calls `save`.

    `save` is given the keys that it names, as listeners are. It is called when no input of the form holds what it does
    not take and every ``check=`` is content; else the first input with a problem has the focus. What it returns is
    awaited, and the button shows that it runs. The page is never loaded again. Without `submit` a
    ``ui.button(..., submit=True)`` of yours does it. `label` names the form to readers.

    Raises TypeError where `save` cannot be called by names.
    """
    if not callable(save):
        raise TypeError(f"ui.form is given the function that saves first, as in ui.form(save), not {save!r}")
    arguments_of(save, "function that saves a form")
    return CheckedForm(save, submit, label, attributes)


class CheckedForm(Part):
    """The element of `form`; inputs that are made in its ``with`` block leave their checks here."""

    def __init__(
        self, save: Callable[..., Any], submit: str | None, label: Any, attributes: dict[str, Any]
    ) -> None:
        self._save, self._submit = save, submit
        self._checks: dict[str, Check] = {}
        where = f"form {said_of(save)}"
        super().__init__(
            "JtForm",
            props={"label": label},
            events={"save": called(where, self._save_checked), "check": called(where, self._ask_all)},
            **attributes,
        )
        hint_at_misspelt(self.server, save, where)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._submit is not None and kind is None:
            Part("JtButton", self._submit, props={"kind": "primary", "type": "submit"})
        super().__exit__(kind, error, trace)

    def add_check(self, key: str, check: Check) -> None:
        """Ask `check` about the value of `key` before the form is saved."""
        before = self._checks.get(key)
        self._checks[key] = check if before is None else lambda value: before(value) or check(value)

    def _ask_all(self) -> bool:
        """Whether a check has a problem; all of them are shown."""
        problems = [_ask(self.server, key, check) for key, check in self._checks.items()]
        return any(problems)

    def _save_checked(self) -> Any:
        server: Server = self.server
        if self._ask_all():
            return None
        values = server.translator.reverse_translate_dict(server.state.initial)
        return self._save(**select(self._save, name_of(self._save), values))


def form_around() -> CheckedForm | None:
    """The form that is being built; None outside of one."""
    return next((part for part in reversed(HTML_CTX.element_stack) if isinstance(part, CheckedForm)), None)


def problem_of(server: Server, key: str) -> Expression:
    """What is said of the value of `key`, for the input that shows it."""
    server.state.setdefault(_PROBLEMS, {})
    return (f"{_PROBLEMS}['{server.translator.translate_key(key)}']",)


def checked(server: Server, key: str, check: Check, on_change: Handler | None) -> tuple[Expression, Handler]:
    """The problem that an input for `key` shows, and what it does at a change: `check` is asked before `on_change`.

    In a `form` it is asked again before that is saved.
    """
    around = form_around()
    if around is not None:
        around.add_check(key, check)
    problem = problem_of(server, key)
    _say(server, key, "")  # an interface that is built again has not been asked yet

    def ask() -> None:
        _ask(server, key, check)

    ask.__qualname__ = f"check of {key!r}"
    handler = statement(server, ask)
    if on_change is not None:
        handler = f"{handler}; {statement(server, on_change)}"
    return problem, handler


def _ask(server: Server, key: str, check: Check) -> str:
    """What `check` says of the value of `key`, which is shown from then on; empty where nothing is wrong."""
    problem = check(server.state[key]) or ""
    _say(server, key, problem)
    return problem


def _say(server: Server, key: str, problem: str) -> None:
    known = server.state[_PROBLEMS]
    name = server.translator.translate_key(key)
    if known.get(name, "") != problem:
        server.state[_PROBLEMS] = {**known, name: problem}
