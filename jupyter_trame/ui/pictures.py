"""`ui.image`: a picture, and where in it somebody clicked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from jupyter_trame.showing.forms import sent_form
from jupyter_trame.showing.outputs import shown
from jupyter_trame.ui.bound import Bound, keys_of, name_of, said_of
from jupyter_trame.ui.keys import require_key
from jupyter_trame.ui.living import claim
from jupyter_trame.ui.part import Expression, Handler, Part
from jupyter_trame.ui.status import PartStatus

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

    What a function raises, and that what it returns is no picture, is shown in its place, over the last one, and goes
    with the next. Raises ValueError where no interface is open, and for a key that is none, and TypeError for what is
    no source of pictures.
    """
    said: Expression | None = None
    if isinstance(source, str):
        require_key(source)
        value: Expression = (source,)
    elif isinstance(source, tuple):
        value = source
    elif callable(source):
        shown_key, status_key = _made(source)
        value, said = (shown_key,), (status_key,)
    else:
        value = (_kept(source),)
    if clicked is not None:
        require_key(clicked)
    update = None if clicked is None else f"{clicked} = $event"
    point = (_of_point(on_click), "$event") if callable(on_click) else on_click
    return Part(
        "JtImage",
        props={
            "value": value,
            "alt": alt,
            "clickable": on_click is not None or clicked is not None,
            "status": said,
        },
        events={"update:clicked": update, "point": point},
        **attributes,
    )


def _of_point(on_click: Callable[..., Any]) -> Callable[..., Any]:
    """`on_click` for what a page sends: two numbers. Anything else is no click."""

    @wraps(on_click)
    def clicked(*point: Any) -> Any:
        return on_click(*point) if [type(one) for one in point] == [int, int] else None

    return clicked


def _kept(source: Any) -> str:
    """The key of a picture that is given."""
    place = claim("image", "picture")
    place.server.state[place.key] = _picture(source)
    return place.key


def _made(source: Callable[..., Any]) -> tuple[str, str]:
    """The keys of the picture that `source` makes, and of what there is to say of it."""
    keys_of(source)  # before anything is placed
    place = claim("image", name_of(source))
    state, said = place.server.state, PartStatus(place.server, f"{place.key}__status")
    state.setdefault(place.key, None)

    def put(made: Any) -> None:
        state[place.key] = _picture(made)
        said.clear()

    where = f"image {said_of(source)}"
    place.keep(Bound(place.server, source, put, fail=said.fail, busy=said.tell, where=where))
    return place.key, said.key


def _picture(made: Any) -> Any:
    if type(made).__module__ == "numpy":
        made = _of_array(made)
    for form in (shown, sent_form):  # what answers to the pointer elsewhere is a picture in the state
        found = form(made)
        if found is None or (isinstance(found, dict) and "data" in found):
            return found
    raise TypeError(
        f"a picture is wanted (bytes, a figure, an image or an array), not {type(made).__qualname__}"
    )


def _of_array(array: Any) -> Any:
    from PIL import Image  # whoever has arrays of pictures has it with matplotlib

    return Image.fromarray(array.clip(0, 255).astype("uint8"))
