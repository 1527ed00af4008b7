"""The picture: a PNG of the promised size, without a background, that shows the selection."""

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread

from jupyter_trame.demo.chart import SHARPNESS, SIZE, draw
from jupyter_trame.demo.data import COLORS, MEASURES, Filters, load_cars, select


def pixels(picture: bytes) -> np.ndarray:
    return np.asarray(imread(BytesIO(picture), format="png") * 255)


def amount(picture: bytes, color: str) -> int:
    """How many pixels have about this colour."""
    wanted = [int(color[start : start + 2], 16) for start in (1, 3, 5)]
    image = pixels(picture)
    return int(((abs(image[..., :3] - wanted) < 12).all(axis=-1) & (image[..., 3] > 150)).sum())


@pytest.mark.parametrize("measure", MEASURES)
def test_size_and_background(measure: str) -> None:
    cars = load_cars()
    image = pixels(draw(cars, cars, measure))
    width, height = (round(side * 100 * SHARPNESS) for side in SIZE)
    assert image.shape == (height, width, 4)
    assert (image[0, 0, 3], image[..., 3].max() > 200) == (0, True)


def test_colours_follow_the_selection() -> None:
    cars = load_cars()
    everything, japan = draw(cars, cars), draw(select(cars, Filters(origin="Japan")), cars)
    assert all(amount(everything, color) > 200 for color in COLORS.values())
    assert amount(japan, COLORS["Japan"]) > 200
    assert amount(japan, COLORS["USA"]) < 20


def test_an_empty_selection_is_a_picture_too() -> None:
    cars = load_cars()
    assert pixels(draw(cars[:0], cars)).any()


def test_nothing_global_is_used() -> None:
    program = (
        "import sys; from jupyter_trame.demo.chart import draw; from jupyter_trame.demo.data import load_cars; "
        "draw(load_cars(), load_cars()); print('matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == "False"
