"""`ui.app`: a server and its interface."""

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui

Launch = Callable[..., Any]


def test_a_name_makes_a_server() -> None:
    with ui.app("cars", title="Cars of the seventies") as app:
        ui.slider("power", 50, 230)
    assert isinstance(app, Server)
    assert (app.name, app.state.trame__title) == ("cars", "Cars of the seventies")
    assert app.state.trame__template_main.startswith("<JtApp >")


def test_a_server_is_taken_as_it_is() -> None:
    server = Server("given")
    with ui.app(server, template="second") as app:
        ui.slider("power", 50, 230)
    assert app is server
    assert "JtSlider" in server.state.trame__template_second


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a name or a Server, not 3"):
        ui.app(3)  # type: ignore[arg-type]


def test_a_mistake_in_the_block_comes_out_and_leaves_no_layout_open() -> None:
    with pytest.raises(KeyError), ui.app("broken"):
        raise KeyError("oh")
    with pytest.raises(ValueError, match="outside of an interface"):
        ui.text_input("name")


def test_a_layout_that_is_entered_again_is_built_anew() -> None:
    app, runs = Server("again"), list[str]()
    layout = ui.app(app)
    for word in ("first", "second"):
        with layout:
            ui.slider("power", 50, 230)
            ui.markdown(word)

            @ui.output
            def draw(power: int, word: str = word) -> str:
                runs.append(word)
                return word

        app.state.power = 60
    template = app.state.trame__template_main
    assert template.count("<JtSlider") == template.count("<JtOutput") == 1
    assert 'source="second"' in template
    assert "_2" not in template
    assert (app.state.trame__output__draw, app.state.power) == ("second", 60)
    assert [key for key in dir(app.state) if "output__draw" in key] == [
        "trame__output__draw",
        "trame__output__draw__status",
    ]


def test_what_the_block_of_before_had_has_ended(trame: Launch) -> None:
    drawn: list[tuple[str, int]] = []
    layouts: list[Any] = []

    def of(word: str) -> Callable[[int], str]:
        def draw(power: int) -> str:
            drawn.append((word, power))
            return word

        return draw

    def app(server: Server) -> None:
        server.state.power = 1
        layouts.append(ui.app(server))
        for word in ("first", "second"):
            with layouts[0]:
                ui.output(of(word))

    with trame(app) as session:
        session.client().set(power=2)
        session.until(lambda: ("second", 2) in drawn)
        with session.state, layouts[0]:
            ui.output(lambda power: drawn.append(("third", power)))
        session.set(power=3)
        session.until(lambda: ("third", 3) in drawn)
    assert {(word, power) for word, power in drawn if power > 1} == {
        ("second", 2),
        ("third", 2),
        ("third", 3),
    }


def test_the_same_block_goes_on_where_it_is_entered_within_itself() -> None:
    layout = ui.app("within")
    with layout, layout as app:
        ui.text_input("name")
    assert app.state.trame__template_main.count("<JtText") == 1


def test_a_check_of_an_interface_that_is_built_again_has_not_been_asked() -> None:
    layout = ui.app("checked")
    with layout as app:
        ui.text_input("name", check=lambda name: "A name is needed.")
    app.state.trame__problems = {"name": "A name is needed.", "other": "?"}
    with layout:
        ui.text_input("name", check=lambda name: None)
    assert app.state.trame__problems == {"name": "", "other": "?"}
