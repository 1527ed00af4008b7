"""A replica's way to a kernel's server: connect to what the record says, and prove the secret before and after.

What was sent when this ends is the handshake of `protocol.handshake`; the socket is then ready for a `StreamLink`, or
for whatever both ends speak: `admit` is the kernel's end for those.
"""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from jupyter_trame.errors import LinkError, ProtocolError
from jupyter_trame.protocol.handshake import NONCE_SIZE, Admission, Application
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import Join, LinkOp
from jupyter_trame.protocol.link_decoder import LinkDecoder
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.system.ownership import NotOursError
from jupyter_trame.transports.listener import connect
from jupyter_trame.transports.rendezvous import Record
from jupyter_trame.transports.stream import HANDSHAKE_LIMIT

__all__ = ["admit", "answers", "join"]

_HANDSHAKE_TIMEOUT = Limits().link_handshake


Connect: TypeAlias = Callable[[str], Awaitable[socket.socket]]


async def join(
    record: Record,
    slug: str,
    replica_id: str,
    *,
    package: str = "",
    handshake_timeout: float = _HANDSHAKE_TIMEOUT,
    connect: Connect = connect,
) -> socket.socket:
    """A connection to the server `slug` of the kernel that wrote `record`; both ends have proved the secret.

    `package` is the version of jupyter_trame here. `connect(address)` gives a connected socket. Raises `LinkError` when
    nobody answers within `handshake_timeout` seconds, `NotOursError` when somebody else does.
    """
    begin = Join(replica_id, slug, secrets.token_bytes(NONCE_SIZE), package=package)
    sock, application, challenge = await _meet(record, begin, handshake_timeout, connect)
    try:
        proof = application.answer(challenge)
        await asyncio.get_running_loop().sock_sendall(sock, b"".join(encode_op(proof)))
    except LinkError as error:
        sock.close()
        raise NotOursError(f"{record.address}: {error}") from None
    except OSError as error:
        sock.close()
        raise LinkError(f"{record.address}: the link broke: {error}") from error
    except BaseException:
        sock.close()
        raise
    return sock


async def answers(
    record: Record, *, handshake_timeout: float = _HANDSHAKE_TIMEOUT, connect: Connect = connect
) -> bool:
    """Whether the kernel that wrote `record` listens. Raises `NotOursError` when somebody else does."""
    try:
        begin = Join("", "", secrets.token_bytes(NONCE_SIZE))
        sock, application, challenge = await _meet(record, begin, handshake_timeout, connect)
    except NotOursError:
        raise
    except LinkError:
        return False
    with sock:
        try:
            application.answer(challenge)
        except LinkError as error:
            raise NotOursError(f"{record.address}: {error}") from None
    return True


async def admit(sock: socket.socket, secret: str, *, handshake_timeout: float = _HANDSHAKE_TIMEOUT) -> str:
    """What whoever connected by `sock` asks for, once both ends have proved `secret`; not a byte more was read.

    Raises `LinkError`, also when that takes more than `handshake_timeout` seconds; the socket is closed then.
    """
    loop = asyncio.get_running_loop()
    admission = Admission(secret, secrets.token_bytes(NONCE_SIZE))
    sock.setblocking(False)
    try:
        async with asyncio.timeout(handshake_timeout):
            challenge = admission.receive(await _read_op(loop, sock))
            assert challenge is not None
            await loop.sock_sendall(sock, b"".join(encode_op(challenge)))
            admission.receive(await _read_op(loop, sock))
    except BaseException as error:
        sock.close()
        if isinstance(error, TimeoutError | OSError | ProtocolError):
            raise LinkError(f"no secret was proved: {error}") from error
        raise
    assert admission.slug is not None
    return admission.slug


async def _meet(
    record: Record, begin: Join, handshake_timeout: float, connect: Connect
) -> tuple[socket.socket, Application, LinkOp]:
    """Connect, send `begin`, read one operation."""
    loop = asyncio.get_running_loop()
    application = Application(record.secret, begin)
    sock: socket.socket | None = None
    try:
        async with asyncio.timeout(handshake_timeout):
            sock = await connect(record.address)
            await loop.sock_sendall(sock, b"".join(encode_op(application.join)))
            return sock, application, await _read_op(loop, sock)
    except BaseException as error:
        if sock is not None:
            sock.close()
        if isinstance(error, TimeoutError):
            raise LinkError(f"{record.address}: no answer within {handshake_timeout:g} seconds") from None
        if isinstance(error, OSError | ProtocolError):
            raise LinkError(f"{record.address}: the link did not begin: {error}") from error
        raise


async def _read_op(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> LinkOp:
    """One operation, and not a byte more: the next ones are for the link."""
    decoder = LinkDecoder(HANDSHAKE_LIMIT)
    head = await _read(loop, sock, 4)
    ops = decoder.feed(head)
    if not ops:
        ops = decoder.feed(await _read(loop, sock, int.from_bytes(head, "little")))
    return ops[0]


async def _read(loop: asyncio.AbstractEventLoop, sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = await loop.sock_recv(sock, size - len(data))
        if not part:
            raise LinkError("the other side closed the link; its jupyter_trame may be of another version")
        data += part
    return data
