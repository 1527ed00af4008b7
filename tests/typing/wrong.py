"""Mistakes that ``mypy --strict`` has to find; each line names the kind of its error."""

# ruff: noqa: F401, I001 - the import is one of the mistakes

from dataclasses import dataclass
from typing import Any

from jupyter_trame import Client, Server, TypedState, asynchronous, get_server, hot_reload
from jupyter_trame import Sever  # E: attr-defined


@dataclass
class Camera:
    zoom: float = 1.0


server = get_server()
server.client_type = "vue4"  # E: assignment
server.start(exec_mode="nobody")  # E: arg-type
get_server("x", create_if_missing=False).start()  # E: union-attr
Server(name=5)  # E: arg-type


@server.state.change("x")
def on_x(x: int, **_: Any) -> int:
    return x


on_x("text")  # E: arg-type


@server.trigger("add")
def add(a: int) -> int:
    return a


add("text")  # E: arg-type


@hot_reload
def half(x: int) -> float:
    return x / 2


half("text")  # E: arg-type


@asynchronous.task
async def work(times: int) -> None: ...


work("text")  # E: arg-type
server.state.change(5)  # E: arg-type

camera = TypedState(server.state, Camera)
camera.data.zoom = "near"  # E: assignment
camera.data.zom = 1.0  # E: attr-defined
camera.set_dataclass(5)  # E: arg-type


async def headless() -> None:
    await Client(5).connect()  # E: arg-type
    await Client("ws://h/ws").call_trigger(5)  # E: arg-type
