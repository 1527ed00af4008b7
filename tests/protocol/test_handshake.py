"""Both ends prove the secret, and it never crosses."""

from dataclasses import replace

import pytest

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.handshake import NONCE_SIZE, Admission, Application, prove
from jupyter_trame.protocol.link import Challenge, ClientOpened, Join, LinkOp, Proof
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.types import ClientId

BEGIN = Join("r", "app", bytes(range(NONCE_SIZE)))
NONCE = bytes(NONCE_SIZE)


def test_two_that_know_the_secret_meet_and_do_not_send_it() -> None:
    replica, kernel = Application("a secret", BEGIN), Admission("a secret", NONCE)
    challenge = kernel.receive(replica.join)
    assert challenge is not None
    assert kernel.slug is None
    proof = replica.answer(challenge)
    assert kernel.receive(proof) is None
    assert kernel.slug == "app"
    sent = b"".join(b"".join(encode_op(op)) for op in (BEGIN, challenge, proof))
    assert b"a secret" not in sent


@pytest.mark.parametrize(
    "op",
    [
        Challenge(NONCE, bytes(32)),
        Challenge(NONCE, prove("another", "kernel", BEGIN, NONCE)),
        Challenge(NONCE, prove("a secret", "replica", BEGIN, NONCE)),
        Challenge(NONCE, prove("a secret", "kernel", replace(BEGIN, nonce=NONCE), NONCE)),
        Challenge(NONCE, prove("a secret", "kernel", replace(BEGIN, slug="other"), NONCE)),
        Challenge(b"", prove("a secret", "kernel", BEGIN, b"")),
        Proof(bytes(32)),
        ClientOpened(ClientId("c"), native=True),
    ],
)
def test_a_replica_gives_nothing_to_who_does_not_know_the_secret(op: LinkOp) -> None:
    with pytest.raises(LinkError):
        Application("a secret", BEGIN).answer(op)


@pytest.mark.parametrize(
    "proof",
    [
        b"",
        prove("another", "replica", BEGIN, NONCE),
        prove("a secret", "kernel", BEGIN, NONCE),
        prove("a secret", "replica", replace(BEGIN, replica_id="x"), NONCE),
        prove("a secret", "replica", BEGIN, bytes(range(NONCE_SIZE))),
    ],
)
def test_a_kernel_admits_who_knows_the_secret_of_this_link_only(proof: bytes) -> None:
    kernel = Admission("a secret", NONCE)
    assert kernel.receive(BEGIN) is not None
    with pytest.raises(LinkError, match="does not know the secret"):
        kernel.receive(Proof(proof))
    assert kernel.slug is None


def test_a_traceback_that_shows_its_variables_shows_no_secret() -> None:
    assert "a secret" not in repr(Application("a secret", BEGIN))
    assert "a secret" not in repr(Admission("a secret", NONCE))


def test_what_was_heard_or_asked_elsewhere_proves_nothing() -> None:
    """Who connects may repeat another link, send the kernel's proof back, and have the kernel sign more of them."""
    challenge = Admission("a secret", NONCE).receive(BEGIN)
    assert challenge is not None
    heard = Application("a secret", BEGIN).answer(challenge)
    other = bytes([7]) * NONCE_SIZE
    asked = Admission("a secret", other).receive(replace(BEGIN, nonce=NONCE))
    assert asked is not None
    for proof in (heard.proof, challenge.proof, asked.proof):
        kernel = Admission("a secret", other)
        assert kernel.receive(BEGIN) is not None
        with pytest.raises(LinkError, match="does not know the secret"):
            kernel.receive(Proof(proof))
        assert kernel.slug is None
