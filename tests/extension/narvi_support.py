"""Services for tests of the Jupyter host: a module of classes, and what registers them without a notebook."""

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_trame.extension.narvi_services import NarviServices

MODULE = '''
import json, os, threading, time


class Echo:
    """Answers each message with what it was, and says which process that is."""

    def __init__(self, services, **parameters):
        self.services = services
        self.parameters = parameters
        self.closed = []
        services.add_message_listener(self.on_message)
        services.add_session_open_listener(self.on_open)
        services.add_session_close_listener(self.closed.append)
        services.add_app_close_listener(self.on_end)

    def on_open(self, app_name, session_id, query, headers):
        facts = {"app": app_name, "query": query, "headers": sorted(headers), "parameters": self.parameters}
        self.services.send(json.dumps(facts), for_session_id=session_id)

    def on_message(self, message, session_id):
        if message == "pid":
            message = str(os.getpid())
        elif message == "closed":
            message = json.dumps(self.closed)
        elif message == "die":
            os._exit(7)
        elif isinstance(message, str) and message.startswith("all:"):
            return self.services.send(message)
        elif isinstance(message, str) and message.startswith("others:"):
            return self.services.send(message, except_session_id=session_id)
        self.services.send(message, for_session_id=session_id)

    def on_end(self):
        if "end_file" in self.parameters:
            open(self.parameters["end_file"], "a").write("ended ")


class Web(Echo):
    """Answers requests."""

    def __init__(self, services, **parameters):
        super().__init__(services, **parameters)
        for method in ("GET", "POST", "PUT", "DELETE"):
            services.create_request_service("app", "items/$id/$$rest", self.answer(method), method)
        services.create_request_service("app", "slow", self.slow)
        services.create_request_service("app", "fail", self.fail)
        services.create_request_service("app", "die", lambda *_: os._exit(3))

    def answer(self, method):
        def handler(path, query, headers, body):
            facts = {"method": method, "path": path, "query": query, "headers": headers, "body": body.decode()}
            return 201, json.dumps(facts).encode(), "application/json", {"X-Own": "1", "Set-Cookie": "a=b"}
        return handler

    def slow(self, path, query, headers, body):
        time.sleep(30)

    def fail(self, path, query, headers, body):
        raise ValueError("no such thing")

    def on_open(self, app_name, session_id, query, headers):
        _, url = self.services.create_request_service(app_name, "mine", self.mine(session_id), session_id=session_id)
        self.services.send(url, for_session_id=session_id)

    def mine(self, session_id):
        return lambda *_: (200, session_id.encode(), "text/plain", {})


class Talker(Echo):
    """Says things to other services, and takes what they say."""

    def __init__(self, services, **parameters):
        super().__init__(services, **parameters)
        services.set_app2app_message_callback(self.hear)

    def on_open(self, *_):
        pass

    def on_message(self, message, session_id):
        found = self.services.send_to_app(*json.loads(message))
        self.services.send(json.dumps(found), for_session_id=session_id)

    def hear(self, workspace, service, service_id, data):
        self.services.send(json.dumps([workspace, service, service_id, data]))


class Measured(Echo):
    def __init__(self, services, **parameters):
        super().__init__(services, **parameters)
        services.set_metrics_callback(lambda: {"pid": os.getpid()}, {"pid": {"min": 0, "colour": "red"}})


class Failing:
    def __init__(self, services):
        raise ValueError("no data today")


class Deadly:
    def __init__(self, services):
        os._exit(3)


def trame_app(server, start=1):
    """An app of `jupyter_trame.apps`."""
    server.state.x = start
    server.state.pid = os.getpid()


class Endless:
    def __init__(self, services):
        threading.Event().wait()
'''


def service(name: str = "echo", cls: str = "Echo", **options: Any) -> dict[str, Any]:
    """An entry as a kernel sends it."""
    return {
        "workspace": "w",
        "app_service_name": name,
        "app_cls_name": f"narvi_test_services.{cls}",
        "app_parameters": {},
        "fixed_service_id": None,
        "is_shared_service": True,
        "idle_timeout": 3600,
        "validator": {},
        "settings": {},
        "persist": False,
        **options,
    }


def app(folder: Path, service_name: str = "echo", app_name: str = "app", **options: Any) -> dict[str, Any]:
    """The same of its app, whose page is in `folder`."""
    page = folder / "page.html"
    page.write_text("<!doctype html><title>The page</title><script src='narvi/narvi.js'></script>")
    return {
        "workspace": "w",
        "app_name": app_name,
        "service_name": service_name,
        "app_parameters": {"colour": "blue"},
        "roots": [["index.html", str(page)]],
        "chooser": None,
        "persist": False,
        **options,
    }


def register(narvi: NarviServices, *entries: tuple[str, dict[str, Any]], owner: str = "tester") -> None:
    """Register entries as a kernel called `owner` would."""
    narvi.begin()
    for kind, entry in entries:
        narvi._put(owner, kind, entry)


async def greeting(ws: Any) -> dict[str, Any]:
    """The first frame of a session."""
    frame: dict[str, Any] = json.loads(await ws.read_message())
    assert frame["action"] == "session_connected"
    return frame


async def said(ws: Any, message: str | bytes) -> Any:
    """What comes back for `message`."""
    await ws.write_message(message, binary=isinstance(message, bytes))
    return await ws.read_message()


async def refused(opening: Any) -> int:
    """The status that an opening is refused with."""
    with pytest.raises(HTTPClientError) as error:
        await opening
    return error.value.code


async def kernels(jp_fetch: Any) -> list[str]:
    """The ids of all that run."""
    return [kernel["id"] for kernel in json.loads((await jp_fetch("api", "kernels")).body)]
