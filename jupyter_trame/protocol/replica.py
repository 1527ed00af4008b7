"""The replica: faces the clients with a packed copy of the state.

It answers hello and ``trame.state.get`` and passes a client's write on to the server and, at once, to the
other clients. How all of them come to the server's value is in `views`.

Sans-IO and single-threaded: frames, link operations and ``now`` (seconds, any clock) come in, frames and link
operations go out. A replica serves one server.
"""

import traceback
import uuid
from collections.abc import Callable, Collection, Iterable
from secrets import token_urlsafe
from typing import Any

from jupyter_trame.errors import (
    AuthenticationError,
    BusyError,
    LinkError,
    MalformedMessageError,
    MethodNotFoundError,
    TrameError,
)
from jupyter_trame.names import HELLO, LEAVE, STATE_GET, STATE_UPDATE, STATUS_TOPIC
from jupyter_trame.protocol.access import is_client_writable, is_secret
from jupyter_trame.protocol.adoption import Adoption
from jupyter_trame.protocol.chunking import Assembler, Frame
from jupyter_trame.protocol.delivery import Delivery, Fanout, Sessions
from jupyter_trame.protocol.envelope import (
    UNREAD,
    Request,
    pack_error,
    pack_publication,
    pack_refusal,
    pack_result,
    read_write,
)
from jupyter_trame.protocol.intake import Intake
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import (
    Call,
    CloseClient,
    Commit,
    File,
    LinkOp,
    Message,
    PageFiles,
    Resumed,
    Settle,
    Snapshot,
    Stopped,
    Taken,
    Vacant,
    Write,
)
from jupyter_trame.protocol.session import Channel, Hello, Session, Validator, hello_limit, read_greeting
from jupyter_trame.protocol.table import Table
from jupyter_trame.protocol.upstream import Plan, Upstream
from jupyter_trame.protocol.views import OpenWrites
from jupyter_trame.types import ClientId, Epoch, Packed

__all__ = ["Replica"]

_NOT_MADE = "the server was started again; the call was not made"


