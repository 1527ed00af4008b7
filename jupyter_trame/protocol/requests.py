"""What clients ask of a replica: answered here, or passed on to the server."""

import traceback

from jupyter_trame.errors import (
    AuthenticationError,
    BusyError,
    LinkError,
    MalformedMessageError,
    MethodNotFoundError,
    TrameError,
)
from jupyter_trame.names import HELLO, LEAVE, STATE_GET, STATE_UPDATE
from jupyter_trame.protocol.access import is_client_writable
from jupyter_trame.protocol.envelope import UNREAD, Request, StateWrite, pack_error, pack_refusal, read_write
from jupyter_trame.protocol.holdings import Holdings
from jupyter_trame.protocol.link import Call, Write
from jupyter_trame.protocol.reception import Reception
from jupyter_trame.protocol.session import Channel, Session
from jupyter_trame.protocol.upstream import Plan
from jupyter_trame.types import Packed

__all__ = ["Requests"]

_NOT_MADE = "the server was started again; the call was not made"


class Requests:
    """Answers what clients ask, or passes it on; each replica has one."""

    def __init__(self, holdings: Holdings, reception: Reception) -> None:
        self._limits = holdings.limits
        self._server = holdings.server
        self._sessions = holdings.sessions
        self._writes = holdings.writes
        self._up = holdings.up
        self._table = holdings.table
        self._out = holdings.out
        self._reception = reception

    def handle(self, channel: Channel, request: Request, payload: Packed) -> None:
        """Take `request`, which came as `payload`. Raises `ProtocolError`: close the connection with its code."""
        session = channel.session
        if request.id.startswith("system:"):
            if request.method == HELLO:
                self._reception.hello(channel, request)
            elif request.method == LEAVE and session is not None:
                self._reception.leave(channel, session)
            else:
                self._refuse(channel, request, MethodNotFoundError, "Unknown system method called")
        elif session is None:
            self._refuse(channel, request, AuthenticationError, "Unauthorized: Skip message processing")
        else:
            session.got += 1
            session.calls = None
            self._serve(session, request, payload)

    def _refuse(self, channel: Channel, request: Request, error: type[TrameError], message: str) -> None:
        self._out.direct(channel, pack_error(request.id, error.code, message))

    def _serve(self, session: Session, request: Request, payload: Packed) -> None:
        if session.over:
            if request.method not in {STATE_GET, STATE_UPDATE}:
                self._out.reply(session, pack_error(request.id, LinkError.code, _NOT_MADE))
        elif request.method == STATE_GET:
            session.synced = True
            self._writes.joined(session, self._table, strict=self._server.strict)
            self._out.message(session, request.id, len(request.id), urgent=True)
        elif request.method == STATE_UPDATE:
            self._update(session, request)
        elif request.method == "":
            message = "Unregistered method called"
            self._out.reply(session, pack_error(request.id, MethodNotFoundError.code, message))
        elif not self._up.live:
            self._out.reply(session, pack_error(request.id, LinkError.code, self._server.status[1]))
        elif not self._up.call(Call(session.client_id, payload, session.got, request)):
            self._out.reply(session, pack_error(request.id, BusyError.code, str(BusyError())))

    def _update(self, session: Session, request: Request) -> None:
        given = session.write_number(request.jt)
        number = session.received + 1 if given is None else given
        try:
            values = read_write(request, self._limits.parts)
        except MalformedMessageError as error:
            if given is not None:
                raise  # its number would be missing for ever
            self._refuse_write(session, request, error)
            return
        if number <= session.received or not session.synced:
            return
        entries = [(value.key, value.packed) for value in values if not value.fault]
        refused = len(entries) < len(values)
        answer = request.id if given is None else None
        op = Write(session.client_id, number, None if refused else answer, entries)
        if request.writes is not None:
            op.decoded = {value.key: value.value for value in values if value.value is not UNREAD} or None
        strict = self._server.strict
        plan: Plan | None = None
        if not self._up.ready:
            plan = self._up.plan(op, joinable=not refused and self._may_join(values, strict=strict))
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

    def _may_join(self, values: list[StateWrite], *, strict: bool) -> bool:
        """Not what the server may refuse, nor what it is to see once: that is not taken together with anything."""
        return all(
            v.packed is v.shared and (not strict or is_client_writable(v.key, self._table.keys))
            for v in values
        )

    def _refuse_write(self, session: Session, request: Request, error: MalformedMessageError) -> None:
        data = {"method": request.method, "exception": repr(error)}
        if self._server.sends_tracebacks:
            data["trace"] = "".join(traceback.format_exception(error))
        self._out.reply(session, pack_error(request.id, TrameError.code, "Exception raised", data))
