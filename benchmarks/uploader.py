"""A client that uploads as a page does: ``python -m benchmarks.uploader <url> <token> <secret> <file> <rounds>``.

Prints ``ready``, then waits for a line. In each round it copies the file, uploads it until the app has it, and prints
how many seconds both took. At the end it waits for another line.
"""

import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgpack

from benchmarks.viewer import Viewer

__all__ = ["copy", "main"]

PIECE, WINDOW = 3 << 18, 1 << 22
"""As in ``js/src/view/state/uploads.ts``, on a line that is wide."""
BLOCK = 1 << 20
_REFERENCE = 85


def copy(source: Path, target: Path) -> float:
    """Copy with reads and writes of a megabyte, as uploads come and go in pieces; the seconds that it took."""
    began = time.monotonic()
    with source.open("rb", buffering=0) as reader, target.open("wb", buffering=0) as writer:
        while block := reader.read(BLOCK):
            writer.write(block)
    return time.monotonic() - began


class Uploader(Viewer):
    """Uploads into the key ``doc`` of an app that counts in ``got``."""

    def upload(self, source: Path, number: int) -> float:
        """The seconds until ``got`` is `number`."""
        began, name = time.monotonic(), f"u{number}"
        size = source.stat().st_size
        self._request(f"rpc:c0:o{number}", "jupyter_trame.upload.open", [name, size, source.name])
        self._answered()
        sent = flying = 0
        lengths = []
        with source.open("rb", buffering=0) as reader:
            while block := reader.read(PIECE):
                while flying and flying + len(block) > WINDOW:
                    self._answered()
                    flying -= lengths.pop(0)
                self._send_piece(f"rpc:c0:p{number}-{sent}", name, sent, block)
                sent += len(block)
                flying += len(block)
                lengths.append(len(block))
        for _ in lengths:
            self._answered()
        reference = msgpack.ExtType(_REFERENCE, name.encode())
        self.write("doc", {"name": source.name, "content": reference, "_filter": ["content"]})
        self.wait("got", number)
        return time.monotonic() - began

    def _send_piece(self, request_id: str, name: str, offset: int, data: bytes) -> None:
        """As `_request`, without a copy of the data, so that it is not this client that is measured."""
        method = "jupyter_trame.upload.piece"
        head = msgpack.packb({"wslink": "1.0", "id": request_id, "method": method, "kwargs": {}})
        head = bytes([head[0] + 1]) + head[1:] + msgpack.packb("args") + b"\x93"
        head += msgpack.packb(name) + msgpack.packb(offset) + struct.pack(">BI", 0xC6, len(data))
        size = len(head) + len(data)
        self._socket.send_parts([struct.pack("<III", 1, 0, size), head, data])

    def _answered(self) -> None:
        answer: dict[str, Any] = self._receive()
        while not str(answer["id"]).startswith("rpc:"):
            answer = self._receive()
        if "error" in answer:
            raise RuntimeError(answer["error"])


def main(url: str, token: str, secret: str, file: str, rounds: int) -> None:
    """See the module."""
    headers = {"Authorization": f"token {token}"} if token else {}
    source = Path(file)
    with Uploader(url, headers, secret=secret) as client, tempfile.TemporaryDirectory() as folder:
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(1, rounds + 1):
            target = Path(folder) / "copy"
            copied = copy(source, target)
            target.unlink()
            print(copied, client.upload(source, number), flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]))
