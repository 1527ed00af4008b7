"""The wire between clients, replica and server: sans-IO, the same in both processes. See PROTOCOL.md."""

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
