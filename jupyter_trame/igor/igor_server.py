"""`IgorServer`: a dictionary of Python functions behind a socket."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Any, TypeVar

from jupyter_trame.errors import ServerError
from jupyter_trame.igor.actions import Handler, make_action, read_api
from jupyter_trame.igor.app_triggers import AppTriggers, TrameApp
from jupyter_trame.igor.around import ProgramAround, look_around, returns_at_once
from jupyter_trame.igor.configuration import Options, read_grace, read_options, whole_config
from jupyter_trame.igor.igor_client import IgorClient
from jupyter_trame.igor.javascript import cell_script
from jupyter_trame.igor.json_frames import ClientId, StreamId
from jupyter_trame.igor.life import Life, Place
from jupyter_trame.igor.log import make_logger
from jupyter_trame.igor.process_servers import registry
from jupyter_trame.igor.processes import Process, Processes
from jupyter_trame.igor.service import Service
from jupyter_trame.igor.sessions import IgorSessions
from jupyter_trame.igor.streams import Stream
from jupyter_trame.program.signals import stopped_by_sigterm
from jupyter_trame.runtime.ended import Ended

__all__ = ["IgorServer", "run_forever"]

F = TypeVar("F", bound=Handler)

_GRACE = 10.0
_POLL = 1.0
"""Seconds after which Windows, where a wait cannot be interrupted, looks for Ctrl-C."""


class IgorServer:
    """Gives JavaScript and other clients a dictionary of functions: each is an action that clients call by its name.

    In a program it listens on a port; in a notebook's kernel it is reached through the Jupyter server. All methods may
    be called on any thread, unless it is said.
    """

    def __init__(
        self,
        api: dict[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
        name: str | None = None,
        server: TrameApp | None = None,
        session_grace: float | None = None,
        max_message_size: int = 10 << 20,
        allow_reclaim: str = "token",
    ) -> None:
        """`api`: action -> handler, or a nested dictionary, whose names are joined with dots.

        `config` is as `CONFIG`, which counts without it, and is copied; `host` and `port` go before what it says.
        `name`: of this server in its kernel, the port without it; the next server of that name takes its place.
        `server`: a trame app, a `jupyter_trame.Server`, of which each action becomes a trigger; see `AppTriggers`.
        `session_grace`: seconds for which the session of a client that is away is kept, 10 without it.
        `max_message_size`: bytes of a frame. `allow_reclaim`: ``"token"``, or ``"open"``, which lets every client take
        every id, as the original did, and only works in a program and on this machine.

        Raises `TypeError` and `ValueError`, with a sentence that says what was expected.
        """
        self._actions = read_api(api)
        self.config = whole_config(config)
        if host is not None:
            self.config["host"] = host
        if port is not None:
            self.config["port"] = port
        self._options: Options = read_options(
            self.config,
            name=name,
            grace=_GRACE if session_grace is None else session_grace,
            max_message_size=max_message_size,
            allow_reclaim=allow_reclaim,
        )
        self.scope: dict[Any, Any] = {}
        """One dictionary for all handlers and processes; it lives as long as the server."""
        self.logger: logging.Logger = make_logger(self._options.name, self._options.log_level)
        self._sessions: IgorSessions[IgorClient] = IgorSessions(
            self._options.grace, open_to_all=self._options.open_reclaim
        )
        self._processes = Processes(self.scope, self._sessions.data, self.logger)
        self._places: list[Place] = []
        self._context = copy_context()
        self._life: Life | None = None
        self._service: Service | None = None
        self._changing = threading.RLock()
        self._app = server
        self._triggers: AppTriggers | None = None
        if server is not None:
            self._triggers = AppTriggers(server, self._options.name, self._sessions, self.scope)
            for action_name, action in self._actions.items():
                self._triggers.add(action_name, action)
        registry.add(self)

    # -- what it is

    @property
    def name(self) -> str:
        """Of this server in its process."""
        return self._options.name

    @property
    def server(self) -> TrameApp | None:
        """The trame app whose triggers the actions are."""
        return self._app

    @property
    def api(self) -> dict[str, Handler]:
        """A copy of the actions: name -> handler, without nesting."""
        return {name: action.handler for name, action in self._actions.items()}

    paths = api

    @property
    def clients(self) -> dict[ClientId, IgorClient]:
        """A copy: id -> record with `id` and `address`, of the clients that are connected."""
        return dict(self._sessions.clients)

    @property
    def sessions(self) -> dict[ClientId, Any]:
        """Id -> session, of all clients that are connected or in their grace; the dictionary itself."""
        return self._sessions.data

    @property
    def streams(self) -> dict[tuple[ClientId, StreamId], Stream]:
        """A copy: the calls that are not over, by client and stream."""
        service = self._service
        found = [] if service is None else list(service.streams)
        return {(stream.client.id, stream.stream_id): stream for stream in found}

    @property
    def processes(self) -> dict[str, dict[str, Any]]:
        """A copy: id -> ``{"thread": ..., "output": ...}`` of the processes that have not finished."""
        return dict(self._processes.entries)

    @property
    def timeouts(self) -> dict[ClientId, float]:
        """A copy: clients that are away, and when their sessions end, in seconds of the server's loop."""
        return dict(self._sessions.deadlines)

    @property
    def session_delete_timeout(self) -> float:
        """Seconds for which the session of a client that leaves from now on is kept."""
        return self._sessions.grace

    @session_delete_timeout.setter
    def session_delete_timeout(self, seconds: float) -> None:
        self._sessions.grace = read_grace(seconds, "session_delete_timeout")

    @property
    def running(self) -> bool:
        """Whether clients can come."""
        return self._service is not None

    @property
    def url(self) -> str:
        """Where clients connect: ``ws://host:port``; in a kernel the address below the Jupyter server's own.

        Raises `ServerError` when the server does not run.
        """
        if self._service is None:
            raise ServerError(
                "the Igor server does not run, so it has no address: call start() or run_forever()"
            )
        return self._places[0].url

    def connection_info(self) -> dict[str, Any]:
        """What a client needs, as JSON holds it: ``name``, ``url``, ``files`` (null without them). Raises as `url`."""
        return {"name": self.name, "url": self.url, "files": self.file_url}

    @property
    def file_url(self) -> str | None:
        """Where its files are; None where it has none, or does not run."""
        return (
            next((place.file_url for place in self._places if place.file_url), None) if self.running else None
        )

    def javascript(self, code: str) -> Any:
        """The output of a cell that talks to this server: `code` runs in the page; see `cell_script`.

        Raises as `url`.
        """
        return cell_script(self.url, code)

    # -- what it has

    def action(self, name: str) -> Callable[[F], F]:
        """Decorates a handler, which becomes the action `name`; also while the server runs.

        Raises `ValueError` where there is an action of that name.
        """
        if not isinstance(name, str):
            raise TypeError(f"the name of an action is a string, not {name!r}")

        def add(handler: F) -> F:
            if name in self._actions:
                raise ValueError(f"there is an action {name!r} already")
            action = self._actions[name] = make_action(name, handler)
            if self._triggers is not None:
                self._triggers.add(name, action)
            return handler

        return add

    def add_process(self, process_id: str, thread: Process) -> None:
        """Run `thread` beside the clients' calls: it starts with the server, or at once where that runs.

        It is a `threading.Thread` that was not started, which gets the attributes `process_id`, `output`, `scope` and
        `sessions`; or a coroutine function, called as ``process(output, scope=..., sessions=...)`` on the server's
        loop. When it returns or raises, clients are told. Raises `ServerError` where there is a process of that id.
        """
        start = self._processes.add(process_id, thread)
        life = self._life
        if start is not None and life is not None:
            life.run(start)

    # -- its life

    def start(self) -> None:
        """Let clients come; they can when this returns. Harmless where they can already.

        In a kernel a server of the same name is stopped before. Raises `OSError` when the port cannot be had, and
        `ValueError` for an option that is not for here. Not in a handler.
        """
        registry.take(self)
        around = look_around()
        around.check(self._options)
        around.run(lambda: self._start(around))

    def stop(self) -> Ended:
        """End all connections, processes and the file server, and listen no more. Harmless where it does not run.

        It begins at once. In a coroutine what comes back can be awaited; see `wait` for elsewhere.
        """
        life = self._life
        if life is None:
            return Ended(None)
        life.stop()
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return Ended(None)
        return Ended(asyncio.wrap_future(life.ended))

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the server has ended, at most `timeout` seconds; whether it has. Not in a handler."""
        life = self._life
        if life is None:
            return True
        return life.wait(timeout)

    def run_forever(self) -> None:
        """Start, and in a program block until the server is stopped: by `stop`, by a handler that raises `SystemExit`,
        by SIGTERM, or by Ctrl-C, which raises `KeyboardInterrupt` when all has ended.

        In a cell, at a prompt and where a loop turns on this thread it returns at once. Raises as `start`.
        """
        run_forever(self)

    def __repr__(self) -> str:
        return f"<IgorServer {self.name!r}{' at ' + self.url if self.running else ''}>"

    # -- for its parts

    def _start(self, around: ProgramAround) -> None:
        with self._changing:
            if self._life is not None:
                if self._service is not None and not self._life.ending:
                    return
                self._life.wait()
            forget = around.starting(self)
            handler = around.log(self._options)
            self.logger.addHandler(handler)
            self._context = copy_context()
            self._places = around.places(self._options, self.logger)

            def on_ended() -> None:
                self.logger.removeHandler(handler)
                handler.close()
                forget()

            life = self._life = Life(
                self._make_service, self._places, self._on_up, self._on_ending, on_ended, self.logger
            )
            life.start()

    def _make_service(self) -> Service:
        life = self._life
        assert life is not None
        return Service(self._actions, self._sessions, self.scope, self.logger, life.stop, self._context)

    def _on_up(self, service: Service) -> None:
        self._service = service
        self._processes.start_all(service, self._context)

    def _on_ending(self) -> list[asyncio.Task[None]]:
        self._service = None
        return self._processes.stop_all()


def run_forever(*servers: IgorServer) -> None:
    """Run `servers`, without any all of this process that nobody has started; see `IgorServer.run_forever`.

    Where one of them cannot be started, those that were started here are stopped.
    """
    chosen = servers or tuple(entry for entry in registry.take_all() if isinstance(entry, IgorServer))
    if not chosen:
        raise ServerError("there is no Igor server to run: make one with IgorServer(api={...})")
    _start_all(chosen)
    if returns_at_once():
        return
    with stopped_by_sigterm(lambda: [server.stop() for server in chosen]):
        try:
            for server in chosen:
                while not server.wait(_POLL if sys.platform == "win32" else None):
                    pass
        except BaseException:
            _end_all(chosen)
            raise


def _start_all(servers: Sequence[IgorServer]) -> None:
    begun: list[IgorServer] = []
    try:
        for server in servers:
            if not server.running:
                begun.append(server)
            server.start()
    except BaseException:
        _end_all(begun)
        raise


def _end_all(servers: Sequence[IgorServer]) -> None:
    for server in servers:
        server.stop()
    for server in servers:
        server.wait()
