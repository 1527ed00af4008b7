"""`ui.app`: a server and its interface."""

import pytest

from jupyter_trame import Server, ui


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
