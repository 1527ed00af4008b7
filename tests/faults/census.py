"""What a process holds, told by itself: a Jupyter server by an extension, a kernel by a cell with this source."""

import asyncio
import ctypes
import gc
import os
import re
import sys
import tempfile
import threading
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

__all__ = ["ADDRESS", "count", "in_use"]

ADDRESS = "census"


_MALL_INFO = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _MallInfo(ctypes.Structure):
    """What glibc's `mallinfo2` returns."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _MALL_INFO)


def in_use() -> int:
    """Bytes that Python's allocator and that of C have given out. What they keep in reserve is not among them."""
    with tempfile.TemporaryFile() as told:
        stderr = os.dup(2)
        os.dup2(told.fileno(), 2)
        try:
            sys._debugmallocstats()
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
        told.seek(0)
        found = re.search(rb"# bytes in allocated blocks\s+=\s+([\d,]+)", told.read())
    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _MallInfo
    given = library.mallinfo2()
    return int(found[1].replace(b",", b"")) + given.uordblks + given.hblkhd if found else 0


def count() -> dict[str, int]:
    """Bytes in use, tasks of all loops, files and sockets, threads; after what is garbage has gone."""
    gc.collect()
    loops = [found for found in gc.get_objects() if isinstance(found, asyncio.AbstractEventLoop)]
    return {
        "in use": in_use(),
        "tasks": sum(len(asyncio.all_tasks(loop)) for loop in loops),
        "files": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - a Path would be imported for it
        "threads": threading.active_count(),
    }


class CensusHandler(APIHandler):
    """What the Jupyter server holds now."""

    @authenticated
    def get(self) -> None:
        self.finish(count())


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.faults.census"}]


def _load_jupyter_server_extension(app: Any) -> None:
    app.web_app.add_handlers(".*", [(url_path_join(app.base_url, ADDRESS), CensusHandler)])
