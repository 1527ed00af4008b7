"""``trame_server.utils.asynchronous``."""

from jupyter_trame.execution.asynchronous import (
    create_task,
    decorate_task,
    get_event_loop,
    handle_task_result,
    task,
)
from jupyter_trame.server.state_queue import QUEUE_EXIT, StateQueue, create_state_queue_monitor_task

__all__ = [
    "QUEUE_EXIT",
    "StateQueue",
    "create_state_queue_monitor_task",
    "create_task",
    "decorate_task",
    "get_event_loop",
    "handle_task_result",
    "task",
]
