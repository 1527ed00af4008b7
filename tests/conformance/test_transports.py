"""One contract for every transport of clients: the same server, replica and viewers over each of them."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from jupyter_trame.protocol import Limits
from jupyter_trame.protocol.chunking import HEADER, split
from jupyter_trame.protocol.client_events import Refused, Replied
from jupyter_trame.types import ClientId
from tests.conformance.live import MEGABYTE, WIRES, Live, SocketWire
from tests.transports.support import masked, until, upgraded

pytestmark = pytest.mark.asyncio

every_wire = pytest.mark.parametrize("live", WIRES, indirect=True)
wires_that_stall = pytest.mark.parametrize(
    "live", [n for n, wire in WIRES.items() if wire.stalls], indirect=True
)


@pytest_asyncio.fixture
async def live(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Live]:
    WIRES[request.param].prepare(monkeypatch)
    live = Live(Limits(message=64 * MEGABYTE, grace=60), WIRES[request.param])
    live.set(x=1, y=1)
    yield live
    await live.close()


sockets = pytest.mark.parametrize("live", ["websocket", "websocket_plain", "aiohttp"], indirect=True)


@every_wire
async def test_hello_brings_the_state(live: Live) -> None:
    viewer, _ = await live.ready()
    assert viewer.started == [False]
    assert viewer.shown == {"x": 1, "y": 1}
    assert len(live.pump) == 1


@every_wire
async def test_a_wrong_secret_is_refused_and_can_be_tried_again(live: Live) -> None:
    viewer, wire = live.viewer("wrong")
    await wire.open()
    await viewer.until(lambda: viewer.events)
    assert isinstance(viewer.events[0], Refused)
    viewer.session.secret = "s"
    viewer.session.connected()
    wire.flush()
    await viewer.until(lambda: viewer.started)


@every_wire
async def test_a_write_is_committed_and_shown_to_all(live: Live) -> None:
    (author, wire), (other, _) = await live.ready(), await live.ready()
    for value in range(2, 50):
        author.session.write({"x": value})
        wire.flush()
    await author.until(lambda: not author.session.pending)
    assert live.state.x == 49
    await other.until(lambda: other.shown["x"] == 49)
    assert author.shown["x"] == 1, "its own value does not come back as a change"


@every_wire
async def test_calls_are_answered_in_order(live: Live) -> None:
    viewer, wire = await live.ready()
    calls = [viewer.session.call("echo", [number]) for number in range(50)]
    wire.flush()
    await viewer.until(lambda: len(viewer.events) >= 52)
    replies = [event for event in viewer.events if isinstance(event, Replied)]
    assert replies == [Replied(call, [number], None) for number, call in enumerate(calls)]


@every_wire
async def test_publications_arrive_in_the_order_they_were_made(live: Live) -> None:
    viewers = [(await live.ready())[0] for _ in range(2)]
    for number in range(300):
        live.primary.messages.publish("t", number)
        live.set(x=number)
    for viewer in viewers:
        await viewer.until(lambda: len(viewer.published) == 300)  # noqa: B023 - waited for in this round
        assert viewer.published == list(range(300))
        await viewer.until(lambda: viewer.shown["x"] == 299)  # noqa: B023


@every_wire
async def test_large_values_both_ways(live: Live) -> None:
    (author, wire), (other, _) = await live.ready(), await live.ready()
    down, up = bytes(range(256)) * 40_000, bytes(reversed(range(256))) * 40_000
    live.set(x=down)
    for viewer in (author, other):
        await viewer.until(lambda: viewer.shown["x"] == down)  # noqa: B023 - waited for in this round
    author.session.write({"x": up})
    wire.flush()
    await author.until(lambda: not author.session.pending)
    assert live.state.x == up
    await other.until(lambda: other.shown["x"] == up)


@wires_that_stall
async def test_a_stalled_reader_lags_alone(live: Live) -> None:
    (stalled, wire), (other, _) = await live.ready(), await live.ready()
    wire.stall(True)
    tracemalloc.start()
    try:
        for number in range(100):
            live.set(x=[number, bytes(MEGABYTE)])
            await other.until(lambda: other.shown["x"] != 1 and other.shown["x"][0] == number)  # noqa: B023
            other.events.clear()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 * MEGABYTE
    wire.stall(False)
    await stalled.until(lambda: stalled.shown["x"] != 1 and stalled.shown["x"][0] == 99)
    changes = [event for event in stalled.events if "x" in getattr(event, "changes", {})]
    assert len(changes) < 50, "what it could not read was left out"


@sockets
@pytest.mark.parametrize(("code", "resumed"), [(None, True), (1000, True), (1000, False)])
async def test_a_client_that_goes_in_the_middle_of_a_value(
    live: Live, code: int | None, resumed: bool
) -> None:
    (leaving, wire), (other, _) = await live.ready(), await live.ready()
    wire.stall(True)
    value = bytes(range(256)) * 80_000
    live.set(x=value)
    live.primary.messages.publish("t", 1)
    await other.until(lambda: other.shown["x"] == value and other.published)
    if not resumed:
        leaving.session.leave()
        wire.flush()
    wire.cut(code)
    wire.stall(False)
    live.set(y=2)
    await other.until(lambda: other.shown["y"] == 2)
    await wire.open()
    await leaving.until(lambda: leaving.shown == {"x": value, "y": 2} and len(leaving.published) == resumed)
    assert leaving.started == [False, resumed]


@wires_that_stall
async def test_a_stalled_reader_of_messages_is_closed(live: Live) -> None:
    (stalled, wire), (other, _) = await live.ready(), await live.ready()
    wire.stall(True)
    for number in range(40):
        live.primary.messages.publish("t", [number, bytes(MEGABYTE)])
        await other.until(lambda: other.published and other.published[-1][0] == number)  # noqa: B023
    wire.stall(False)
    await stalled.until(lambda: stalled.closed)
    assert stalled.closed == (1013, f"over {16 * MEGABYTE} bytes wait for this client: it is too slow")
    assert other.closed is None


@every_wire
async def test_a_cut_connection_is_resumed_with_what_changed(live: Live) -> None:
    viewer, wire = await live.ready()
    wire.cut()
    await asyncio.sleep(0)
    live.set(y=2)
    live.primary.messages.publish("t", "while away")
    viewer.session.write({"x": 5})
    call = viewer.session.call("echo", ["late"])
    viewer.events.clear()
    await wire.open()
    await viewer.until(lambda: not viewer.session.pending and viewer.published and viewer.shown["y"] == 2)
    await viewer.until(lambda: Replied(call, ["late"], None) in viewer.events)
    assert viewer.started == [True]
    assert viewer.published == ["while away"]
    assert live.state.x == 5
    changes = [event.changes for event in viewer.events if hasattr(event, "changes")]
    assert changes == [{"y": 2}]


@every_wire
async def test_nothing_is_lost_over_many_cuts(live: Live) -> None:
    viewer, wire = await live.ready()
    for number in range(30):
        live.primary.messages.publish("t", number)
        live.set(x=number)
        viewer.session.write({"y": number})
        call = viewer.session.call("echo", [number])
        wire.flush()
        for _ in range(number % 7):
            await asyncio.sleep(0)
        wire.cut()
        await wire.open()
        await viewer.until(lambda: Replied(call, [number], None) in viewer.events)  # noqa: B023
    await viewer.until(lambda: not viewer.session.pending and len(viewer.published) == 30)
    assert viewer.published == list(range(30))
    assert viewer.started[0] is False
    assert all(viewer.started[1:]), "every connection went on with the session"
    assert [event.args for event in live.calls] == [[number] for number in range(30)]
    await viewer.until(lambda: viewer.shown["x"] == 29)
    assert live.state.y == 29


@every_wire
async def test_a_goodbye_ends_the_session(live: Live) -> None:
    (viewer, wire), (other, _) = await live.ready(), await live.ready()
    viewer.session.leave()
    wire.flush()
    await viewer.until(lambda: viewer.closed)
    live.primary.messages.publish("t", 1)
    await other.until(lambda: other.published)
    while len(live.primary.clients) > 1:  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0)
    await wire.open()
    await viewer.until(lambda: len(viewer.started) == 2)
    assert viewer.started == [False, False]


@every_wire
@pytest.mark.parametrize("code", [1000, 1001, 1006])
async def test_the_end_of_a_connection_is_no_goodbye(live: Live, code: int) -> None:
    viewer, wire = await live.ready()
    call = viewer.session.call("m", [1])
    wire.flush()
    wire.cut(None if code == 1006 else code)
    await wire.open()
    await viewer.until(lambda: Replied(call, [1], None) in viewer.events)
    assert viewer.started == [False, True]
    assert len(live.calls) == 1


@every_wire
async def test_the_server_ends_a_connection(live: Live) -> None:
    viewer, _ = await live.ready()
    live.primary._audience.close_client(ClientId(viewer.session.client_id or ""), 1008, "é" * 100)
    await viewer.until(lambda: viewer.closed)
    assert viewer.closed == (1008, "é" * 61)


@every_wire
async def test_the_end_of_the_server(live: Live) -> None:
    viewer, _ = await live.ready()
    live.primary.stop()
    await viewer.until(lambda: getattr(viewer.events[-1], "state", "") == "stopped")
    live.pump.close()
    await viewer.until(lambda: viewer.closed)
    assert viewer.closed == (1001, "Server shutdown")
    assert (viewer.events[-1].state, viewer.events[-1].message) == ("stopped", "Server shutdown")


@every_wire
@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [
        (b"short", 1002, "a frame has a header of 12 bytes, this one has 5 bytes"),
        (split([b"\xc1\xc1"], 1, 100)[0], 1007, "not a request"),
        (HEADER.pack(9, 0, 65 * MEGABYTE) + b"x", 1009, f"over the limit of {64 * MEGABYTE} bytes"),
    ],
    ids=["frame", "message", "size"],
)
async def test_a_broken_frame_ends_its_connection_with_the_reason(
    live: Live, frame: bytes, code: int, reason: str
) -> None:
    (viewer, wire), (other, _) = await live.ready(), await live.ready()
    wire.send(frame)
    await viewer.until(lambda: viewer.closed)
    assert viewer.closed is not None
    assert viewer.closed[0] == code
    assert reason in viewer.closed[1]
    live.set(x=2)
    await other.until(lambda: other.shown["x"] == 2)
    await wire.open()
    await viewer.until(lambda: viewer.shown["x"] == 2)
    assert viewer.started == [False, True]


@every_wire
async def test_a_hundred_viewers(live: Live) -> None:
    viewers = [await live.ready() for _ in range(100)]
    live.set(x=2)
    for viewer, _ in viewers:
        await viewer.until(lambda: viewer.shown["x"] == 2)  # noqa: B023 - waited for in this round
    author, wire = viewers[0]
    author.session.write({"x": 3})
    wire.flush()
    for viewer, _ in viewers[1:]:
        await viewer.until(lambda: viewer.shown["x"] == 3)  # noqa: B023


async def upgrade(live: Live) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A socket whose frames the test makes itself."""
    _, wire = live.viewer()
    assert isinstance(wire, SocketWire)
    return await upgraded(await wire.port())


@sockets
@pytest.mark.parametrize("after", [b"\x83\x80" + bytes(4), b"\x82\x01x", b"\xff" * 40, bytes(100_000)])
async def test_a_violation_after_a_refusal_ends_the_connection(live: Live, after: bytes) -> None:
    """A chunk without a header is refused; what follows is dropped until the client hangs up."""
    reader, writer = await upgrade(live)
    writer.write(masked(b"short", bytes(4)))
    frame = await reader.readuntil(b"bytes")
    assert frame[:1] == b"\x88"
    assert frame[2:4] == (1002).to_bytes(2)
    for _ in range(3):
        writer.write(after)
        await writer.drain()
    assert live.serving
    writer.close()
    await until(lambda: not live.serving)


@sockets
async def test_a_frame_without_a_mask_is_refused(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    reader, writer = await upgrade(live)
    writer.write(b"\x82\x01x")
    frame = await reader.readuntil(b"no mask")
    assert (frame[:1], frame[2:4]) == (b"\x88", (1002).to_bytes(2))
    assert "masks its frames" in caplog.text
    writer.close()
    await until(lambda: not live.serving)
