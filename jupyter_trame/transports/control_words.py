"""What a Jupyter server and a kernel say to each other of the servers there: the words of `Parcel`s (PROTOCOL.md).

The Jupyter server asks ``[verb, slug, patience]``, once a link; `patience` is in seconds. The kernel answers `BEGUN`
and then `DONE` or `FAILED` with a sentence and a traceback; or `BUSY` or `ABSENT`, and has done nothing then.

`VIEWERS` is answered at once, beside the main thread: by `LISTED` with ``[client id, since]`` of each page that talks
over a comm, in seconds since 1970; or by `ABSENT`.
"""

__all__ = [
    "ABSENT",
    "BEGUN",
    "BUSY",
    "CONTROL",
    "DONE",
    "FAILED",
    "LISTED",
    "RESTART",
    "STOP",
    "VIEWERS",
]

CONTROL = "trame.control"
"""What such a link asks for in place of a server; no slug has a dot."""

STOP = "stop"
RESTART = "restart"
VIEWERS = "viewers"

LISTED = "listed"
BEGUN = "begun"
DONE = "done"
FAILED = "failed"
BUSY = "busy"
"""The kernel's main thread did not come to it within the patience."""
ABSENT = "absent"
"""No such server runs."""
