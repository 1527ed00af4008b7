"""The replica: faces the clients with a packed copy of the state.

It answers hello (`reception`) and ``trame.state.get`` and passes a client's write on to the server and, at once, to the
other clients (`requests`). How all of them come to the server's value is in `views`.

Sans-IO and single-threaded: frames, link operations and ``now`` (seconds, any clock) come in, frames and link
operations go out. A replica serves one server.
"""

import uuid
from collections.abc import Callable, Collection, Iterable
from secrets import token_urlsafe
from typing import Any

from jupyter_trame.errors import LinkError
from jupyter_trame.protocol.adoption import Adoption
from jupyter_trame.protocol.chunking import Assembler, Frame
from jupyter_trame.protocol.delivery import Delivery, Fanout, Sessions
from jupyter_trame.protocol.holdings import Holdings, ServerView, pack_status
from jupyter_trame.protocol.intake import Intake
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import (
    CloseClient,
    Commit,
    File,
    LinkOp,
    Message,
    PageFiles,
    Ping,
    Pong,
    Resumed,
    Settle,
    Snapshot,
    Stopped,
    Taken,
    Vacant,
)
from jupyter_trame.protocol.open_writes import OpenWrites
from jupyter_trame.protocol.reception import Reception
from jupyter_trame.protocol.requests import Requests
from jupyter_trame.protocol.session import Channel, Hello, Session, Validator
from jupyter_trame.protocol.table import Table
from jupyter_trame.protocol.upstream import Upstream
from jupyter_trame.types import ClientId, Epoch, Packed

__all__ = ["Replica"]


class Replica:
    """Faces the clients of one server at one host. Everything runs on the thread of the loop that drives it."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        new_token: Callable[[], str] = token_urlsafe,
        new_client_id: Callable[[], str] = lambda: f"c{uuid.uuid4().hex}",
        validate: Validator | None = None,
        package: str = "",
    ) -> None:
        """`validate` decides about every hello that is not trusted; by default the server's secret does.

        `package` is the version of jupyter_trame here, which clients are told beside the server's.
        """
        self.limits = limits or Limits()
        self._server = ServerView()
        self._table = Table(self.limits.frame)
        self._writes = OpenWrites()
        self._up = Upstream(self.limits)
        self._sessions = Sessions(self.limits, new_token, self._up.closed)
        self._out = Delivery(self._table, self._sessions, self._sessions.end)
        self._fanout = Fanout(self._table, self._sessions, self._writes, self._out)
        holdings = Holdings(
            self.limits, self._server, self._table, self._sessions, self._writes, self._up, self._out
        )
        self._new_client_id = new_client_id
        self._adoption = Adoption(holdings)
        self._reception = Reception(
            holdings,
            self._adoption,
            new_client_id=new_client_id,
            validate=validate,
            on_decided=self._work_off,
            package=package,
        )
        requests = Requests(holdings, self._reception)
        self._channels: set[Channel] = set()
        self._intake = Intake(self.limits, requests.handle, self._out.close, self._reception.hello_limit)
        self.readings: Collection[Channel] = self._intake.readings
        """Channels with a large request that is being read, in the order of their turns: see `read_on`."""

    @property
    def info(self) -> dict[str, Any]:
        """What the server says of itself (PROTOCOL.md, section 2); empty before the first snapshot."""
        return self._server.info

    @property
    def status(self) -> tuple[str, str]:
        """State and reason as in the status publication."""
        return self._server.status

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
        self._reception.admit(hello, accepted)

    def asks_for(self, channel: Channel) -> bool:
        """Whether the server is being asked for the session of `channel`: it answers soon, or the link ends."""
        return self._adoption.waits(channel)

    def disconnect(self, channel: Channel, now: float) -> None:
        """The connection is gone. Whatever closed it, a session that may be resumed waits for that."""
        self._channels.discard(channel)
        self._intake.forget(channel)
        self._out.forget(channel)
        self._reception.disconnect(channel, now)

    def expire(self, now: float) -> float | None:
        """End the sessions whose grace time is over; when the next one's will be, None without any."""
        for session in self._sessions.expired(now):
            self._sessions.end(session)
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
        self._reception.stop_asking()
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
                self._reception.resumed(op)
            case Snapshot():
                self._take_snapshot(op)
            case CloseClient():
                session = self._sessions.get(op.client)
                if session is not None and session.channel is not None:
                    self._out.close(session.channel, op.code, op.reason)
            case Vacant():
                self._up.pause()
                self._reception.stop_asking()
                self._show_lost(op.reason)
            case Stopped():
                self._up.detach()
                self._reception.stop_asking()
                self._set_status("stopped", op.reason)
                self._out.close_stock(op.code, op.reason)
            case PageFiles() | File() | Ping() | Pong():
                pass  # files and the length of the way are the driver's matter
            case _:
                raise LinkError(f"a server does not send {type(op).__name__}")

    # -- operations of the server

    def _take_snapshot(self, op: Snapshot) -> None:
        self._reception.stop_asking()
        first = self._table.epoch is None
        another = not first and self._table.epoch != op.epoch
        if another:
            self._restart()
        self._server.info = op.info
        changed = self._table.load(op)
        self._intake.open = True
        for session in self._sessions:
            self._out.keys(session, [key for key in changed if key not in session.provisional])
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
                self._work_off(channel)

    def _work_off(self, channel: Channel) -> None:
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
                self._sessions.end(session)
            elif session.native:
                self._out.reply(session, pack_status("restarted", ""))
            else:
                self._out.close(channel, 1012, "the server was started again")

    # -- output

    def _show_lost(self, reason: str) -> None:
        self._set_status("lost", reason)
        self._out.close_stock(1012, reason)

    def _set_status(self, state: str, message: str) -> None:
        if self._server.status != (state, message):
            self._server.status = (state, message)
            self._out.broadcast(pack_status(state, message), native=True)
