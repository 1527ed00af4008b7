"""Bytes in the messages of a comm: as buffers, or as base64 where buffers do not arrive.

On the way through a Jupyter server to a gateway a buffer that is no UTF-8 ends the connection between the two.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_trame.errors import ProtocolError
from jupyter_trame.types import Packed

__all__ = ["carried", "carry"]


def carry(parts: Sequence[Packed], *, as_text: bool) -> tuple[dict[str, Any], Sequence[Packed]]:
    """What a message says beside its other content, and its buffers, so that `parts` arrive."""
    if not as_text:
        return {}, parts
    return {"text": [base64.b64encode(part).decode("ascii") for part in parts]}, ()


def carried(content: Mapping[str, Any], buffers: Sequence[Packed]) -> Sequence[Packed]:
    """The bytes of a message that came. Raises `ProtocolError` for text that is no base64."""
    text = content.get("text")
    if text is None:
        return buffers
    if not isinstance(text, list):
        raise ProtocolError("the text of a message is a list, one for each part")
    try:
        return [base64.b64decode(part, validate=True) for part in text]
    except (TypeError, ValueError, binascii.Error) as error:
        raise ProtocolError(f"the text of a message is not base64: {error}") from error
