"""The bounds that depend on where a replica or a server runs: sizes, times and numbers of what others cause.

Hosts hand `Limits` to what they make; where none are handed in these are the defaults. A bound that is the same
everywhere is a constant of the one module that keeps it, as are those of a web server and of files.
"""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a replica, a server and their clients; sizes in bytes, times in seconds."""

    frame: int = 4_194_304
    """Largest websocket frame sent; also announced to clients as ``maxMsgSize``."""

    message: int = 1 << 30
    """Largest message a client may send after its hello, all its chunks together."""

    uploads: int = 4 << 30
    """Files from clients that a server keeps on disk, all together; the default of its option ``upload_quota``."""

    parts: int = 1 << 20
    """Arrays and maps in what a client writes at once, or in the arguments of one call: a byte may be an array, which
    takes 64 in Python. Values beyond, and a call with more, are refused."""

    keys: int = 1 << 15
    """Keys in what a client writes at once, where that is a large message: all of them are passed on in one step, which
    takes some 0.1 s. A write of more ends the connection with that reason."""

    hello: int = 512
    """Largest message before authentication, as stock servers have it; more where the secret itself needs it."""

    hello_wait: float = 30.0
    """Seconds that a client may take to say hello once it is connected, while the server reads what it sends."""

    strangers: int = 256
    """Connections of one server that have not been let in; one more costs the oldest of them its place."""

    unjoined_links: int = 32
    """Links to one kernel that have not proved the secret, each for `hello_wait` at most; one more costs the oldest."""

    silence: float = 60.0
    """Seconds for which nothing may come of a message that is not complete, while the server reads."""

    partial_messages: int = 1024
    """Messages of one client that may be incomplete at the same time."""

    unfinished: int = (1 << 30) + (64 << 20)
    """Bytes of frames, messages and unanswered hellos that are incomplete, of all clients of a server together. Who was
    silent longest is given up first; a whole message and a frame always fit."""

    client_queue: int = 16 << 20
    """Responses and publications waiting for one client that reads too slowly; more closes it with 1013."""

    link_queue: int = 256 << 20
    """The same for a link; more drops the link, which then starts anew with a snapshot."""

    history: int = 1 << 20
    """Responses and publications kept for a client that comes back."""

    window: int = 1 << 20
    """Writes and calls of a link that its server's loop need not have taken. With more, writes wait in the replica and
    join each other."""

    client_waiting: int = 8 << 20
    """What one client may have waiting for the server's loop: a call with which all its writes and calls are more is
    answered with `BusyError`; a write with which those that the replica holds back are more, and which cannot join
    one of them, closes the connection with 1013. One alone is never too large."""

    waiting: int = 16 << 20
    """The same for all clients of a replica together; who has nothing waiting is served up to twice of it."""

    link_handshake: float = 10.0
    """How long a replica waits for the listener of a record to prove itself, in seconds."""

    comm_beat: float = 30.0
    """Seconds without a message after which a page on the comm gives a sign of life. The timers of a hidden page fire
    once a minute at least."""

    comm_silence: float = 150.0
    """Seconds without any message of such a page, in which the kernel would have heard one, after which its connection
    counts as broken."""

    comm_watch: float = 600.0
    """Seconds after the last frames for such a page in which it gives its signs of life that often, and is expected to:
    each one is activity of the kernel, and who culls idle kernels wants to see that there is none."""

    grace: float = 60.0
    """How long a session outlives its connection, in seconds."""

    away: int = 1024
    """Sessions whose clients are away; one more ends the one that is away longest, before its time."""
