"""A server, a replica and three clients on a network that a test moves by hand.

Every connection is a pair of queues. A test decides when a frame arrives, when a connection is cut (what is
in flight is lost) and when it comes back, so each interleaving is a list of steps.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from jupyter_trame.core import State
from jupyter_trame.errors import BusyError, SerializationError
from jupyter_trame.protocol import intake, walk
from jupyter_trame.protocol.chunking import Assembler, split
from jupyter_trame.protocol.client_events import Published, Replied, StateChanged
from jupyter_trame.protocol.client_session import ClientSession
from jupyter_trame.protocol.clients import LinkEnd
from jupyter_trame.protocol.events import CallEvent, Event, WriteEvent
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.protocol.link import ClientOpened, LinkOp, Seen, Vacant
from jupyter_trame.protocol.link_decoder import LinkDecoder
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.primary import Primary
from jupyter_trame.protocol.replica import Replica
from jupyter_trame.protocol.session import Channel
from jupyter_trame.types import Epoch, Packed

LINK_LIMIT = 1 << 20


@contextmanager
def large(size: int | None) -> Iterator[None]:
    """Within the block requests of `size` bytes or more are read in steps of 32 bytes; None leaves it as it is."""
    if size is None:
        yield
        return
    with mock.patch.object(intake, "LARGE", size), mock.patch.object(walk, "STEP", 32):
        yield


class Kernel:
    """State and Primary, with an owner loop that runs one event a step.

    ``c`` is clamped to 50 by a listener, and no client may change ``r``.
    """

    def __init__(self, epoch: str, limits: Limits, made: list[int]) -> None:
        self.limits = limits
        self.made = made
        """Calls that were made, by the number that their client gave them."""
        self.log: list[tuple[str, int]] = []
        """Client and number of the writes that were applied."""
        self.inbox: deque[Event] = deque()
        self.opened: list[str] = []
        """Clients that have come, as `on_client_connected` hears of them."""
        self.primary = Primary(
            name="sim",
            slug="sim",
            title="Sim",
            secret="s",
            epoch=Epoch(epoch),
            on_event=self.inbox.append,
            on_unpackable=self._unpackable,
            limits=limits,
        )
        self.state = State(commit_fn=self.primary.commit, ready=True)

        @self.state.change("c")
        def clamp(c: Any, **_: Any) -> None:
            if isinstance(c, int) and c > 50:
                self.state.c = 50

        self.state.update({"a": 0, "b": 0, "c": 0, "r": 0})
        self.state.flush()

    def _unpackable(self, error: SerializationError) -> None:
        raise error

    def step(self) -> None:
        if not self.inbox:
            return
        event = self.inbox.popleft()
        if isinstance(event, ClientOpened):
            assert event.client not in self.opened, "a session is said to begin once"
            self.opened.append(event.client)
        if isinstance(event, WriteEvent):
            with self.primary.applying(event):
                self.state.update({key: value for key, value in event.values.items() if key != "r"})
                self.state.flush()
            self.log.append((event.client, event.number))
            self.primary.messages.reply(event, None)
        if isinstance(event, CallEvent):
            self.primary.taken(event)
            self.check_order(event)
            self.primary.messages.reply(event, None)

    def check_order(self, event: CallEvent) -> None:
        """A call that names the last write before it comes after that one, or after one that took it in."""
        client, epoch, number, call = event.args
        self.made.append(call)
        if (event.client, self.primary.epoch) == (client, epoch):
            assert max((n for who, n in self.log if who == client), default=0) >= number


class SimLink:
    """The stream between `Kernel` and `Replica`, as bytes; a subclass has other pieces of it on their way."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.up: deque[Any] = deque()
        self.down: deque[Any] = deque()
        self.up_decoder = LinkDecoder(LINK_LIMIT)
        self.down_decoder = LinkDecoder(LINK_LIMIT)
        self.end: LinkEnd | None = world.kernel.primary.attach(self, remote=True)
        """None while no server runs."""
        self.unseen: str | None = None
        """The life that the replica may not know yet; see `Endpoint`."""
        world.replica.link_attached(self.send_up)

    def send(self, *ops: LinkOp) -> bool:
        self.down.append(b"".join(buffer for op in ops for buffer in encode_op(op)))
        return len(self.down) < self.world.link_room

    def close(self, reason: str) -> None:
        self.world.cut_link()

    def send_up(self, op: LinkOp) -> None:
        self.up.append(b"".join(encode_op(op)))

    def deliver_up(self) -> None:
        if self.up:
            self.take_up(self.up.popleft())

    def take_up(self, data: Packed) -> None:
        for op in self.up_decoder.feed(data):
            if isinstance(op, Seen) and self.unseen == op.epoch:
                self.unseen = None
            elif self.end is not None and self.unseen is None:
                self.world.kernel.primary.receive(self.end, op)

    def deliver_down(self) -> None:
        if self.down:
            self.take_down(self.down.popleft())
            if len(self.down) < self.world.link_room and self.end is not None:
                self.world.kernel.primary.drained(self.end)
            self.world.pump()

    def take_down(self, data: Packed) -> None:
        for op in self.down_decoder.feed(data):
            self.world.replica.receive_link(op)

    def lose(self) -> None:
        """The next piece on its way down does not arrive; of a socket each does."""

    def interrupt(self) -> None:
        """All that is on its way is lost, and the connection taken up again; with a socket it is over."""

    def sign_of_life(self) -> None:
        """The replica's end says how much has come, where something may be lost."""


