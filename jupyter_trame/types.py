"""Names for the values that cross module borders."""

from typing import Literal, NewType, TypeAlias

__all__ = ["ClientId", "ClientType", "Compat", "Epoch", "Packed", "Seq", "StateKey"]

ClientId = NewType("ClientId", str)
"""The session of one client, which outlives its connections: ``c`` and 32 hexadecimal digits, minted by the replica."""

ClientType: TypeAlias = Literal["vue2", "vue3", "react"]
"""Which JavaScript framework a UI is written for."""

Compat: TypeAlias = Literal["trame"]
"""Whose manners a server has where ours are stricter."""

StateKey: TypeAlias = str
"""A root-level (translated) name in the shared state."""

Seq: TypeAlias = int
"""Number of a commit, counted from 1 within an epoch; a key keeps the number of its last commit."""

Epoch = NewType("Epoch", str)
"""One life of a server: running its cell again starts a new one."""

Packed: TypeAlias = bytes | bytearray | memoryview
"""One msgpack document."""