class Replica:
    """See the module; everything runs on the thread of the loop that drives it."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        new_token: Callable[[], str] = token_urlsafe,
        new_client_id: Callable[[], str] = lambda: f"c{uuid.uuid4().hex}",
        validate: Validator | None = None,
    ) -> None:
        """`validate` decides about every hello that is not trusted; by default the server's secret does."""
        self.limits = limits or Limits()
        self.info: dict[str, Any] = {}
        """What the server says of itself (PROTOCOL.md, section 2)."""
        self.status: tuple[str, str] = ("lost", "the kernel has not answered yet")
        """State and reason as in the status publication."""
        self._table = Table(self.limits.frame)
        self._sessions = Sessions(self.limits, new_token)
        self._new_client_id = new_client_id
        self._validate = validate or (lambda hello: is_secret(hello.secret, self.info.get("secret")))
        self._writes = OpenWrites()
        self._up = Upstream(self.limits)
        self._out = Delivery(self._table, self._sessions, self._end)
        self._fanout = Fanout(self._table, self._sessions, self._writes, self._out)
        self._adoption = Adoption(
            self._sessions,
            self._up,
            self._writes,
            self._table,
            self._out,
            grace=self.limits.grace,
            strict=lambda: self._strict,
        )
        self._channels: set[Channel] = set()
        self._intake = Intake(self.limits, self._handle, self._out.close, self._hello_limit)
        self.readings: Collection[Channel] = self._intake.readings
        """Channels with a large request that is being read, in the order of their turns: see `read_on`."""

    @property
    def epoch(self) -> Epoch | None:
        """The life of the server that is shown; None until the first snapshot."""
        return self._table.epoch

    @property
    def sessions(self) -> Iterable[Session]:
        """All sessions, those in their grace time included."""
        return self._sessions

    @property
    def waits(self) -> bool:
        """Whether writes wait here for the server."""
        return self._up.waits

    @property
    def _strict(self) -> bool:
        return bool(self.info.get("strict", True))

    # -- what a driver of client connections calls

    def connect(self, *, identity: str | None = None, trusted: bool = False) -> Channel:
        """A client connected; `identity` is who jupyter-server says it is, and resumes only its own sessions.

        `trusted`: jupyter-server decided already, the hello's secret is not looked at.
        """
        assembler = Assembler(self.limits.hello, self.limits.partial_messages)
        channel = Channel(identity, trusted, self.limits, assembler, client=ClientId(self._new_client_id()))
        self._channels.add(channel)
        return channel

    def receive(self, channel: Channel, frame: Packed) -> None:
        """One binary frame of a client. Raises `ProtocolError`: close the connection with its code."""
        self._intake.receive(channel, frame)

    def read_on(self, channel: Channel) -> None:
        """One step in the large request of one of the `readings`: little work, so that others are served between two.

        Raises as `receive`.
        """
        self._intake.read_on(channel)

    def admit(self, hello: Hello, accepted: bool) -> None:
        """The decision about a `hello` for which the validator gave None; late ones are ignored."""
        channel = hello.channel
        if channel.hello is not hello:
            return
        channel.hello = None
        self._greet(hello, accepted)
        self._intake.work_off(channel)

    def asks_for(self, channel: Channel) -> bool:
        """Whether the server is being asked for the session of `channel`: it answers soon, or the link ends."""
        return self._adoption.waits(channel)

    def disconnect(self, channel: Channel, now: float) -> None:
        """The connection is gone. Whatever closed it, a session that may be resumed waits for that."""
        self._channels.discard(channel)
        self._intake.forget(channel)
        self._out.forget(channel)
        channel.hello = None
        self._adoption.left(channel, now)
        session = channel.session
        if session is None or session.channel is not channel:
            return
        session.channel = None
        if session.over or not session.native:
            self._end(session)
        else:
            session.deadline = now + self.limits.grace

    def expire(self, now: float) -> float | None:
        """End the sessions whose grace time is over; when the next one's will be, None without any."""
        for session in self._sessions.expired(now):
            self._end(session)
        return self._sessions.next_deadline

    def take_ready(self) -> Iterable[Channel]:
        """Channels that have frames to send or want to be closed, each once; falsy without any."""
        return self._out.take_ready()

    def frames(self, channel: Channel, room: int) -> list[Frame]:
        """See `Channel.frames`."""
        return channel.frames(room, self._table.encode)

    # -- what the driver of the link calls

    def link_attached(self, send: Callable[[LinkOp], object], *, decode: bool = False) -> None:
        """`send` reaches the server; it is used once the snapshot is here, which tells whose life this is.

        `decode`: it takes large values as they are, which are then decoded here, in steps.
        """
        self._intake.decode = decode
        self._up.attach(send)

    def link_lost(self, reason: str) -> None:
        """The link broke; clients keep the last picture and are told `reason`.

        Stock clients are disconnected: they would wait for their answers for ever.
        """
        self._up.detach()
        self._stop_asking()
        self._show_lost(reason)

    def receive_link(self, op: LinkOp) -> None:
        """An operation of the server, in the order it was sent. Raises `LinkError`: drop the link."""
        match op:
            case Commit():
                self._fanout.commit(op)
            case Settle():
                self._fanout.settle(op)
            case Message():
                self._fanout.message(op)
            case Taken():
                self._up.taken(op)
            case Resumed():
                self._resumed(op)
            case Snapshot():
                self._take_snapshot(op)
            case CloseClient():
                session = self._sessions.get(op.client)
                if session is not None and session.channel is not None:
                    self._out.close(session.channel, op.code, op.reason)
            case Vacant():
                self._up.pause()
                self._stop_asking()
                self._show_lost(op.reason)
            case Stopped():
                self._up.detach()
                self._stop_asking()
                self._set_status("stopped", op.reason)
                self._out.close_stock(op.code, op.reason)
            case PageFiles() | File():
                pass  # files are the driver's matter
            case _:
                raise LinkError(f"a server does not send {type(op).__name__}")

    # -- requests

    def _handle(self, channel: Channel, request: Request, payload: Packed) -> None:
        session = channel.session
        if request.id.startswith("system:"):
            if request.method == HELLO:
                self._hello(channel, request)
            elif request.method == LEAVE and session is not None:
                self._leave(channel, session)
            else:
                self._refuse(channel, request, MethodNotFoundError, "Unknown system method called")
        elif session is None:
            self._refuse(channel, request, AuthenticationError, "Unauthorized: Skip message processing")
        else:
            session.got += 1
            session.calls = None
            self._serve(session, request, payload)

    def _serve(self, session: Session, request: Request, payload: Packed) -> None:
        if session.over:
            if request.method not in {STATE_GET, STATE_UPDATE}:
                self._out.reply(session, pack_error(request.id, LinkError.code, _NOT_MADE))
        elif request.method == STATE_GET:
            session.synced = True
            self._writes.joined(session, self._table, strict=self._strict)
            self._out.message(session, request.id, len(request.id), urgent=True)
        elif request.method == STATE_UPDATE:
            self._update(session, request)
        elif request.method == "":
            message = "Unregistered method called"
            self._out.reply(session, pack_error(request.id, MethodNotFoundError.code, message))
        elif not self._up.live:
            self._out.reply(session, pack_error(request.id, LinkError.code, self.status[1]))
        elif not self._up.call(Call(session.client_id, payload, session.got, request)):
            self._out.reply(session, pack_error(request.id, BusyError.code, str(BusyError())))

    def _hello(self, channel: Channel, request: Request) -> None:
        client = channel.client if channel.session is None else channel.session.client_id
        hello = Hello(channel, request.id, read_greeting(request.read_args(self.limits.parts)), client)
        accepted = True if channel.trusted else self._validate(hello)
        if accepted is None:
            channel.hello = hello
        else:
            self._greet(hello, accepted)

    def _leave(self, channel: Channel, session: Session) -> None:
        """The client says that nobody will resume its session."""
        if session.channel is channel:
            session.channel = None
            self._end(session)
        self._out.close(channel, 1000, "the client left")

    def _hello_limit(self) -> int:
        return hello_limit(self.limits, self.info.get("secret", ""))

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

    def _resumed(self, op: Resumed) -> None:
        """The server knows the session that a hello asked for, or nobody does."""
        hello = self._adoption.answered(op)
        if hello is None:
            return
        session = None if op.client is None else self._sessions.get(op.client)
        self._let_in(hello, session)

    def _stop_asking(self) -> None:
        for hello in self._adoption.give_up():
            self._let_in(hello, None)

    def _let_in(self, hello: Hello, session: Session | None) -> None:
        """The decision about a hello that had to wait."""
        channel = hello.channel
        if channel.hello is not hello:
            return
        channel.hello = None
        self._welcome(hello, session)
        self._intake.work_off(channel)

    def _welcome(self, hello: Hello, session: Session | None) -> None:
        """Answer the hello of somebody who goes on with `session`, or begins one."""
        channel, own = hello.channel, hello.own
        resumed = session is not None
        if session is None:
            client = hello.client
            if channel.session is not None:
                # Write numbers start again, so the server must not take the new session for the old one.
                self._end(channel.session)
                client = ClientId(self._new_client_id())
            session = self._sessions.open(channel, client, native=own is not None)
            self._up.opened(session.opening)
        channel.assembler.limit = self.limits.message
        result: dict[str, Any] = {"clientID": session.client_id, "maxMsgSize": self.limits.frame}
        if session.native:
            result["jt"] = session.greeting(self._table.epoch, resumed=resumed)
        self._out.direct(channel, pack_result(hello.request_id, result))
        if session.native and self.status[0] != "live":
            self._out.reply(session, self._pack_status())

    def _resume(self, channel: Channel, own: dict[str, Any]) -> Session | None:
        """Give the session that `own` names to `channel`, with all that it missed."""
        session = self._sessions.resumable(channel, own, self._table.epoch)
        if session is None:
            return None
        old = session.channel
        if old is not None and old is not channel:
            self._out.close(old, 1008, "the session went on over another connection")
        if channel.session is not None and channel.session is not session:
            self._end(channel.session)
        session.channel, session.deadline, channel.session = channel, None, session
        session.rewind(own["got"])
        self._out.wake(session)
        return session

    def _update(self, session: Session, request: Request) -> None:
        given = session.write_number(request.jt)
        number = session.received + 1 if given is None else given
        try:
            values = read_write(request, self.limits.parts)
        except MalformedMessageError as error:
            if given is not None:
                raise  # its number would be missing for ever
            data = {"method": request.method, "exception": repr(error)}
            if not self._strict:
                data["trace"] = "".join(traceback.format_exception(error))
            self._out.reply(session, pack_error(request.id, TrameError.code, "Exception raised", data))
            return
        if number <= session.received or not session.synced:
            return
        entries = [(value.key, value.packed) for value in values if not value.fault]
        refused = len(entries) < len(values)
        answer = request.id if given is None else None
        op = Write(session.client_id, number, None if refused else answer, entries)
        if request.writes is not None:
            op.decoded = {value.key: value.value for value in values if value.value is not UNREAD} or None
        strict = self._strict
        plan: Plan | None = None
        if not self._up.ready:
            # What the server may refuse, and what it is to see once, is not taken together with anything.
            whole = not refused and all(
                v.packed is v.shared and (not strict or is_client_writable(v.key, self._table.keys))
                for v in values
            )
            plan = self._up.plan(op, joinable=whole)
            if plan is None:
                if session.channel is not None:
                    self._out.close(session.channel, 1013, "busy: too much waits for the server")
                return
        session.received = number
        if refused:
            # To the author alone, to whom the settlement gives the server's value back.
            self._out.reply(session, pack_refusal(answer, values))
        if plan is None:
            self._writes.open(op, session, values)
            self._up.write(op)  # first: the server can work while the others are being told
        else:
            op = plan.op
            self._writes.open(op, session, values, instead_of=plan.partner)
            self._up.hold(plan)
        for other, keys in self._writes.show(op, session, self._sessions, self._table, strict=strict):
            self._out.keys(other, keys)

    # -- operations of the server

    def _take_snapshot(self, op: Snapshot) -> None:
        self._stop_asking()
        first = self._table.epoch is None
        another = not first and self._table.epoch != op.epoch
        if another:
            self._restart()
        self.info = op.info
        changed = self._table.load(op)
        self._intake.open = True
        for session in self._sessions:
            self._out.keys(session, [key for key in changed if key not in session.view])
        window = op.info.get("window")
        self._up.resume(
            [session.opening for session in self._sessions if not session.over],
            self._writes,
            window if isinstance(window, int) else self.limits.window,
            seen=op.epoch if another else None,
        )
        self._set_status("live", "")
        if first:
            for channel in list(self._channels):
                self._intake.work_off(channel)

    def _restart(self) -> None:
        """Another life of the server: its clients start over in place, stock ones by reconnecting."""
        self._writes.clear()
        self._up.forget()
        for session in self._sessions:
            channel = session.channel
            session.reset()
            session.over = True
            if channel is None:
                self._end(session)
            elif session.native:
                self._out.reply(
                    session, pack_publication(STATUS_TOPIC, {"state": "restarted", "message": ""})
                )
            else:
                self._out.close(channel, 1012, "the server was started again")

    # -- output

    def _refuse(self, channel: Channel, request: Request, error: type[TrameError], message: str) -> None:
        self._out.direct(channel, pack_error(request.id, error.code, message))

    def _end(self, session: Session) -> None:
        if self._sessions.end(session):
            self._up.closed(session.client_id)

    def _show_lost(self, reason: str) -> None:
        self._set_status("lost", reason)
        self._out.close_stock(1012, reason)

    def _set_status(self, state: str, message: str) -> None:
        if self.status != (state, message):
            self.status = (state, message)
            self._out.broadcast(self._pack_status(), native=True)

    def _pack_status(self) -> bytes:
        state, message = self.status
        return pack_publication(STATUS_TOPIC, {"state": state, "message": message})
