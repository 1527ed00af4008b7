"""Lets clients in: who decides about a hello, and the session that its author begins or goes on with."""

from collections.abc import Callable
from typing import Any

from jupyter_trame.errors import AuthenticationError
from jupyter_trame.protocol.access import is_secret
from jupyter_trame.protocol.adoption import Adoption
from jupyter_trame.protocol.envelope import Request, pack_error, pack_result
from jupyter_trame.protocol.holdings import Holdings, pack_status
from jupyter_trame.protocol.link import Resumed
from jupyter_trame.protocol.package_version import read_package
from jupyter_trame.protocol.session import Channel, Hello, Session, Validator, hello_limit, read_greeting
from jupyter_trame.types import ClientId

__all__ = ["Reception"]


class Reception:
    """Decides about hellos, and begins sessions; each replica has one."""

    def __init__(
        self,
        holdings: Holdings,
        adoption: Adoption,
        *,
        new_client_id: Callable[[], str],
        validate: Validator | None,
        on_decided: Callable[[Channel], None],
        package: str = "",
    ) -> None:
        """`validate` and `package`: see `Replica`. `on_decided(channel)`: a hello that had to wait is answered."""
        server = holdings.server
        self._limits = holdings.limits
        self._server = server
        self._sessions = holdings.sessions
        self._up = holdings.up
        self._table = holdings.table
        self._out = holdings.out
        self._adoption = adoption
        self._new_client_id = new_client_id
        self._validate = validate or (lambda hello: is_secret(hello.secret, server.info.get("secret")))
        self._on_decided = on_decided
        self._package = package

    def hello_limit(self) -> int:
        """Bytes that a hello may have."""
        return hello_limit(self._limits, self._server.info.get("secret", ""))

    def hello(self, channel: Channel, request: Request) -> None:
        """Somebody wants to be let in."""
        client = channel.client if channel.session is None else channel.session.client_id
        hello = Hello(channel, request.id, read_greeting(request.read_args(self._limits.parts)), client)
        accepted = True if channel.trusted else self._validate(hello)
        if accepted is None:
            channel.hello = hello
        else:
            self._greet(hello, accepted)

    def admit(self, hello: Hello, accepted: bool) -> None:
        """See `Replica.admit`."""
        channel = hello.channel
        if channel.hello is not hello:
            return
        channel.hello = None
        self._greet(hello, accepted)
        self._on_decided(channel)

    def resumed(self, op: Resumed) -> None:
        """The server knows the session that a hello asked for, or nobody does."""
        hello = self._adoption.answered(op)
        if hello is None:
            return
        session = None if op.client is None else self._sessions.get(op.client)
        self._let_in(hello, session)

    def stop_asking(self) -> None:
        """No answer of the server will come: who waits for one begins anew."""
        for hello in self._adoption.give_up():
            self._let_in(hello, None)

    def leave(self, channel: Channel, session: Session) -> None:
        """The client says that nobody will resume its session."""
        if session.channel is channel:
            session.channel = None
            self._sessions.end(session)
        self._out.close(channel, 1000, "the client left")

    def disconnect(self, channel: Channel, now: float) -> None:
        """The connection is gone: a session that may be resumed waits for that."""
        channel.hello = None
        self._adoption.left(channel, now)
        session = channel.session
        if session is None or session.channel is not channel:
            return
        session.channel = None
        if session.over or not session.native:
            self._sessions.end(session)
        else:
            session.deadline = now + self._limits.grace

    def _greet(self, hello: Hello, accepted: bool) -> None:
        channel, own = hello.channel, hello.own
        if not accepted:
            refusal = pack_error(hello.request_id, AuthenticationError.code, "Authentication failed")
            self._out.direct(channel, refusal)
            return
        session = channel.session if own is None else self._resume(channel, own)
        channel.hello = hello  # what follows it waits
        if session is None and self._adoption.ask(hello, self._table.epoch):
            return
        channel.hello = None
        self._welcome(hello, session)

    def _let_in(self, hello: Hello, session: Session | None) -> None:
        """The decision about a hello that had to wait."""
        channel = hello.channel
        if channel.hello is not hello:
            return
        channel.hello = None
        self._welcome(hello, session)
        self._on_decided(channel)

    def _welcome(self, hello: Hello, session: Session | None) -> None:
        """Answer the hello of somebody who goes on with `session`, or begins one."""
        channel, own = hello.channel, hello.own
        resumed = session is not None
        if session is None:
            client = hello.client
            if channel.session is not None:
                # Write numbers start again, so the server must not take the new session for the old one.
                self._sessions.end(channel.session)
                client = ClientId(self._new_client_id())
            session = self._sessions.open(channel, client, native=own is not None)
            session.package = hello.package
            self._up.opened(session.opening)
        channel.assembler.limit = self._limits.message
        result: dict[str, Any] = {"clientID": session.client_id, "maxMsgSize": self._limits.frame}
        if session.native:
            result["jt"] = session.greeting(self._table.epoch, resumed=resumed)
            if self._package:
                result["jt"]["packages"] = [self._package, read_package(self._server.info.get("package"))]
        self._out.direct(channel, pack_result(hello.request_id, result))
        if session.native and self._server.status[0] != "live":
            self._out.reply(session, pack_status(*self._server.status))

    def _resume(self, channel: Channel, own: dict[str, Any]) -> Session | None:
        """Give the session that `own` names to `channel`, with all that it missed."""
        session = self._sessions.resumable(channel, own, self._table.epoch)
        if session is None:
            return None
        old = session.channel
        if old is not None and old is not channel:
            self._out.close(old, 1008, "the session went on over another connection")
        if channel.session is not None and channel.session is not session:
            self._sessions.end(channel.session)
        session.channel, session.deadline, channel.session = channel, None, session
        session.rewind(own["got"])
        self._out.wake(session)
        return session
