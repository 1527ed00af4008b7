"""Viewers that read and forget: ``python -m benchmarks.sink <url> <token> <secret> <count> <size> <pushes>``.

Prints ``ready``, then waits for a line. For each push the first viewer writes its number to ``go``, and all read until
`size` bytes have come to each; then prints how many seconds it took. At the end it waits for another line.
"""

import selectors
import sys
import time

from benchmarks.viewer import Viewer

__all__ = ["main"]

_PATIENCE = 120


def main(url: str, token: str, secret: str, count: int, size: int, pushes: int) -> None:
    """See the module."""
    headers = {"Authorization": f"token {token}"} if token else {}
    viewers = [Viewer(url, headers, secret=secret) for _ in range(count)]
    print("ready", flush=True)
    sys.stdin.readline()
    missing = {viewer.raw: 0 for viewer in viewers}
    selector, buffer = selectors.DefaultSelector(), bytearray(1 << 20)
    for raw in missing:
        raw.setblocking(False)
        selector.register(raw, selectors.EVENT_READ)
    for push in range(1, pushes + 1):
        began = time.monotonic()
        for raw in missing:
            missing[raw] = size
        viewers[0].write("go", push)
        waiting = set(missing)
        while waiting:
            ready = selector.select(_PATIENCE)
            if not ready:
                raise TimeoutError(f"{len(waiting)} viewers wait for push {push}")
            for key, _ in ready:
                got = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]
                if not got:
                    raise ConnectionError("the server hung up")
                missing[key.fileobj] -= got  # type: ignore[index]
                if missing[key.fileobj] <= 0:  # type: ignore[index]
                    waiting.discard(key.fileobj)  # type: ignore[arg-type]
        print(time.monotonic() - began, flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:4], *map(int, sys.argv[4:]))
