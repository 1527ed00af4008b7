"""What the system holds of a connection: a program has written it, and the other end has not taken it."""

import array
import socket

__all__ = ["send_queue"]

try:
    import fcntl
    import termios
except ImportError:  # Windows tells nobody

    def send_queue(sock: socket.socket) -> int:  # noqa: ARG001
        """Bytes that wait in the system; always 0 where it does not tell."""
        return 0

else:

    def send_queue(sock: socket.socket) -> int:
        """Bytes that wait in the system; 0 where it does not tell."""
        size = array.array("i", [0])
        try:
            fcntl.ioctl(sock, termios.TIOCOUTQ, size)
        except (OSError, ValueError):  # it is no socket of the system, or closed
            return 0
        return size[0]
