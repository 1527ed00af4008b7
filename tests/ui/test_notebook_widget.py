"""`ui.widget`: ipywidgets among the parts of an interface."""

from collections.abc import Callable

import ipywidgets
import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def test_a_widget_and_a_key_follow_each_other(template: Template) -> None:
    slider = ipywidgets.IntSlider(value=3)
    with ui.app("widgets") as app:
        ui.widget(slider, "level")
        ui.widget(ipywidgets.Label("a"))
    assert f'model="{slider.model_id}"' in template(app)
    assert app.state.level == 3
    slider.value = 5
    assert app.state.level == 5
    app.traits.level = 7
    assert slider.value == 7


def test_the_value_of_the_state_comes_first() -> None:
    slider = ipywidgets.IntSlider(value=3)
    server = Server("widgets")
    server.state.level = 9
    with ui.app(server):
        ui.widget(slider, "level")
    assert slider.value == 9


def test_an_interface_that_is_built_again_lets_go_of_its_widgets() -> None:
    first, second = ipywidgets.IntSlider(value=3), ipywidgets.IntSlider(value=4)
    server = Server("widgets")
    for slider in (first, second):
        with ui.app(server):
            ui.widget(slider, "level")
    server.traits.level = 8
    assert (first.value, second.value) == (3, 8)


def test_what_is_no_widget_is_refused() -> None:
    with ui.app("widgets"), pytest.raises(TypeError, match="an ipywidget is wanted"):
        ui.widget("slider")
    with pytest.raises(ValueError, match="outside of an interface"):
        ui.widget(ipywidgets.IntSlider())