class Viewer:
    """A connection between a client and the replica; subclasses are the client."""

    def __init__(self, world: "World", room: int) -> None:
        self.world = world
        self.room = room
        """Frames that may be in flight to the client."""
        self.shown: dict[str, Any] = {}
        self.calls: dict[str, int] = {}
        """Calls without an answer: the number of each by its id."""
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()
        self.channel: Channel | None = None
        self.said: list[int] = []
        """What the server has published, as far as it came."""
        self.failed = 0
        """Calls that were answered with an error."""

    def connect(self) -> None:
        if self.channel is None:
            self.up.clear()
            self.down.clear()
            self.channel = self.world.replica.connect()
            self.hello()

    def cut(self) -> None:
        if self.channel is not None:
            channel, self.channel = self.channel, None
            self.world.replica.disconnect(channel, self.world.now)
            self.lost()
            self.world.pump()

    def reload(self) -> None:
        """The page is loaded again: somebody new, who knows nothing."""
        self.leave()
        self.shown = {}
        self.connect()

    def replace(self) -> None:
        """The page is gone without a word, and there is a new one."""
        self.vanish()
        self.shown = {}
        self.connect()

    def vanish(self) -> None:
        """Gone without a word."""
        self.cut()

    def leave(self) -> None:
        """Gone for good."""
        self.cut()

    def deliver_up(self) -> None:
        if self.channel is not None and self.up:
            self.world.replica.receive(self.channel, self.up.popleft())
            self.world.pump()

    def deliver_down(self) -> None:
        if self.channel is not None and self.down:
            self.receive(self.down.popleft())
            self.pump()

    def pump(self) -> None:
        """Frames leave the replica only while the client's queue has room."""
        channel = self.channel
        while channel is not None and channel.has_output and len(self.down) < self.room:
            self.down.extend(self.world.replica.frames(channel, 1))  # type: ignore[arg-type]
        if channel is not None and channel.closing is not None:
            self.cut()

    @property
    def own(self) -> set[str]:
        """Keys with a write of its own on its way."""
        return set()

    def hello(self) -> None: ...
    def lost(self) -> None: ...
    def receive(self, frame: bytes) -> None: ...
    def write(self, key: str, value: Any) -> None: ...
    def call(self) -> None: ...


class Native(Viewer):
    """A client of ours."""

    def __init__(self, world: "World", room: int) -> None:
        super().__init__(world, room)
        self.session = ClientSession(secret="s")

    def hello(self) -> None:
        self.session.connected()
        self.flush()

    def lost(self) -> None:
        self.session.disconnected()

    def leave(self) -> None:
        """All that was sent arrives, and the goodbye behind it, unless a large message is still being read."""
        self.session.leave()
        self.flush()
        while self.channel is not None and self.up:
            self.deliver_up()
        self.vanish()

    def vanish(self) -> None:
        self.cut()
        self.session = ClientSession(secret="s")
        self.calls.clear()

    @property
    def own(self) -> set[str]:
        return set(self.session.pending)

    def flush(self) -> None:
        output = self.session.take_output()
        if self.channel is not None:
            self.up.extend(output)

    def receive(self, frame: bytes) -> None:
        for event in self.session.receive(frame):
            if isinstance(event, StateChanged):
                self.shown.update(event.changes)
            if isinstance(event, Published):
                self.said.append(event.data)
            if isinstance(event, Replied):
                self.failed += event.error is not None
                self.answered(self.calls.pop(event.id), event.error)
        self.flush()

    def answered(self, call: int, error: dict[str, Any] | None) -> None:
        """What is said of a call is true: it was made once, or may have been, or was not."""
        made = self.world.made.count(call)
        if error is None:
            assert made == 1
        else:
            assert made <= ("may have run" in error["message"]), error

    def write(self, key: str, value: Any) -> None:
        self.shown[key] = value
        self.session.write({key: value})
        self.flush()

    def call(self) -> None:
        call = len(self.world.authors)
        self.world.authors[call] = self
        number = self.session.number
        request_id = self.session.call("check", [self.session.client_id, self.session.epoch, number, call])
        self.calls[request_id] = call
        self.flush()


