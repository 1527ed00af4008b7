"""Sizes that parts are given."""

from typing import Any

import numpy as np
import pytest

from jupyter_trame.ui.css_sizes import as_css


@pytest.mark.parametrize(
    ("size", "css"), [("24rem", "24rem"), (100, "100px"), (1.5, "1.5px"), (np.int64(3), "3px"), (0, "0px")]
)
def test_a_number_is_pixels(size: Any, css: str) -> None:
    assert as_css(size, "height") == css


@pytest.mark.parametrize("size", [True, None, [1], {}])
def test_what_is_no_size_is_refused(size: Any) -> None:
    with pytest.raises(TypeError, match="is a number of pixels, or a length of CSS"):
        as_css(size, "height")
