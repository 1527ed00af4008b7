"""Names that several modules know, each once: methods, topics, ids and reserved keys on the wire (PROTOCOL.md), events
of a server's life, and where apps are registered.

``js/src/protocol/names.ts`` has those that pages know; a test compares them.
"""

from typing import Final

__all__ = [
    "ACTIONS_TOPIC",
    "APP_GROUP",
    "ASKED_BY_PAGES",
    "CLIENT_ERROR",
    "CLIENT_ONLY_KEY",
    "DOCTOR",
    "ERROR_TOPIC",
    "FORCE_PUSH",
    "HELLO",
    "HELLO_ID",
    "LEAVE",
    "LEAVE_ID",
    "LIFE_CYCLE_UPDATE",
    "ON_CLIENT_CONNECTED",
    "ON_CLIENT_EXITED",
    "ON_CLIENT_UNMOUNTED",
    "ON_ERROR",
    "ON_EXCEPTION",
    "ON_SERVER_BIND",
    "ON_SERVER_EXITED",
    "ON_SERVER_READY",
    "ON_SERVER_RELOAD",
    "ON_SERVER_START",
    "REACH",
    "RESERVED_PREFIX",
    "SETTLED_TOPIC",
    "STATE_GET",
    "STATE_TOPIC",
    "STATE_UPDATE",
    "STATUS_TOPIC",
    "TEMPLATE_KEY",
    "TEMPLATE_MISTAKE",
    "TITLE_KEY",
    "TRIGGER",
    "UNKNOWN_KEY",
    "UPLOAD_CANCEL",
    "UPLOAD_OPEN",
    "UPLOAD_PIECE",
]

HELLO: Final = "wslink.hello"
LEAVE: Final = "jupyter_trame.leave"
STATE_GET: Final = "trame.state.get"
STATE_UPDATE: Final = "trame.state.update"
TRIGGER: Final = "trame.trigger"
FORCE_PUSH: Final = "trame.force.push"
LIFE_CYCLE_UPDATE: Final = "trame.lifecycle.update"
CLIENT_ERROR: Final = "trame.error.client"
TEMPLATE_MISTAKE: Final = "jupyter_trame.template.mistake"
UNKNOWN_KEY: Final = "jupyter_trame.template.unknown"
REACH: Final = "jupyter_trame.reach"
"""Answered at once where messages are read, whatever the server's loop does."""
DOCTOR: Final = "jupyter_trame.doctor"
UPLOAD_OPEN: Final = "jupyter_trame.upload.open"
UPLOAD_PIECE: Final = "jupyter_trame.upload.piece"
UPLOAD_CANCEL: Final = "jupyter_trame.upload.cancel"

ASKED_BY_PAGES: Final = frozenset(
    {CLIENT_ERROR, DOCTOR, FORCE_PUSH, LIFE_CYCLE_UPDATE, REACH, TEMPLATE_MISTAKE, UNKNOWN_KEY}
)
"""What a page calls by itself, whether somebody uses it or not."""

STATE_TOPIC: Final = "trame.state.topic"
ACTIONS_TOPIC: Final = "trame.actions.topic"
SETTLED_TOPIC: Final = "jupyter_trame.settled"
STATUS_TOPIC: Final = "jupyter_trame.status"
ERROR_TOPIC: Final = "jupyter_trame.error"

HELLO_ID: Final = "system:c0:0"
LEAVE_ID: Final = "system:l0:0"

RESERVED_PREFIX: Final = "trame__"
"""State keys that are the framework's own; no translator renames them."""
CLIENT_ONLY_KEY: Final = "trame__client_only"
TEMPLATE_KEY: Final = "trame__template_"
"""Followed by the name of the template."""
TITLE_KEY: Final = "trame__title"

ON_CLIENT_CONNECTED: Final = "on_client_connected"
ON_CLIENT_EXITED: Final = "on_client_exited"
ON_CLIENT_UNMOUNTED: Final = "on_client_unmounted"
ON_ERROR: Final = "on_error"
"""A page has told of an exception."""
ON_EXCEPTION: Final = "on_exception"
"""A call of a client has raised."""
ON_SERVER_BIND: Final = "on_server_bind"
ON_SERVER_EXITED: Final = "on_server_exited"
ON_SERVER_READY: Final = "on_server_ready"
ON_SERVER_RELOAD: Final = "on_server_reload"
ON_SERVER_START: Final = "on_server_start"

APP_GROUP: Final = "jupyter_trame.apps"
"""The group of entry points that registers apps: notebook servers list them, kernels run them."""
