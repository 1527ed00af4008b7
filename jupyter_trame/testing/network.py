"""The network between a server and the clients of a test: frames take as long as the test says, in time of its own.

That time stands still until `Network.step` or `Network.advance` moves it, so a delay costs nothing and the order of
arrivals is the same in every run.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable

from jupyter_trame.transports.memory import MemoryTransport
from jupyter_trame.types import Packed
from jupyter_trame.web.site import Site

__all__ = ["Network", "Route", "RouteEnd", "Wire"]

_TURNS = 10
"""Turns of the loop without a frame after which the network counts as quiet."""


class Network:
    """Arrivals in their order. On the thread of the loop that owns the server."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = 0.0
        """Seconds."""
        self.loop = loop
        self.moves = 0
        """Frames that were sent or have arrived so far; while it stays the same nothing happens."""
        self._arrivals: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def schedule(self, due: float, arrive: Callable[[], None]) -> None:
        """Call `arrive` when the time is `due`; what is due already comes in a turn of the loop of its own."""
        self.moves += 1
        if due <= self.now:
            self.loop.call_soon(self._arrive, arrive)
        else:
            heapq.heappush(self._arrivals, (due, next(self._order), arrive))

    def step(self) -> bool:
        """Go on to the next arrival; False when nothing is on its way."""
        if not self._arrivals:
            return False
        due, _, arrive = heapq.heappop(self._arrivals)
        self.now = max(self.now, due)
        self._arrive(arrive)
        return True

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass: what is due arrives in its order, and so do the answers that are due then."""
        end = self.now + seconds
        await self.quiet()
        while self._arrivals and self._arrivals[0][0] <= end:
            self.step()
            await self.quiet()
        self.now = end

    async def quiet(self) -> None:
        """Return when the loop has turned a while and no frame was sent or has arrived."""
        calm = 0
        while calm < _TURNS:
            before = self.moves
            await asyncio.sleep(0)
            calm = calm + 1 if self.moves == before else 0

    def _arrive(self, arrive: Callable[[], None]) -> None:
        self.moves += 1
        arrive()


class Wire(MemoryTransport):
    """One connection of a client to the site of a running server; a `jupyter_trame.client.connections.Connection`."""

    def __init__(self, network: Network, site: Site, delay: float) -> None:
        self._received: asyncio.Queue[Packed | None] = asyncio.Queue()
        super().__init__(network.loop, on_frame=self._received.put_nowait, on_closed=self._ended)
        self.delay = delay
        """Seconds that a frame takes from now on; it does not overtake earlier ones."""
        self.ending: tuple[int | None, str] = (None, "")
        """Close code and reason of the server, once the connection has ended."""
        self._network = network
        self._site = site
        self._last = 0.0
        self.port = site.connected(self, {"type": "test"})

    async def receive(self) -> Packed | None:
        """The next frame; None when the connection has ended."""
        return await self._received.get()

    def leave(self) -> None:
        """The client ends the connection, behind all that it sent."""
        while self.up:
            self.deliver_up()
        self.break_off()

    def break_off(self) -> None:
        """The connection is gone, and so is what was in flight."""
        if self.port is not None:
            self._site.disconnected(self.port)
        self.cut()
        self._received.put_nowait(None)

    def _ended(self, code: int, reason: str) -> None:
        self.ending = code, reason
        if self.port is not None:
            self._site.disconnected(self.port)
        self._received.put_nowait(None)

    def _later(self, arrive: Callable[[], None]) -> None:
        self._last = max(self._last, self._network.now + self.delay)
        self._network.schedule(self._last, arrive)


class Route:
    """The way of one client to the server, over one connection after the other."""

    def __init__(self, network: Network, find_site: Callable[[], Site]) -> None:
        """`find_site` gives the present life of the server, or raises ConnectionError."""
        self.stalled = False
        self._network = network
        self._find_site = find_site
        self._delay = 0.0
        self._wire: Wire | None = None
        self._met = False
        self._open = asyncio.Event()
        self._open.set()

    @property
    def passable(self) -> bool:
        """Whether frames of both directions arrive."""
        return self._open.is_set() and not self.stalled

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._wire is not None

    @property
    def in_flight(self) -> int:
        """Frames that were sent and have not arrived."""
        wire = self._wire
        return 0 if wire is None else len(wire.up) + len(wire.down)

    @property
    def delay(self) -> float:
        """Seconds that a frame takes in either direction."""
        return self._delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._delay = seconds
        if self._wire is not None:
            self._wire.delay = seconds

    async def open(self) -> "RouteEnd":
        """A new connection, as soon as the route is not cut.

        Raises ConnectionError where the first one finds no server; later ones wait for `resume` then.
        """
        await self._open.wait()
        while (site := self._look_for_site()) is None:
            self._open.clear()
            await self._open.wait()
        self._met = True
        wire = self._wire = Wire(self._network, site, self._delay)
        if self.stalled:
            wire.hold(up=False)
        return RouteEnd(self, wire)

    def begin(self) -> None:
        """The next connection is the first one, and nothing is cut."""
        self._met = False
        self._open.set()

    def cut(self) -> None:
        """Break the connection; there is no new one until `resume`."""
        self._open.clear()
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.break_off()

    def stall(self) -> None:
        """Let no frame arrive at the client until `resume`; its own still leave."""
        self.stalled = True
        if self._wire is not None:
            self._wire.hold(up=False)

    def resume(self) -> None:
        """Let connections and frames through again."""
        stalled, self.stalled = self.stalled, False
        if stalled and self._wire is not None:
            self._wire.release()
        self._open.set()

    def over(self, wire: Wire, *, left: bool) -> None:
        """`wire` has ended. Unless the client `left`, the server is not called again before `resume`."""
        if self._wire is wire:
            self._wire = None
            if not left:
                self._open.clear()

    def _look_for_site(self) -> Site | None:
        try:
            return self._find_site()
        except ConnectionError:
            if not self._met:
                raise
            return None


class RouteEnd:
    """The client's end of a connection."""

    def __init__(self, route: Route, wire: Wire) -> None:
        self._route = route
        self._wire = wire

    def send(self, frame: Packed) -> None:
        """Send one frame; after the end it is dropped."""
        self._wire.send_up(frame)

    async def receive(self) -> Packed | None:
        """The next frame; None when the connection has ended."""
        frame = await self._wire.receive()
        if frame is None:
            self._route.over(self._wire, left=False)
        return frame

    @property
    def ending(self) -> tuple[int | None, str]:
        """Close code and reason of the server, once the connection has ended."""
        return self._wire.ending

    def close(self, code: int = 1000) -> None:  # noqa: ARG002 - no code means anything to the server
        """End the connection, behind the frames that were sent. More than once is harmless."""
        self._route.over(self._wire, left=True)
        self._wire.leave()