class Stock(Viewer):
    """A stock client: last arrival wins, one update in flight, starts over on reconnect."""

    def __init__(self, world: "World", room: int) -> None:
        super().__init__(world, room)
        self.ids = 0
        self.waiting: dict[str, str] = {}
        self.dirty: set[str] = set()
        self.ready = False

    def request(self, request_id: str, method: str, *args: Any) -> None:
        self.waiting[request_id] = method
        envelope = {"wslink": "1.0", "id": request_id, "method": method, "args": args, "kwargs": {}}
        self.ids += 1
        self.up.extend(split([pack(envelope)], self.ids, 1 << 20))

    @property
    def own(self) -> set[str]:
        return self.dirty | self.flying

    def hello(self) -> None:
        self.assembler = Assembler(1 << 20, 4)
        self.flying: set[str] = set()
        self.waiting.clear()
        self.dirty.clear()
        self.ready = False
        self.request("system:c0:0", "wslink.hello", {"secret": "s"})

    def receive(self, frame: bytes) -> None:
        payload = self.assembler.feed(frame)
        assert payload is not None
        envelope = unpack(payload)
        assert envelope.get("error", {}).get("code") in {None, BusyError.code}, envelope
        if envelope["id"].startswith("publish:"):
            if envelope["id"] == "publish:trame.state.topic:0":
                self.shown.update(envelope["result"])
            return
        method = self.waiting.pop(envelope["id"])
        if method == "wslink.hello":
            self.request(f"rpc:x:{self.ids}", "trame.state.get")
        elif method == "trame.state.get":
            self.shown = dict(envelope["result"]["state"])
            self.ready = True
        self.flush()

    def flush(self) -> None:
        if self.ready and self.dirty and not self.waiting:
            entries = [{"key": key, "value": self.shown[key]} for key in sorted(self.dirty)]
            self.dirty, self.flying = set(), self.dirty
            self.request(f"rpc:x:{self.ids}", "trame.state.update", entries)

    def write(self, key: str, value: Any) -> None:
        if self.ready:
            self.shown[key] = value
            self.dirty.add(key)
            self.flush()

    def call(self) -> None:
        if self.ready:
            self.request(f"rpc:x:{self.ids}", "check", None, None, 0, -1)


