"""Services of the contract's tests, and what a server registers in them: on every host by its name."""

import json
import os
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

MODULE = "tests.contract.narvi_services"
PAGES = Path(__file__).parent / "narvi_pages"


class Echo:
    """The guide's example: what a page says comes back."""

    def __init__(self, services: Any) -> None:
        self.services = services
        services.add_message_listener(self.message)

    def message(self, msg: Any, session_id: str) -> None:
        self.services.send(msg, for_session_id=session_id)


class Probe:
    """Does what a page says, and writes down what it hears of."""

    def __init__(self, services: Any, journal: str = "", **parameters: Any) -> None:
        self.services = services
        self.parameters = parameters
        self.journal = journal
        self.token = str(uuid.uuid4())
        self.handlers: dict[str, str] = {}
        services.add_session_open_listener(self.opened)
        services.add_message_listener(self.message)
        services.add_session_close_listener(lambda session_id: self.note("close", session_id))
        self.over = threading.Event()
        services.add_app_close_listener(lambda: self.note("end", self.token))
        services.add_app_close_listener(self.over.set)
        self.note("start", self.token)

    def note(self, *what: Any) -> None:
        if self.journal:
            with Path(self.journal).open("a", encoding="utf-8") as file:
                file.write(json.dumps(what) + "\n")

    def opened(self, app_name: str, session_id: str, query: Any, headers: Any) -> None:
        self.note("open", session_id)
        hello = {
            "hello": app_name,
            "query": query,
            "headers": {name.lower(): headers[name] for name in headers},
        }
        self.services.send(json.dumps(hello), session_id)

    def message(self, msg: Any, session_id: str) -> None:
        if isinstance(msg, bytes):
            self.services.send(msg, session_id)
            return
        self.note("message", msg[:50])
        command = json.loads(msg)
        result = getattr(self, f"do_{command.pop('do')}")(session_id=session_id, **command)
        if result is not None:
            self.services.send(json.dumps(result), session_id)

    def do_echo(self, session_id: str, value: Any) -> Any:
        return value

    def do_who(self, session_id: str) -> Any:
        return {
            "instance": self.token,
            "pid": os.getpid(),
            "thread": threading.get_ident(),
            "session": session_id,
            "is": [
                self.services.get_workspace_id(),
                self.services.get_app_name(),
                self.services.get_service_id(),
            ],
            "parameters": self.parameters,
        }

    def do_send(self, session_id: str, **options: Any) -> None:
        self.services.send(**options)

    def do_count(self, session_id: str, to: int) -> None:
        for number in range(to):
            self.services.send(str(number), session_id)

    def do_fail(self, session_id: str, how: str = "raise") -> None:
        if how == "exit":
            sys.exit("it wants to leave")
        raise RuntimeError("it went wrong")

    def do_sleep(self, session_id: str, seconds: float) -> Any:
        time.sleep(seconds)
        return "slept"

    def do_flood(self, session_id: str, size: int, times: int) -> None:
        for _ in range(times):
            self.services.send(bytes(size))

    def do_flood_self(self, session_id: str, size: int, times: int) -> None:
        for _ in range(times):
            self.services.send(bytes(size), session_id)

    def do_serve(
        self, session_id: str, pattern: str, own: bool = False, kind: str = "answer", **options: Any
    ) -> Any:
        session = session_id if own else None
        handler_id, url = self.services.create_request_service(
            "probe", pattern, getattr(self, f"handle_{kind}"), session_id=session, **options
        )
        return [handler_id, url]

    def do_unserve(self, session_id: str, handler_id: str) -> Any:
        self.services.remove_request_service(handler_id)
        return "removed"

    def do_tell(self, session_id: str, to: list[str], data: Any) -> Any:
        return {"found": self.services.send_to_app(*to, data)}

    def do_listen(self, session_id: str, **options: Any) -> Any:
        def heard(workspace: str, name: str, service_id: str, data: Any) -> None:
            self.services.send(json.dumps({"heard": [workspace, name, service_id, data]}))

        self.services.set_app2app_message_callback(heard, **options)
        return "listening"

    def do_measure(self, session_id: str, metrics: Any, metadata: Any) -> Any:
        def measure() -> Any:
            if metrics == "raise":
                raise RuntimeError("no metrics")
            if metrics == "never":
                self.over.wait()
            return metrics

        self.services.set_metrics_callback(measure, metadata)
        return "measuring"

    def do_watch(self, session_id: str) -> Any:
        self.services.set_admin_listener(
            lambda overview: self.services.send(json.dumps({"overview": overview}))
        )
        return "watching"

    def do_administer(self, session_id: str, **options: Any) -> Any:
        self.services.administer(**options)
        return "administered"

    def handle_answer(self, path: Any, query: Any, headers: Any, body: bytes) -> Any:
        found = {
            "path": path,
            "query": query,
            "headers": headers,
            "body": body.decode(),
            "instance": self.token,
        }
        return 201, json.dumps(found).encode(), "application/json", {"X-Made": "by hand", "Set-Cookie": "a=b"}

    def handle_slow(self, path: Any, query: Any, headers: Any, body: bytes) -> Any:
        time.sleep(float(query["seconds"]))
        return 200, b"slow", "text/plain", {}

    def handle_fail(self, *_: Any) -> Any:
        raise RuntimeError("it went wrong")

    def handle_exit(self, *_: Any) -> Any:
        sys.exit("it wants to leave")

    def handle_nonsense(self, *_: Any) -> Any:
        return "nonsense"


