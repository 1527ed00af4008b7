"""Two layers of values: what is pending, and what counts as a change."""

from typing import Any

import pytest

from jupyter_trame.core.layers import Layers
from jupyter_trame.core.values import equal_value
from tests.core.support import OwnerHooks


@pytest.fixture
def layers() -> Layers:
    return Layers(equal=equal_value, hooks=OwnerHooks(), ready=False, in_place=True, hints=None)


def push(layers: Layers, **values: Any) -> None:
    """As a flush leaves it."""
    layers.put_all(values.items())
    for key in values:
        layers.clean(key)
        assert key not in layers.pending


def test_a_value_is_pending_until_it_is_the_pushed_one_again(layers: Layers) -> None:
    push(layers, a=1)
    layers.put("a", 2)
    assert (layers.get("a"), layers.pending, layers.pushed) == (2, {"a": 2}, {"a": 1})
    assert layers.snapshot() == {"a": 2}
    layers.put("a", 1)
    assert layers.pending == {}
    assert layers.snapshot() is layers.pushed


def test_touch_makes_a_value_pending_that_is_not_new(layers: Layers) -> None:
    push(layers, a=1)
    layers.touch("a")
    assert layers.pending == {"a": 1}


def test_a_default_is_taken_once(layers: Layers) -> None:
    assert layers.set_default("a", 1) == 1
    assert layers.set_default("a", 2) == 1
    push(layers, b=3)
    assert layers.set_default("b", 4) == 3


def test_what_was_changed_in_place_is_noticed_where_it_was_read(layers: Layers) -> None:
    push(layers, a=[1], b=[1])
    layers.get("a").append(2)
    layers.pushed["b"].append(2)
    layers.end_suppression(layers.suppress(()))
    assert layers.pending == {"a": [1, 2]}


@pytest.mark.parametrize("key", [1, b"x", None])
def test_a_key_that_is_no_name_is_refused(layers: Layers, key: Any) -> None:
    with pytest.raises(TypeError, match="names are strings"):
        layers.put(key, 1)
    assert layers.pending == {}