class World:
    """Everything together; `drain` lets the network come to rest."""

    def __init__(
        self,
        *,
        room: int = 100,
        link_room: int = 100,
        limits: Limits | None = None,
        make_link: Callable[["World"], SimLink] = SimLink,
    ) -> None:
        self.now = 0.0
        self.make_link = make_link
        self.link_room = link_room
        self.limits = limits or Limits()
        self.authors: dict[int, Viewer] = {}
        """Whose call it is, by its number."""
        self.made: list[int] = []
        self.kernel = Kernel("e1", self.limits, self.made)
        self._tokens = iter(range(1_000_000))
        self.replica = self._new_replica()
        self.said = 0
        """How many numbers the server has published."""
        self.dead: list[LinkEnd] = []
        """Ends of links that are gone."""
        self.link: SimLink | None = None
        self.viewers: list[Viewer] = [Native(self, room), Native(self, room), Stock(self, room)]
        self.join()
        for viewer in self.viewers:
            viewer.connect()

    def join(self) -> None:
        if self.link is None:
            self.link = self.make_link(self)

    def cut_link(self) -> None:
        if self.link is not None:
            link, self.link = self.link, None
            self._detach(link)
            self.replica.link_lost("cut")
            self.pump()

    def _new_replica(self) -> Replica:
        return Replica(
            limits=self.limits,
            new_token=lambda: f"t{next(self._tokens)}",
            new_client_id=lambda: f"c{next(self._tokens)}",
        )

    def _detach(self, link: SimLink) -> None:
        if link.end is not None:
            self.kernel.primary.detach(link.end)
            self.dead.append(link.end)
            link.end = None

    def die(self) -> None:
        """The replica is gone with all its connections, and another one joins."""
        link, self.link = self.link, None
        if link is not None:
            self._detach(link)
        self.replica = self._new_replica()
        for viewer in self.viewers:
            if viewer.channel is not None:
                viewer.channel = None
                viewer.lost()
        self.join()

    def restart(self) -> None:
        """A new server in the place of the old one, behind another link."""
        self.cut_link()
        self._next_kernel()
        self.join()

    def vacate(self, *, told: bool = True) -> None:
        """The cell is run again, and takes its time."""
        link = self.link
        if link is not None and link.end is not None:
            self._detach(link)
            if told:
                link.send(Vacant("the server is being started"))

    def start(self) -> None:
        """That cell has started its server."""
        link = self.link
        if link is not None and link.end is None:
            self._next_kernel()
            link.unseen = self.kernel.primary.epoch
            link.end = self.kernel.primary.attach(link, remote=True)

    def rerun(self) -> None:
        """A cell that is run again starts its server at once."""
        self.vacate(told=False)
        self.start()

    def _next_kernel(self) -> None:
        epoch = int(self.kernel.primary.epoch[1:]) + 1
        self.kernel = Kernel(f"e{epoch}", self.limits, self.made)

    def pump(self) -> None:
        while self.replica.take_ready():
            for viewer in self.viewers:
                viewer.pump()

    def write(self, index: int, key: str, value: Any) -> None:
        self.viewers[index].write(key, value)

    def call(self, index: int) -> None:
        self.viewers[index].call()

    def set(self, key: str, value: Any) -> None:
        self.kernel.state[key] = value
        self.kernel.state.flush()

    def say(self) -> None:
        """The server publishes a number."""
        self.kernel.primary.messages.publish("said", self.said)
        self.said += 1

    def client_up(self, index: int) -> None:
        self.viewers[index].deliver_up()

    def client_down(self, index: int) -> None:
        self.viewers[index].deliver_down()

    def reload(self, index: int) -> None:
        self.viewers[index].reload()

    def replace(self, index: int) -> None:
        self.viewers[index].replace()

    def cut(self, index: int) -> None:
        self.viewers[index].cut()

    def connect(self, index: int) -> None:
        self.viewers[index].connect()

    def owner(self) -> None:
        self.kernel.step()

    def link_up(self) -> None:
        if self.link is not None:
            self.link.deliver_up()

    def link_down(self) -> None:
        if self.link is not None:
            self.link.deliver_down()

    def lose(self) -> None:
        if self.link is not None:
            self.link.lose()

    def interrupt(self) -> None:
        if self.link is not None:
            self.link.interrupt()

    def read_on(self) -> None:
        """One step in a large request."""
        if self.replica.readings:
            self.replica.read_on(next(iter(self.replica.readings)))
            self.pump()

    def through(self, index: int) -> None:
        """One frame of a client goes all the way to the server, and its effects come back to the replica."""
        self.viewers[index].deliver_up()
        while self.replica.readings:
            self.read_on()
        link = self.link
        if link is not None:
            while link.up:
                link.deliver_up()
            while self.kernel.inbox:
                self.kernel.step()
            while link.down:
                link.deliver_down()

    @property
    def idle(self) -> bool:
        assert self.link is not None
        queues = [self.kernel.inbox, self.link.up, self.link.down]
        for viewer in self.viewers:
            queues += [viewer.up, viewer.down]
        return not any(queues) and not self.replica.readings

    def drain(self) -> None:
        for _ in range(100):
            self.join()
            self.start()
            for viewer in self.viewers:
                viewer.connect()
            assert self.link is not None
            for _ in range(2):  # what left before the first one is overdue at the second
                self.link.sign_of_life()
            for _ in range(10_000):
                if self.idle:
                    break
                assert self.link is not None
                self.link.deliver_up()
                self.kernel.step()
                self.link.deliver_down()
                self.read_on()
                for viewer in self.viewers:
                    viewer.deliver_up()
                    viewer.deliver_down()
            if self.idle and all(viewer.channel is not None for viewer in self.viewers):
                self.check_rest()
                return
        raise AssertionError("the network does not come to rest")

    def check_views(self) -> None:
        """The network comes to rest, the server does not: all views without an own value show the same one."""
        for _ in range(1000):
            for viewer in self.viewers:
                viewer.connect()
                viewer.deliver_up()
                viewer.deliver_down()
            self.read_on()
        for key in "abc":
            shown = [viewer.shown[key] for viewer in self.viewers if key not in viewer.own]
            assert all(value == shown[0] for value in shown), (key, shown)

    def check_rest(self) -> None:
        """Everybody shows what the server holds, and nobody waits for anything."""
        for end in self.dead:
            self.kernel.primary.abandon(end)  # the grace time is over
        truth = dict(self.kernel.state.to_dict())
        for viewer in self.viewers:
            assert {key: viewer.shown[key] for key in truth} == truth
            assert not viewer.calls
        sessions = list(self.replica.sessions)
        assert {session.client_id for session in sessions} == set(self.kernel.primary.clients)
        assert not any(session.provisional for session in sessions)
        assert not self.replica.waits
