"""Sessions that began at another replica: asked for, and taken over as the server knows them.

When a Jupyter server is restarted and its kernels go on, its replicas are gone, and the clients of those come with
tokens that nobody here gave them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from jupyter_trame.protocol.envelope import StateWrite
from jupyter_trame.protocol.holdings import Holdings
from jupyter_trame.protocol.link import Resume, Resumed, Write
from jupyter_trame.protocol.session import Channel, Hello, Session, token_hash
from jupyter_trame.types import Epoch

__all__ = ["Adoption"]


@dataclass(slots=True, eq=False)
class _Asked:
    """What a hello says of the session that it wants."""

    hello: Hello
    token: str
    got: int
    seq: int
    gone: float | None = None
    """When the connection of the hello ended."""


class Adoption:
    """Takes over the sessions that began at another replica; each replica has one."""

    def __init__(self, holdings: Holdings) -> None:
        self._server = holdings.server
        self._sessions = holdings.sessions
        self._up = holdings.up
        self._writes = holdings.writes
        self._table = holdings.table
        self._out = holdings.out
        self._grace = holdings.limits.grace
        self._numbers = itertools.count(1)
        self._asked: dict[int, _Asked] = {}

    def ask(self, hello: Hello, epoch: Epoch | None) -> bool:
        """Ask the server for the session that `hello` names; False where it names none that anybody can know."""
        own = hello.own or {}
        token, got, seq, heard = (own.get(name) for name in ("resume", "got", "seq", "heard"))
        counts = [count for count in (got, seq, heard) if type(count) is int and 0 <= count < 1 << 53]
        named = isinstance(token, str) and len(counts) == 3 and seq != 0 and own.get("epoch") == epoch
        if not named or not self._up.live or hello.channel.session is not None:
            return False
        if self._take_place(hello, str(token)):
            return True
        number = next(self._numbers)
        self._asked[number] = _Asked(hello, str(token), counts[0], counts[1])
        self._up.ask(Resume(number, token_hash(str(token)), hello.channel.identity, counts[2]))
        return True

    def _take_place(self, hello: Hello, token: str) -> bool:
        """Whether the session was asked for already, over a connection that the client has given up for this one."""
        for asked in self._asked.values():
            channel = asked.hello.channel
            if asked.token == token and channel.identity == hello.channel.identity:
                if channel.hello is asked.hello:
                    self._out.close(channel, 1008, "the session went on over another connection")
                asked.hello, asked.gone = hello, None
                return True
        return False

    def left(self, channel: Channel, now: float) -> None:
        """The connection is gone; if the session is found, its grace time has begun."""
        for asked in self._asked.values():
            if asked.hello.channel is channel:
                asked.gone = now

    def waits(self, channel: Channel) -> bool:
        """Whether the hello of `channel` waits for an answer of the server."""
        return any(asked.hello is channel.hello for asked in self._asked.values())

    def give_up(self) -> list[Hello]:
        """No answer will come: hellos that are still waited for."""
        asked, self._asked = self._asked, {}
        return [some.hello for some in asked.values()]

    def answered(self, op: Resumed) -> Hello | None:
        """The hello that `op` answers; the session is there if the server knows it."""
        asked = self._asked.pop(op.request, None)
        if asked is None:
            return None
        if op.client is not None:
            self._take_over(asked, op)
        return asked.hello

    def _take_over(self, asked: _Asked, op: Resumed) -> None:
        assert op.client is not None
        channel = asked.hello.channel
        session = self._sessions.adopt(op.client, asked.token, channel.identity)
        self._up.adopted(op.client)
        session.continues(
            got=op.got,
            sent=asked.got,
            received=op.received,
            settled=op.settled,
            seq=asked.seq,
            calls=op.calls,
        )
        if channel.hello is asked.hello:
            session.channel, channel.session = channel, session
        else:
            session.deadline = (asked.gone or 0.0) + self._grace
        self._open_writes(session, op)
        self._writes.joined(session, self._table, strict=self._server.strict)
        # Nobody knows what of other clients' writes it was shown.
        self._out.keys(session, self._table.keys)

    def _open_writes(self, session: Session, op: Resumed) -> None:
        strict = self._server.strict
        for number, values in op.writes:
            # A server that has forgotten the client takes the write as a new one, so it gets what is known of it.
            entries = [(key, packed) for key, packed in values if packed is not None]
            write = Write(session.client_id, number, None, entries)
            shared = [StateWrite(key, packed or b"", packed or b"") for key, packed in values]
            self._writes.open(write, session, shared)
            for other, keys in self._writes.show(write, session, self._sessions, self._table, strict=strict):
                self._out.keys(other, keys)
