"""How a link begins: both ends prove that they know the record's secret, which itself is never sent (PROTOCOL.md, 2).

A loopback port may be anybody's: a listener that took the port of a killed kernel learns nothing from a replica, and a
connection of another user gets nothing from a kernel.
"""

import hmac
from dataclasses import dataclass, field
from typing import Literal

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.link import Challenge, Join, LinkOp, Proof
from jupyter_trame.protocol.packing import pack

__all__ = ["NONCE_SIZE", "Admission", "Application", "prove"]

NONCE_SIZE = 32
"""Bytes that each end draws for one link."""


def prove(secret: str, role: Literal["kernel", "replica"], join: Join, nonce: bytes) -> bytes:
    """What the end `role` shows for `secret`; `nonce` is the kernel's, the replica's is in `join`.

    The role stands in what is signed, so that nobody answers a question with the same question.
    """
    parts = ["jupyter_trame link", join.version, role, join.replica_id, join.slug, join.nonce, nonce]
    return hmac.digest(secret.encode(), pack(parts), "sha256")


def _check_nonce(nonce: bytes) -> None:
    if len(nonce) != NONCE_SIZE:
        raise LinkError(f"a link begins with {NONCE_SIZE} random bytes of each end, not with {len(nonce)}")


@dataclass(slots=True)
class Application:
    """The replica's end: send `join`, then what `answer` gives."""

    secret: str = field(repr=False)
    join: Join

    def answer(self, op: LinkOp) -> Proof:
        """Check the kernel's proof. Raises `LinkError` when it is none: nothing was given away then."""
        if not isinstance(op, Challenge):
            raise LinkError(f"a kernel begins with Challenge, not with {type(op).__name__}")
        _check_nonce(op.nonce)
        if not hmac.compare_digest(op.proof, prove(self.secret, "kernel", self.join, op.nonce)):
            raise LinkError("whoever listens there does not know the secret of the record")
        return Proof(prove(self.secret, "replica", self.join, op.nonce))


@dataclass(slots=True)
class Admission:
    """The kernel's end of one link."""

    secret: str = field(repr=False)
    nonce: bytes
    """Random, of this link alone."""
    slug: str | None = None
    """The server that is asked for, once the replica has proved itself."""
    _join: Join | None = None

    @property
    def package(self) -> str:
        """The version of jupyter_trame that the replica has; empty where it does not say so."""
        return "" if self._join is None else self._join.package

    def receive(self, op: LinkOp) -> Challenge | None:
        """The answer to `Join`; None for a good `Proof`, after which `slug` is set. Raises `LinkError`."""
        if self._join is None:
            if not isinstance(op, Join):
                raise LinkError(f"a link begins with Join, not with {type(op).__name__}")
            _check_nonce(op.nonce)
            self._join = op
            return Challenge(self.nonce, prove(self.secret, "kernel", op, self.nonce))
        if not isinstance(op, Proof) or not hmac.compare_digest(
            op.proof, prove(self.secret, "replica", self._join, self.nonce)
        ):
            raise LinkError("the replica does not know the secret of the record")
        self.slug = self._join.slug
        return None
