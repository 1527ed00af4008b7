"""`ui.image`: a picture, and where in it somebody clicked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_trame.showing.outputs import shown
from jupyter_trame.ui.bound import Bound, name_of, said_of
from jupyter_trame.ui.living import claim
from jupyter_trame.ui.part import Expression, Handler, Part

__all__ = ["image"]


def image(
    source: str | Expression | bytes | Callable[..., Any],
    on_click: Handler | None = None,
    *,
    clicked: str | None = None,
    alt: str | Expression = "",
    **attributes: Any,
) -> Part:
    """A picture: the value of a key, bytes, or what a function returns whose parameters are keys, as in `ui.output`.

    A picture is bytes of a file (PNG, JPEG, GIF, WebP, SVG), or what becomes one: a figure, an image of Pillow, an
    array of rows of grey values or colours, from 0 to 255. `on_click` gets ``(x, y)``, in pixels of the picture itself
    however large it is shown, from its upper left corner; `clicked` is a key that gets ``[x, y]``. With a keyboard the
    arrows move a mark, by ten pixels, with Shift by one, and Enter clicks. `alt` says what is to be seen.

    Raises ValueError where no interface is open.
    """
    if isinstance(source, str):
        value: Expression = (source,)
    elif isinstance(source, tuple):
        value = source
    else:
        value = (_kept(source),)
    update = None if clicked is None else f"{clicked} = $event"
    point = (on_click, "$event") if callable(on_click) else on_click
    return Part(
        "JtImage",
        props={"value": value, "alt": alt, "clickable": on_click is not None or clicked is not None},
        events={"update:clicked": update, "point": point},
        **attributes,
    )


def _kept(source: bytes | Callable[..., Any]) -> str:
    """The key of a picture that is made here."""
    place = claim("image", name_of(source) if callable(source) else "picture")
    state = place.server.state
    if not callable(source):
        state[place.key] = _picture(source)
        return place.key
    state.setdefault(place.key, None)

    def put(made: Any) -> None:
        state[place.key] = _picture(made)

    place.keep(Bound(place.server, source, put, where=f"image {said_of(source)}"))
    return place.key


def _picture(made: Any) -> Any:
    if type(made).__module__ == "numpy":
        made = _of_array(made)
    found = shown(made)
    if found is None or (isinstance(found, dict) and "data" in found):
        return found
    raise TypeError(
        f"a picture is wanted (bytes, a figure, an image or an array), not {type(made).__qualname__}"
    )


def _of_array(array: Any) -> Any:
    from PIL import Image  # whoever has arrays of pictures has it with matplotlib

    return Image.fromarray(array.clip(0, 255).astype("uint8"))
