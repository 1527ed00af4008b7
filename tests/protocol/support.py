"""Values and helpers that several test files of the wire share."""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

__all__ = ["arrays", "documents", "same"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=40)
)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
arrays: st.SearchStrategy[Any] = npst.arrays(
    st.sampled_from(
        ["?", "i1", "u1", "<i2", ">i2", "<u4", "<i8", ">f4", "<f8", "<c16", "<U3", "S4", "<M8[s]"]
    ),
    npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


def same(a: Any, b: Any) -> bool:
    """Equality by type and content; NaN is itself."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return bool(
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.shape == b.shape
            and a.dtype.newbyteorder("<") == b.dtype.newbyteorder("<")
            and a.astype(a.dtype.newbyteorder("<")).tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    return bool(a == b)
