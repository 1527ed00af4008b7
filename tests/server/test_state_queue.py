"""Writers that cannot reach the server; trame's queue is the oracle for what is sent."""

import asyncio
import contextlib
import logging
import multiprocessing
import queue
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trame_server.utils.asynchronous import StateQueue as PeerQueue

from jupyter_trame.core import State
from jupyter_trame.server.state_queue import QUEUE_EXIT, StateQueue, create_state_queue_monitor_task

STEPS = st.lists(
    st.sampled_from(["set", "item", "update", "flush", "exit", "enter", "leave", "read"]), max_size=12
)


def run(kind: type[Any], auto_flush: bool, steps: list[str]) -> list[Any]:
    """What the steps put into the queue and read from the state."""
    sent: queue.Queue[Any] = queue.Queue()
    state = kind(sent, auto_flush)
    read: list[Any] = []
    stack: list[contextlib.ExitStack] = []
    for number, step in enumerate(steps):
        match step:
            case "set":
                state.x = number
            case "item":
                state["y"] = number
            case "update":
                state.update({"x": number, "z": number})
            case "flush":
                state.flush()
            case "exit":
                state.exit()
            case "enter":
                stack.append(contextlib.ExitStack())
                stack[-1].enter_context(state)
            case "leave" if stack:
                stack.pop().close()
            case _:
                read += [state.x, state["y"], state.nobody]
    while stack:
        stack.pop().close()
    return [list(sent.queue), read, state.queue is sent]


@given(st.booleans(), STEPS)
def test_the_same_messages_as_trame(auto_flush: bool, steps: list[str]) -> None:
    assert run(StateQueue, auto_flush, steps) == run(PeerQueue, auto_flush, steps)


def test_more_than_trame() -> None:
    sent: queue.Queue[Any] = queue.Queue()
    state = StateQueue(sent)
    state.update(a=1)
    assert sent.get_nowait() == {"a": 1}
    state._private = 5
    assert sent.empty()
    assert state._other is None
    assert not hasattr(state, "__len__")


class Server:
    def __init__(self) -> None:
        self.pushed: list[dict[str, Any]] = []
        self.state = State(commit_fn=lambda changes: self.pushed.append(dict(changes)), ready=True)


def work(messages: Any) -> None:
    with StateQueue(messages) as state:
        for number in range(3):
            state.progress = number


async def from_a_thread(server: Server) -> None:
    messages: queue.Queue[Any] = queue.Queue()
    task = create_state_queue_monitor_task(server, messages)
    await asyncio.to_thread(work, messages)
    await task


async def from_a_process(server: Server) -> None:
    context = multiprocessing.get_context("spawn")
    messages = context.Queue()
    task = create_state_queue_monitor_task(server, messages)
    process = context.Process(target=work, args=(messages,))
    process.start()
    await task
    process.join()
    messages.close()
    messages.join_thread()


@pytest.mark.parametrize("write", [from_a_thread, from_a_process])
def test_every_change_arrives_as_a_push_of_its_own(write: Callable[[Server], Awaitable[None]]) -> None:
    server = Server()
    asyncio.run(asyncio.wait_for(write(server), 60))
    assert server.pushed == [{"progress": 0}, {"progress": 1}, {"progress": 2}]


def test_the_end_of_the_queue_ends_the_task(caplog: pytest.LogCaptureFixture) -> None:
    class Gone(queue.Queue[Any]):
        def get(self, *_: Any) -> Any:
            raise EOFError("the manager died")

    async def main() -> None:
        async with asyncio.timeout(5):
            await create_state_queue_monitor_task(Server(), Gone())

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "the manager died" in caplog.text


def test_waits_as_long_as_nothing_comes_and_can_be_cancelled() -> None:
    server = Server()

    async def main() -> None:
        messages: queue.Queue[Any] = queue.Queue()
        task = create_state_queue_monitor_task(server, messages, delay=0.001)
        messages.put("what")
        messages.put(5)
        messages.put({"x": 1})
        async with asyncio.timeout(5):
            while not server.pushed:  # noqa: ASYNC110 - a state has no event to wait for
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(main())
    assert server.state.x == 1
    assert QUEUE_EXIT == "STOP"


def test_a_state_queue_is_no_sequence() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        list(StateQueue(queue.Queue()))  # type: ignore[call-overload]
