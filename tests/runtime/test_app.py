"""What a server is, before it runs."""

from collections.abc import Mapping
from typing import Any

import pytest

from jupyter_trame.core import InlineHooks, Translator
from jupyter_trame.execution.hot_reload import HotReload
from jupyter_trame.runtime import registry
from jupyter_trame.runtime.app import App
from jupyter_trame.types import Compat


def filled(compat: Compat | None = None) -> tuple[App, list[Mapping[str, Any]]]:
    sent: list[Mapping[str, Any]] = []
    app = App(object(), "a name", compat, {})
    app.fill(Translator(), InlineHooks(), sent.append, lambda *_: None, lambda trame_server: trame_server)
    return app, sent


def test_what_the_state_holds_leaves_by_the_given_way() -> None:
    app, sent = filled()
    app.state.ready()
    app.state.flush()
    sent.clear()
    app.state.x = 1
    app.state.flush()
    assert sent == [{"x": 1}]


def test_the_context_leaves_no_way() -> None:
    app, sent = filled()
    app.context.ready()
    app.context.x = 1
    app.context.flush()
    assert sent == []


def test_layouts_get_what_users_call_the_server() -> None:
    app, _ = filled()
    assert app.ui.main is app.server


@pytest.mark.parametrize(("compat", "title"), [(None, "a name"), ("trame", "Trame")])
def test_the_title_follows_the_manners(compat: Compat | None, title: str) -> None:
    assert filled(compat)[0].state.trame__title == title


def test_the_client_type_is_set_once(process: registry.Process) -> None:
    app, _ = filled()
    assert app.client_type == "vue3"
    process.client_type = "vue2"
    assert app.client_type == "vue2"
    app.client_type = app.client_type = "vue3"
    with pytest.raises(TypeError, match="already"):
        app.client_type = "react"
    with pytest.raises(TypeError, match="one of"):
        app.client_type = "svelte"


def test_callbacks_are_read_again_only_where_that_is_asked_for() -> None:
    app, _ = filled()
    assert app.reloader(lambda *_: None) is False
    app.hot_reload = True
    assert isinstance(app.reloader(lambda *_: None), HotReload)


def test_the_command_line_is_made_once() -> None:
    app, _ = filled()
    assert app.cli is app.cli
