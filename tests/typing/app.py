"""An app that uses everything public, as a user with ``mypy --strict`` writes it. It is checked, never run."""

import asyncio
import queue
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, assert_type

from jupyter_trame import (
    Client,
    ClientType,
    ConnectionStatus,
    Controller,
    Server,
    State,
    StateQueue,
    TrameError,
    Translator,
    TypedState,
    __version__,
    asynchronous,
    create_state_queue_monitor_task,
    get_client,
    get_server,
    hot_reload,
)
from jupyter_trame.errors import RemoteError
from jupyter_trame.server import ErrorReport
from jupyter_trame.typed_state import DefaultEncoderDecoder


class Mode(Enum):
    ORBIT = "orbit"
    PAN = "pan"


@dataclass
class Camera:
    zoom: float = 1.0
    mode: Mode = Mode.ORBIT


@dataclass
class Scene:
    camera: Camera = field(default_factory=Camera)
    names: list[str] = field(default_factory=list)


server = get_server("app", client_type="vue3")
assert_type(server, Server)
assert_type(get_server(server), Server)
assert_type(get_server("maybe", create_if_missing=False), Server | None)
state: State = server.state
ctrl: Controller = server.controller
kind: ClientType = server.client_type
version: str = __version__

state.count = 1
state["other"] = [1, 2, 3]
state.update({"a": 1}, b=2)
default = state.setdefault("count", 5)
has: bool = "count" in state and state.has("other")
pushed: set[str] | None = state.flush()


@state.change("count")
def on_count(count: int, **_: Any) -> int:
    return count + 1


@server.change("count", "other")
async def on_many(count: int, other: list[int], **_: Any) -> None:
    await asyncio.sleep(count)
    with state:
        state.sum = sum(other)


@state.change("count", concurrent=True, latest=True)
def on_count_elsewhere(**_: Any) -> None: ...


@ctrl.trigger("reset")
def reset(to: int = 0) -> int:
    state.count = to
    return to


@server.trigger("later")
async def later(text: str) -> str:
    return text.upper()


@ctrl.trigger("slow", concurrent=True)
def slow() -> bytes:
    return b""


@ctrl.add("on_server_ready")
def ready(**_: Any) -> None: ...


@ctrl.add_task("on_client_connected")
async def greet() -> None: ...


@ctrl.set("render")
def render(frame: int) -> bool:
    return frame > 0


@ctrl.once("on_client_exited")
def left() -> None: ...


@hot_reload
def reloaded(x: int) -> float:
    return x / 2


@asynchronous.task
async def background(times: int) -> None:
    await asyncio.sleep(times)


# Decorators leave a function what it is.
assert_type(on_count(count=1), int)
assert_type(reset(to=3), int)
assert_type(slow(), bytes)
assert_type(render(1), bool)
assert_type(reloaded(1), float)
assert_type(background(times=3), None)


async def uses_coroutines() -> None:
    assert_type(await later("x"), str)
    task = asynchronous.create_task(later(text="x"))
    assert_type(task, asyncio.Task[str])


ctrl.update = reset
anything: Any = ctrl.update(5)
name: str = server.trigger_name(reset)

scene = TypedState(state, Scene, namespace="main", encoders=[DefaultEncoderDecoder()])
assert_type(scene, TypedState[Scene])
assert_type(scene.data.camera.mode, Mode)
assert_type(scene.get_dataclass(), Scene)
assert_type(scene.get_sub_state(scene.name.camera), TypedState[Camera])
scene.data.camera.zoom = 2.5
scene.data.camera = Camera(mode=Mode.PAN)
scene.set_dataclass(Scene())


def on_zoom(zoom: float) -> None: ...


async def on_camera(camera: Camera, names: list[str]) -> None: ...


scene.bind_changes({scene.name.camera.zoom: on_zoom, (scene.name.camera, scene.name.names): on_camera})
with scene.suppress_change_listeners():
    scene.data.names = ["a"]

child = server.create_child_server(prefix="left_")
other_child = server.create_child_server(translator=Translator("right_"))
reports: list[ErrorReport] = list(server.errors)

messages: queue.Queue[Any] = queue.Queue()
with StateQueue(messages) as shared:
    shared.progress = 5
    shared.update(progress=6)


async def headless(url: str) -> None:
    client = Client(url, config={"secret": "s"}, translator=Translator())

    @client.change("count")
    def on_change(count: int, **_: Any) -> int:
        return count

    assert_type(on_change(1), int)
    life = asyncio.create_task(client.connect(reconnect=True))
    await client.until_connected()
    status: ConnectionStatus = client.connected
    with client.state:
        client.state.count = 3
    try:
        result = await client.call_trigger("reset", [1], {"to": 2})
    except RemoteError as error:
        result = error.error["message"]
    except (TrameError, ConnectionError):
        result = status
    unsubscribe = client.subscribe("topic", print)
    unsubscribe()
    await client.disconnect()
    await life
    async with Client.to(server) as inside:
        assert_type(inside, Client)
        assert_type(inside.state, State)
    assert_type(get_client(url, secret="s"), Client)
    print(result)


async def within_a_loop() -> None:
    monitor = create_state_queue_monitor_task(server, messages, delay=0.5)
    assert_type(monitor, asyncio.Task[None])
    life = server.start(exec_mode="task", port=0)
    await server.ready
    if life is not None:
        await life
    await server.stop()


async def as_coroutine() -> None:
    life = server.start(exec_mode="coroutine")
    if life is not None:
        await life


if __name__ == "__main__":
    server.start(port=8080, open_browser=False, timeout=0)
