"""Asks a kernel's control channel again and again: ``python -m benchmarks.prober <websocket address>``.

For each line that it reads it prints the seconds that the answers since the last one took, as JSON.
"""

import json
import socket
import sys
import threading
import time
import uuid
from typing import Any

from websockets.sync.client import connect

__all__ = ["message"]

PAUSE = 0.01
"""Seconds between an answer and the next question: each makes the kernel tell all its clients that it is busy."""
SMALL = 20_000
"""Characters of an answer at most; what is larger is none, and is not read."""


def message(kind: str, channel: str, content: object) -> dict[str, Any]:
    """A message to a kernel, as its websocket takes it."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": uuid.uuid4().hex, "username": ""}
    header |= {"version": "5.3", "date": "2020-01-01T00:00:00Z"}
    rest: dict[str, Any] = {"parent_header": {}, "metadata": {}, "buffers": []}
    return {"header": header, "channel": channel, "content": content, **rest}


def _ask(url: str, times: list[float]) -> None:
    with connect(url, max_size=None) as channel:
        while True:
            question, begin = message("kernel_info_request", "control", {}), time.perf_counter()
            channel.send(json.dumps(question))
            while not _answers(channel.recv(), question["header"]["msg_id"]):
                # A gateway keeps small messages back until the one before is acknowledged.
                channel.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            times.append(time.perf_counter() - begin)
            time.sleep(PAUSE)


def _answers(received: str | bytes, number: str) -> bool:
    if isinstance(received, bytes) or len(received) > SMALL:
        return False
    answer = json.loads(received)
    return bool(answer["channel"] == "control" and answer["parent_header"].get("msg_id") == number)


def main(url: str) -> None:
    """Ask until the input ends."""
    times: list[float] = []
    threading.Thread(target=_ask, args=(url, times), daemon=True).start()
    for _ in sys.stdin:
        found, times[:] = list(times), []
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
