"""The server: shared state, controller, triggers and life cycle in one object, whatever carries it."""

from jupyter_trame.execution import asynchronous
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.server.by_name import get_server
from jupyter_trame.server.server import ClientType, Compat, Server, life_cycle_of, runtime_of
from jupyter_trame.server.state_queue import StateQueue, create_state_queue_monitor_task

__all__ = [
    "ClientType",
    "Compat",
    "ErrorReport",
    "Server",
    "StateQueue",
    "asynchronous",
    "create_state_queue_monitor_task",
    "get_server",
    "life_cycle_of",
    "runtime_of",
]
