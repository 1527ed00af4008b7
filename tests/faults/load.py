"""An app that counts what reaches it, and Python clients that write, call and upload all the time."""

import asyncio
import hashlib
import inspect
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import msgpack

from jupyter_trame.client import Client
from jupyter_trame.rpc.uploads import REFERENCE_TYPE

__all__ = ["APP", "STOP", "Tally", "Viewer", "Writer", "check", "digest", "loaded", "until"]

TIMEOUT = 60
PIECE = 1 << 19
TOPIC = "faults.tick"


def digest(value: Any) -> Any:
    """`value` as JSON has it, with sums in place of bytes, and without what stays at the server."""
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha1(value).hexdigest()
    if isinstance(value, dict):
        return {key: digest(item) for key, item in value.items() if key not in {"content", "_filter"}}
    return [digest(item) for item in value] if isinstance(value, list | tuple) else value


class Tally:
    """Numbers from 1 on that each came once, in whatever order; takes no more room the more there are."""

    def __init__(self) -> None:
        self.all_up_to = 0
        self.beyond: set[int] = set()
        self.again = 0
        """How many came more than once."""
        self.behind = 0
        """How many came after a larger one."""
        self.last = 0

    def add(self, number: int) -> None:
        self.behind += number <= self.last
        self.last = max(self.last, number)
        self.again += number <= self.all_up_to or number in self.beyond
        self.beyond.add(number)
        while self.all_up_to + 1 in self.beyond:
            self.all_up_to += 1
        self.beyond = {each for each in self.beyond if each > self.all_up_to}


APP = f"""
import asyncio, hashlib, json
from collections import Counter
from typing import Any
from jupyter_trame import Server

{inspect.getsource(digest)}

{inspect.getsource(Tally)}

server = Server("faults")
state, ctrl = server.state, server.controller
state.update({{"shared": 0, "ticks": 0}})
heard, calls, seen = Counter(), {{}}, {{}}
ctrl.on_client_connected.add(lambda: heard.update(["in"]))
ctrl.on_client_exited.add(lambda: heard.update(["out"]))

def follow(name):
    state.update({{name: 0, f"{{name}}_twice": 0, f"{{name}}_large": b""}})
    state.flush()
    if name not in calls:
        @state.change(name)
        def on_number(**values):
            if values[name]:  # it begins with 0
                seen[name].add(values[name])
            state[f"{{name}}_twice"] = 2 * values[name]
    calls[name], seen[name] = Tally(), Tally()

@ctrl.trigger("add")
def add(name, number):
    calls[name].add(number)
    return [name, number]

@ctrl.trigger("slow")
async def slow(name, number):
    calls[name].add(number)
    await asyncio.sleep(0.02 * (number % 20))
    return [name, number]

@ctrl.trigger("take")
def take(name, number, content):
    calls[name].add(number)
    return digest(content.read())

async def tick():
    while ticking:
        state.ticks += 1
        state.flush()
        server.protocol.publish({TOPIC!r}, state.ticks)
        await asyncio.sleep(tick_pause)

def whole():
    return {{key: digest(value) for key, value in state.to_dict().items() if not key.startswith("trame__")}}

ticking, tick_pause = True, 0.03
server.start()
ticker = asyncio.get_running_loop().create_task(tick())
"""
REPORT = """
counted = {name: [calls[name].all_up_to, calls[name].again, seen[name].last, seen[name].behind] for name in calls}
print(json.dumps([counted, heard, whole()]))
"""
STOP = "ticking = False\nawait ticker\n"


async def until(condition: Callable[[], object], what: str, seconds: float = TIMEOUT) -> None:
    """Wait for something that has no event of its own. Raises TimeoutError, which names it."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise TimeoutError(f"waited {seconds:.0f} s for {what}") from None


class Viewer:
    """A Python client that looks on, and comes back whenever its connection is lost."""

    def __init__(self, url: str) -> None:
        self.client = Client(url)
        self.ticks = Tally()
        """Publications; those before the first that came count as come."""
        self.sessions: set[str] = set()
        self._life: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect; returns when the state is there."""
        self.client.subscribe(TOPIC, self._tick)
        self._life = asyncio.create_task(self.client.connect(reconnect=True))
        await self.client.until_connected()

    async def stop(self) -> None:
        """Leave."""
        await self.client.disconnect()
        if self._life is not None:
            await self._life

    def state(self) -> dict[str, Any]:
        """What it shows."""
        shown = self.client.state.to_dict()
        return {key: digest(value) for key, value in shown.items() if not key.startswith("trame__")}

    async def call(self, method: str, *args: Any) -> Any:
        """The result of a call, which is made as soon as there is a connection."""
        while not self.client.connected:
            await self.client.until_connected()  # and it may be lost again before this goes on
        return await self.client.call(method, args)

    async def settled(self, *keys: str) -> None:
        """Wait until the server has what was written here, of all keys or of these."""
        exchange = self.client._exchange.session

        def waits() -> set[str]:
            return {*exchange.pending} & set(keys) if keys else {*exchange.pending}

        try:
            await until(lambda: self.client.connected and not waits(), "the settlement")
        except TimeoutError as error:
            known = f"{waits()} of {exchange.pending}, number {exchange.number}, {self.client.connected!r}"
            raise TimeoutError(f"{error}: {known}, {list(self.client.errors)}") from None

    def _tick(self, number: int) -> None:
        if not self.sessions:
            self.ticks.all_up_to = number - 1
        self.ticks.add(number)
        self.sessions.add(str(self.client._exchange.session.client_id))