class Broken:
    def __init__(self, services: Any) -> None:
        raise RuntimeError("the database is not there")


def probe(server: Any, *, journal: str = "", app: Any = None, **options: Any) -> Any:
    """A service ``probe`` in the workspace ``w``, and an app of that name."""
    service = server.register_service(
        "w", "probe_service", f"{MODULE}.Probe", {"journal": journal, "given": 7}, **options
    )
    server.register_app(
        "probe", service, {"greeting": "hello"}, {"index.html": str(PAGES / "index.html")}, **(app or {})
    )
    return service


def echo(server: Any) -> None:
    service = server.register_service("w", "echo_service", f"{MODULE}.Echo")
    server.register_app("echo", service, {}, {"index.html": str(PAGES / "index.html")})


def doors(server: Any) -> None:
    """The redirect table: a lobby with a fixed id, a room with a chooser, and what has neither."""
    page = {"index.html": str(PAGES / "index.html")}
    fixed = server.register_service("w", "fixed", f"{MODULE}.Probe", fixed_service_id="main")
    free = server.register_service("w", "free", f"{MODULE}.Probe", service_id_validator=_is_known)
    server.register_app("lobby", fixed, {}, page)
    server.register_app("room", free, {}, page, service_chooser_app_name="lobby")
    server.register_app("hidden", free, {}, page)
    server.register_redirect("foo/bar", "w", "lobby")


def _is_known(service_id: str) -> bool:
    if service_id == "boom":
        raise RuntimeError("no database")
    return service_id.startswith("known")


def two_apps(server: Any, **options: Any) -> None:
    """A service with two apps, and another service that is alike."""
    service = probe(server, **options)
    server.register_app("second", service, {}, {"index.html": str(PAGES / "index.html")})
    other = server.register_service("v", "other_service", f"{MODULE}.Probe")
    server.register_app("other", other, {}, {})
    own = server.register_service("w", "own_service", f"{MODULE}.Probe", shared_service=False)
    server.register_app("own", own, {}, {})


def broken(server: Any) -> None:
    page = {"index.html": str(PAGES / "index.html")}
    for name, dotted in {
        "raises": f"{MODULE}.Broken",
        "nowhere": "tests.contract.no_such_module.Service",
        "classless": f"{MODULE}.NoSuchClass",
    }.items():
        service = server.register_service("w", f"{name}_service", dotted)
        server.register_app(name, service, {}, page)
    probe(server)


def files(server: Any, *, folder: str) -> None:
    service = server.register_service("w", "echo_service", f"{MODULE}.Echo")
    roots = {
        "index.html": f"{folder}/app/index.html",
        ("images", "*.png"): f"{folder}/app",
        ("", "*.txt"): f"{folder}/app",
        ("all", "*"): f"{folder}/app",
    }
    server.register_app("files", service, {}, roots)
