"""Values of the wire as JSON: see README.md, here for both directions."""

import math
from typing import Any

import msgpack
import numpy as np

__all__ = ["from_json", "to_json"]


_BEYOND = 2**53
"""What a number of JavaScript cannot hold."""


def to_json(value: Any) -> Any:
    """`value` with tags for what JSON cannot say."""
    if isinstance(value, dict):
        return {str(key): to_json(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return {"$bytes": bytes(value).hex()}
    if isinstance(value, int) and abs(value) >= _BEYOND:
        return {"$bigint": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, np.ndarray):
        return {
            "$array": {"dtype": value.dtype.str, "shape": list(value.shape), "data": value.tobytes().hex()}
        }
    if isinstance(value, msgpack.Timestamp):
        return {"$timestamp": [value.seconds, value.nanoseconds]}
    return value


def from_json(value: Any) -> Any:
    """The inverse of `to_json`."""
    match value:
        case {"$bytes": data}:
            return bytes.fromhex(data)
        case {"$bigint": text}:
            return int(text)
        case {"$float": text}:
            return float(text)
        case {"$array": {"dtype": dtype, "shape": shape, "data": data}}:
            return np.frombuffer(bytes.fromhex(data), dtype).reshape(shape)
        case {"$timestamp": [seconds, nanoseconds]}:
            return msgpack.Timestamp(seconds, nanoseconds)
        case dict():
            return {key: from_json(member) for key, member in value.items()}
        case list():
            return [from_json(item) for item in value]
    return value
