"""What all inputs have in common."""

from collections.abc import Callable

import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_the_label_is_the_key_in_words(template: Template) -> None:
    with ui.app("labels") as app:
        ui.text_input("first_name")
        ui.text_input("last_name", label="Surname", help="As on the card", disabled=("locked",))
        ui.text_input("nick", label="")
    first, second, third = template(app).splitlines()
    assert first == '<JtText v-model="first_name" label="First name" />'
    assert second == '<JtText v-model="last_name" label="Surname" help="As on the card" :disabled="locked" />'
    assert 'label=""' in third


def test_a_value_that_the_state_has_wins_over_the_default() -> None:
    server = Server("defaults")
    server.state.power = 7
    with ui.app(server):
        ui.slider("power", 0, 10, value=3)
        ui.slider("speed", 0, 10, value=3)
    assert (server.state.power, server.state.speed) == (7, 3)


def test_the_default_is_there_for_what_is_below() -> None:
    with ui.app("below") as app:
        ui.slider("power", 0, 10, value=3)
        assert app.state.power == 3


def test_a_part_of_a_value_has_no_default(template: Template) -> None:
    with ui.app("parts") as app:
        ui.text_input("row.name", v_for="row in rows")
    assert 'v-model="row.name"' in template(app)
    assert "row" not in app.state


def test_on_change_gets_the_value_if_it_takes_one(template: Template) -> None:
    def told(value: float) -> None: ...

    def called() -> None: ...

    with ui.app("changes") as app:
        ui.slider("a", 0, 1, on_change=told)
        ui.slider("b", 0, 1, on_change=called)
        ui.slider("c", 0, 1, on_change=(told, "[$event * 2]"))
        ui.slider("d", 0, 1, on_change="c = 1")
    heard = [line.partition("@change=")[2] for line in template(app).splitlines()]
    told_name, called_name = app.trigger_name(told), app.trigger_name(called)
    assert heard == [
        f"\"trigger('{told_name}', [$event])\" />",
        f"\"trigger('{called_name}')\" />",
        f"\"trigger('{told_name}', [$event * 2])\" />",
        '"c = 1" />',
    ]


def test_a_key_is_a_name() -> None:
    with ui.app("wrong"), pytest.raises(TypeError, match=r"the name of a key .*not int"):
        ui.slider(50, 230, 1)  # type: ignore[arg-type]
