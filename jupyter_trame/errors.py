"""The exceptions of this package.

::

    TrameError                       -32001
    ├── ProtocolError                          closes the connection with ``close_code``
    │   ├── MalformedFrameError                1002
    │   ├── MalformedMessageError              1007
    │   └── OversizeError                      1009
    ├── AuthenticationError          -32000
    ├── MethodNotFoundError          -32601
    ├── SerializationError           -32002
    ├── NotWritableError             -32003
    ├── LinkError                    -32004
    ├── ServerError                  -32005
    ├── FunctionNotImplementedError  -32006
    ├── MissingArgumentError                   a ``TypeError`` too
    ├── RemoteError                  -32007
    └── BusyError                    -32009

``code`` is what a client sees in an error response; it never changes. What only one module raises is defined
there; of these `UploadError` in `jupyter_trame.rpc.upload_folder` has a code of its own, -32008.
"""

from typing import Any, ClassVar

__all__ = [
    "AuthenticationError",
    "BusyError",
    "FunctionNotImplementedError",
    "LinkError",
    "MalformedFrameError",
    "MalformedMessageError",
    "MethodNotFoundError",
    "MissingArgumentError",
    "NotWritableError",
    "OversizeError",
    "ProtocolError",
    "RemoteError",
    "SerializationError",
    "ServerError",
    "TrameError",
]


class TrameError(Exception):
    """Base of all errors raised by this package."""

    code: ClassVar[int] = -32001


class ProtocolError(TrameError):
    """The other side broke the wire protocol; its connection ends with `close_code`."""

    close_code: ClassVar[int] = 1002


class MalformedFrameError(ProtocolError):
    """A chunk header or a link frame does not fit its description."""


class MalformedMessageError(ProtocolError):
    """A payload is not msgpack, or not the map that was expected."""

    close_code = 1007


class OversizeError(ProtocolError):
    """A frame, a message or a value is larger than its limit."""

    close_code = 1009

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(what, size, limit)
        self.what = what
        self.size = size
        """Bytes that came."""
        self.limit = limit
        """Bytes that are allowed."""

    def __str__(self) -> str:
        return f"{self.what} of {self.size} bytes is over the limit of {self.limit} bytes"


class AuthenticationError(TrameError):
    """A server refused the hello of a client, most often for its secret."""

    code = -32000

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.error = error
        """What the server sent: ``code`` and ``message``."""

    def __str__(self) -> str:
        return f"the server refused the hello: {self.error.get('message')} (code {self.error.get('code')})"


class MethodNotFoundError(TrameError):
    """A request names a method that nobody registered."""

    code = -32601

    def __init__(self, method: object) -> None:
        super().__init__(method)
        self.method = method

    def __str__(self) -> str:
        return f"no method {self.method!r} is registered"


class SerializationError(TrameError):
    """A value cannot be packed."""

    code = -32002

    def __init__(self, key: str, value: object, reason: str, what: str = "value") -> None:
        super().__init__(key, type(value).__qualname__, reason)
        self.key = key
        self.what = what
        """Of what is called `key`: ``value`` of the state, ``result`` of a call, ``publication`` on a topic."""
        self.type_name = type(value).__qualname__
        self.reason = reason

    def __str__(self) -> str:
        if self.what != "value":
            return f"the {self.what} of {self.key!r} ({self.type_name}) cannot be packed: {self.reason}"
        # What to do comes first: this is read by who has set it.
        problem, convert, how = self.reason.partition(": convert it ")
        advice = f"{convert.removeprefix(': ')}{how}: " if convert else ""
        return f"{advice}the value of {self.key!r} ({self.type_name}) cannot be sent, {problem}"


class NotWritableError(TrameError):
    """A client wrote a key that only the server may write."""

    code = -32003

    def __init__(self, key: str, until: str = "") -> None:
        """`until`: what has to happen before they may."""
        super().__init__(key)
        self.key = key
        self.until = until

    def __str__(self) -> str:
        return f"clients may not write {self.key!r}{self.until and ' until '}{self.until}"


class LinkError(TrameError):
    """The link between a replica and its server broke or could not be made."""

    code = -32004


class ServerError(TrameError):
    """A server cannot do what was asked: its life cycle does not allow it, or an argument, the command line, the
    environment, a file or a missing package keeps it from that. The message says which, and what was expected.
    """

    code = -32005


class FunctionNotImplementedError(TrameError):
    """A controller function was called before anything was bound to its name."""

    code = -32006

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"nothing is bound to the controller function {self.name!r}"


class MissingArgumentError(TrameError, TypeError):
    """A callback names a value that is not there, and has no default for it."""


class BusyError(TrameError):
    """The server is busy, and as much waits for it as may wait: the call was not made, and may be tried again later."""

    code = -32009

    def __str__(self) -> str:
        return "busy: the server has not come to what it was asked before; try again later"


class RemoteError(TrameError):
    """A call of a client failed on the server."""

    code = -32007

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.error = error
        """What the server sent: ``code``, ``message``, and ``data`` where it has some."""

    def __str__(self) -> str:
        data = self.error.get("data")
        detail = data.get("exception") if isinstance(data, dict) else data
        message = f"{self.error.get('message')} ({self.error.get('code')})"
        return f"{message}: {detail}" if detail else message
