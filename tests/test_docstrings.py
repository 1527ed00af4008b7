"""Who awaits something public is told what it raises and what cancelling does; who blocks, what it raises."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

import jupyter_trame
import jupyter_trame.client
import jupyter_trame.errors
import jupyter_trame.testing
import jupyter_trame.trio

MODULES = (jupyter_trame, jupyter_trame.client, jupyter_trame.errors, jupyter_trame.testing)
AWAITABLE = re.compile(r"\b(Awaitable|Coroutine|Ended|Future|Task)\b")
"""In the annotation of a result that is to be awaited."""
REFERENCE = re.compile(r"(?:[Ss]ee|as|which is) `([A-Za-z_.]+)`|^`([a-z_.]+)`", re.MULTILINE)
"""To another docstring, which counts as well."""
RAISES = re.compile(r"\bRaises\b|\bA call that waits (?:raises|does so as)\b|\braise what the calls\b")
CANCELS = re.compile(r"\b[Cc]ancel")
SHARED = re.compile(r"^(?:A call that waits|Those that wait)\b.*", re.MULTILINE | re.DOTALL)
"""What a class says of all its calls."""


def _public() -> dict[str, Any]:
    """Classes and functions, each once."""
    names = [(name, getattr(module, name)) for module in MODULES for name in getattr(module, "__all__", [])]
    # Its client has the name of the other one.
    names += [(f"trio_{name}", getattr(jupyter_trame.trio, name)) for name in jupyter_trame.trio.__all__]
    return {name: value for name, value in names if inspect.isclass(value) or inspect.isfunction(value)}


PUBLIC = _public()


def _function(member: Any) -> Any:
    return (
        member.fget if isinstance(member, property) else inspect.unwrap(getattr(member, "__func__", member))
    )


def _members() -> Iterator[tuple[str, Any]]:
    """Functions by name, and what classes of ours have of them."""
    for name, value in PUBLIC.items():
        if inspect.isfunction(value):
            yield name, value
            continue
        for cls in value.__mro__:
            if not cls.__module__.startswith("jupyter_trame"):
                continue
            for member_name, member in vars(cls).items():
                function = _function(member)
                listed = not member_name.startswith("_") or member_name in {"__aenter__", "__aexit__"}
                if listed and inspect.isfunction(function):
                    yield f"{name}.{member_name}", function


def _is_awaited(function: Any) -> bool:
    result = str(function.__annotations__.get("return", ""))
    return inspect.iscoroutinefunction(function) or AWAITABLE.search(result) is not None


AWAITED = {name: function for name, function in _members() if _is_awaited(function)}
BLOCKING = {
    name: function
    for name, function in _members()
    if name.startswith("Blocking") and "run(" in inspect.getsource(function)
}


def _text(name: str, function: Any, depth: int = 3) -> str:
    """The docstring of a member, with what its class says of all, and with the docstrings that it refers to."""
    own = inspect.getdoc(function) or ""
    owner = name.partition(".")[0]
    shared = SHARED.search(inspect.getdoc(PUBLIC.get(owner)) or "") if "." in name else None
    texts = [own, shared[0] if shared else ""]
    if depth:
        members = dict(_members())
        for found in REFERENCE.finditer(own):
            other = found[1] or found[2]
            other = other if other in members else f"{owner}.{other}"
            if other in members and other != name:
                texts.append(_text(other, members[other], depth - 1))
    return "\n".join(texts)


def test_what_is_awaited_is_found() -> None:
    expected = {
        "Client.call",
        "Client.__aenter__",
        "Server.start",
        "Server.ready",
        "Server.stop",
        "AppClient.until",
    }
    assert expected <= AWAITED.keys()
    assert {"trio_Client.call", "trio_running.call", "trio_WebSocketServerProtocol.recv"} <= AWAITED.keys()
    assert "create_state_queue_monitor_task" in AWAITED
    assert {"BlockingSession.set", "BlockingClient.trigger", "BlockingElement.click"} <= BLOCKING.keys()


@pytest.mark.parametrize("name", AWAITED)
def test_who_awaits_is_told_what_is_raised_and_what_cancelling_does(name: str) -> None:
    text = _text(name, AWAITED[name])
    assert RAISES.search(text), f"{name} does not say what it raises, or that it raises nothing:\n{text}"
    assert CANCELS.search(text), f"{name} does not say what cancelling it does:\n{text}"


@pytest.mark.parametrize("name", BLOCKING)
def test_who_blocks_is_told_what_is_raised(name: str) -> None:
    text = _text(name, BLOCKING[name])
    assert RAISES.search(text), f"{name} does not say what it raises, or that it raises nothing:\n{text}"
