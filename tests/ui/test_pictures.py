"""`ui.image`: pictures of keys and functions, and clicks in their pixels."""

from collections.abc import Callable
from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from jupyter_trame import Server, ui
from jupyter_trame.testing import AppLauncher

Template = Callable[[Server], str]
PNG = b"\x89PNG\r\n\x1a\nrest"


def test_a_picture_is_a_key_bytes_or_a_function(template: Template) -> None:
    with ui.app("images") as app:
        ui.image("picture", alt="A field")
        ui.image(("pictures[0]",))
        ui.image(PNG)
        ui.image(lambda: np.zeros((2, 3)))
        ui.image(lambda: Figure(figsize=(1, 1)))
    lines = template(app).splitlines()
    assert lines[0] == '<JtImage :value="picture" alt="A field" :clickable="false" />'
    assert ':value="pictures[0]"' in lines[1]
    assert ':value="trame__image__picture"' in lines[2]
    assert app.state.trame__image__picture["data"] == PNG
    for key in ("trame__image__output", "trame__image__output_2"):
        assert app.state[key]["data"].startswith(b"\x89PNG")


@pytest.mark.asyncio
async def test_clicks_are_told(trame: AppLauncher) -> None:
    points: list[tuple[int, int]] = []

    def app(server: Server) -> None:
        server.state.update({"picture": PNG, "point": None})
        with ui.app(server):
            ui.image("picture", lambda x, y: points.append((x, y)), clicked="point")

    async with trame(app) as session:
        client = await session.client()
        await client.find("JtImage").fire("update:clicked", [3, 4])
        await client.find("JtImage").fire("point", [3, 4])
        assert client.state.point == [3, 4]
        assert points == [(3, 4)]


@pytest.mark.asyncio
async def test_a_function_follows_its_keys(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        server.state.shade = 0
        with ui.app(server):
            ui.image(lambda shade: np.full((2, 2), shade))

    async with trame(app) as session:
        client = await session.client()
        before = client.state.trame__image__output["data"]
        await client.set(shade=200)
        await client.until(lambda state: state.trame__image__output["data"] != before)


def test_a_chart_is_a_picture() -> None:
    with ui.app("images") as app:
        ui.image(lambda: alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_point().encode(x="x"))
    assert app.state.trame__image__output["data"].startswith(b"<svg")


@pytest.mark.asyncio
async def test_what_its_function_raises_is_shown_in_its_place(trame: AppLauncher) -> None:
    def draw(shade: int) -> Any:
        if shade > 255:
            raise ValueError("too light")
        return np.full((2, 2), shade)

    def app(server: Server) -> None:
        server.state.shade = 10
        with ui.app(server):
            ui.image(draw)

    key, status = "trame__image__draw", "trame__image__draw__status"
    async with trame(app) as session:
        client = await session.client()
        before = client.state[key]["data"]
        assert client.state[status] == {"busy": False, "error": None}
        assert f':status="{status}"' in client.state.trame__template_main
        with session.errors.expect("ValueError: too light") as told:
            await client.set(shade=300)
            await client.until(lambda state: state[status]["error"])
        assert client.state[status]["error"]["message"] == "ValueError: too light"
        assert [(error.where, error.in_place) for error in told] == [("image draw", True)]
        assert client.state[key]["data"] == before, "the last one is still there"
        await client.set(shade=20)
        await client.until(lambda state: state[status]["error"] is None)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: ui.image("a picture"), ValueError, r"^ui\.image is given a key first: "),
        (lambda: ui.image(PNG, clicked="a point"), ValueError, r"^ui\.image is given a key first: "),
        (lambda: ui.image(cast("Any", 3)), TypeError, "^a picture is wanted .* not int$"),
        (lambda: ui.image(lambda picture, /: picture), TypeError, "take the '/' out"),
    ],
)
def test_what_is_no_source_of_pictures(make: Callable[[], Any], kind: type[Exception], words: str) -> None:
    with ui.app("images"), pytest.raises(kind, match=words):
        make()


@pytest.mark.asyncio
async def test_what_is_no_picture_is_an_error(trame: AppLauncher) -> None:
    def app(server: Server) -> None:
        with ui.app(server):
            made: Any = {"a": 1}
            ui.image(lambda: made)

    async with trame(lambda server: None) as session:
        with session.errors.expect("a picture is wanted .* not dict") as told:
            app(session.server)
        assert told[0].where.startswith("image <lambda> in test_pictures.py, line ")
        assert session.state.trame__image__output__status["error"]["message"].startswith(
            "TypeError: a picture"
        )


def test_a_picture_outside_of_an_interface_is_refused() -> None:
    with pytest.raises(ValueError, match="outside of an interface"):
        ui.image(PNG)
