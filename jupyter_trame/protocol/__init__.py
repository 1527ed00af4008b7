"""The wire between clients, replica and server: sans-IO, the same in both processes. See PROTOCOL.md.

A public name is loaded when it is first used: a process that speaks some of the wire has no replica.
"""

from typing import TYPE_CHECKING

from jupyter_trame.lazy_names import lazy_names

if TYPE_CHECKING:
    from jupyter_trame.protocol.access import is_client_writable
    from jupyter_trame.protocol.clients import LinkEnd, LinkOutput
    from jupyter_trame.protocol.events import CallEvent, Event, WriteEvent
    from jupyter_trame.protocol.limits import Limits
    from jupyter_trame.protocol.link import LinkOp
    from jupyter_trame.protocol.link_decoder import LinkDecoder
    from jupyter_trame.protocol.link_encoder import encode_op
    from jupyter_trame.protocol.packing import pack, unpack
    from jupyter_trame.protocol.primary import Primary
    from jupyter_trame.protocol.replica import Replica
    from jupyter_trame.protocol.session import Hello, Validator

__all__ = [
    "CallEvent",
    "Event",
    "Hello",
    "Limits",
    "LinkDecoder",
    "LinkEnd",
    "LinkOp",
    "LinkOutput",
    "Primary",
    "Replica",
    "Validator",
    "WriteEvent",
    "encode_op",
    "is_client_writable",
    "pack",
    "unpack",
]

_HOMES = {
    "CallEvent": "jupyter_trame.protocol.events",
    "Event": "jupyter_trame.protocol.events",
    "Hello": "jupyter_trame.protocol.session",
    "Limits": "jupyter_trame.protocol.limits",
    "LinkDecoder": "jupyter_trame.protocol.link_decoder",
    "LinkEnd": "jupyter_trame.protocol.clients",
    "LinkOp": "jupyter_trame.protocol.link",
    "LinkOutput": "jupyter_trame.protocol.clients",
    "Primary": "jupyter_trame.protocol.primary",
    "Replica": "jupyter_trame.protocol.replica",
    "Validator": "jupyter_trame.protocol.session",
    "WriteEvent": "jupyter_trame.protocol.events",
    "encode_op": "jupyter_trame.protocol.link_encoder",
    "is_client_writable": "jupyter_trame.protocol.access",
    "pack": "jupyter_trame.protocol.packing",
    "unpack": "jupyter_trame.protocol.packing",
}

if not TYPE_CHECKING:  # type checkers would take any name for one that is there
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
