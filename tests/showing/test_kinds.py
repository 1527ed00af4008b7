"""What an output is told to show."""

import struct

import pytest

from jupyter_trame.showing import kinds


def test_a_picture_has_the_size_of_its_pixels_on_the_page() -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 400, 200)
    assert kinds.picture(png, 2, "a line") == {
        "trame__shown": "picture",
        "data": png,
        "width": 200,
        "height": 100,
        "alt": "a line",
    }
    assert kinds.picture(b"<svg/>") == {"trame__shown": "picture", "data": b"<svg/>"}
    assert "width" not in kinds.picture(png[:20])


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (kinds.text("a"), "text"),
        (kinds.markup("a"), "html"),
        (kinds.page("a"), "page"),
        (kinds.markdown("a"), "markdown"),
        (kinds.plot("plotly", "{}"), "plot"),
        (kinds.widget("a"), "widget"),
    ],
)
def test_each_kind_has_its_name(made: dict[str, str], kind: str) -> None:
    assert made[kinds.SHOWN] == kind
