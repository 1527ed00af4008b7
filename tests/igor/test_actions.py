"""Actions: names, kinds of handlers, and what each of them takes."""

import functools
from typing import Any

import pytest

from jupyter_trame.igor.actions import flatten, make_action, read_api


def test_a_dictionary_that_holds_itself() -> None:
    api: dict[str, Any] = {"a": {}}
    api["a"]["b"] = api
    with pytest.raises(ValueError, match=r"holds itself, at 'a\.b'"):
        flatten(api)


def test_one_name_for_two_handlers() -> None:
    with pytest.raises(ValueError, match=r"two handlers of the name 'a\.b'"):
        flatten({"a": {"b": print}, "a.b": print})


def test_the_same_dictionary_twice() -> None:
    shared = {"f": print}
    assert flatten({"a": shared, "b": shared}) == {"a.f": print, "b.f": print}


@pytest.mark.parametrize("api", [{1: print}, {"a": {None: print}}, {"a": 1}, {"a": None}])
def test_what_is_no_api(api: Any) -> None:
    with pytest.raises(TypeError):
        read_api(api)


def _generates(output: Any, data: Any) -> Any:
    yield data


async def _generates_later(output: Any, data: Any) -> Any:
    yield data


@pytest.mark.parametrize("handler", [_generates, _generates_later])
def test_a_generator_would_never_run(handler: Any) -> None:
    with pytest.raises(TypeError, match=r"'count' has a yield"):
        read_api({"count": handler})


class Counter:
    def __call__(self, output: Any, data: Any) -> None: ...

    async def later(self, output: Any, data: Any, *, scope: Any) -> None: ...


class Later:
    async def __call__(self, output: Any, data: Any, **kwargs: Any) -> None: ...


def plain(output: Any, data: Any, session: Any) -> None: ...


def everything(output: Any, data: Any, **kwargs: Any) -> None: ...


@pytest.mark.parametrize(
    ("handler", "is_async", "context"),
    [
        (plain, False, {"session"}),
        (everything, False, {"session", "scope"}),
        (Counter(), False, set()),
        (Counter().later, True, {"scope"}),
        (functools.partial(Counter().later), True, {"scope"}),
        (Later(), True, {"session", "scope"}),
        (lambda output, data: None, False, set()),
        (max, False, set()),
    ],
)
def test_what_a_handler_is_given(handler: Any, is_async: bool, context: set[str]) -> None:
    action = make_action("a", handler)
    assert (action.is_async, action.context) == (is_async, context)
    given = action.arguments("its session", "the scope")
    expected = {"session": "its session", "scope": "the scope"}
    assert given == {name: expected[name] for name in context}