class Writer(Viewer):
    """One that writes, calls and uploads, all at once."""

    def __init__(self, url: str, name: str, *, pause: float = 0.02, size: int = 1_500_000) -> None:
        """`pause`: seconds between two writes. `size`: bytes of a file; large values have half of it."""
        super().__init__(url)
        self.name = name
        self.written = 0
        self.calls = 0
        self.uploads = 0
        self._pause = pause
        self._size = size
        self._random = Random(name)

    def __str__(self) -> str:
        return f"{self.name}: {self.written} writes, {self.calls} calls, {self.uploads} uploads"

    async def work(self, stopped: Callable[[], object]) -> None:
        """Go on until `stopped`; every answer is the right one, or this raises."""
        kinds = self._write, self._call, self._call, self._upload, self._write_large
        async with asyncio.TaskGroup() as group:
            for kind in kinds:
                group.create_task(self._repeat(kind, stopped))

    async def _repeat(self, kind: Callable[[], Awaitable[None]], stopped: Callable[[], object]) -> None:
        while not stopped():
            await kind()

    async def _write(self) -> None:
        self.written += 1
        with self.client.state as state:
            state[self.name] = self.written
            state.shared = f"{self.name} {self.written}"
        await asyncio.sleep(self._pause * 2 * self._random.random())

    def _count(self) -> int:
        self.calls += 1
        return self.calls

    async def _call(self) -> None:
        number = self._count()
        answer = await self.call("trame.trigger", ("add", "slow")[number % 2], [self.name, number], {})
        assert answer == [self.name, number]
        await asyncio.sleep(self._pause)

    async def _upload(self) -> None:
        """As a page does: in pieces, then a call, or a value, that stands for them."""
        number, content = self._count(), self._random.randbytes(self._size)
        name = f"u{number}"
        await self.call("jupyter_trame.upload.open", name, len(content), "file")
        for start in range(0, len(content), PIECE):
            await self.call("jupyter_trame.upload.piece", name, start, content[start : start + PIECE])
        file = msgpack.ExtType(REFERENCE_TYPE, name.encode())
        answer = await self.call("trame.trigger", "take", [self.name, number, file], {})
        assert answer == digest(content), f"{answer!r:.200}, sessions {self.sessions}"
        self.uploads += 1
        await asyncio.sleep(10 * self._pause)

    async def _write_large(self) -> None:
        with self.client.state as state:
            state[f"{self.name}_large"] = self._random.randbytes(self._size // 2)
        await self.settled(f"{self.name}_large")
        await asyncio.sleep(10 * self._pause)


@asynccontextmanager
async def loaded(viewers: list[Viewer], stopped: Callable[[], object]) -> AsyncIterator[None]:
    """Viewers at work, those that work, until `stopped`, and then until the server has what they wrote.

    The block runs meanwhile; the viewers stay connected behind it.
    """
    work = [asyncio.create_task(each.work(stopped)) for each in viewers if isinstance(each, Writer)]
    try:
        yield
        await asyncio.gather(*work)
        for each in viewers:
            await each.settled()
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def check(viewers: list[Viewer], run: Callable[[str], str]) -> Counter[str]:
    """Stop the ticks; then everything arrived once, in order, and everybody sees the same.

    How many clients came, ``in``, and left, ``out``.
    """
    await asyncio.to_thread(run, STOP)
    counted, heard, state = json.loads(await asyncio.to_thread(run, REPORT))
    for each in viewers:
        await until(lambda each=each: each.state() == state, "the same state everywhere")
        ticks = each.ticks
        await until(lambda ticks=ticks: ticks.all_up_to == state["ticks"], "every publication")
        assert (ticks.again, ticks.behind) == (0, 0)
        assert len(each.sessions) == 1, "one session each"
        assert not each.client.errors, list(each.client.errors)
        if isinstance(each, Writer):
            assert counted[each.name] == [each.calls, 0, each.written, 0]
            assert state[f"{each.name}_twice"] == 2 * each.written
    return Counter(heard)
