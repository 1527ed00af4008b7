"""What a process holds, told by itself: a Jupyter server by an extension, a kernel by a cell with this source."""

import asyncio
import ctypes
import gc
import os
import threading
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

__all__ = ["ADDRESS", "count"]

ADDRESS = "census"


def count() -> dict[str, int]:
    """Tasks of all loops, files and sockets, threads; garbage, and what the allocator has in reserve, go before."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    loops = [found for found in gc.get_objects() if isinstance(found, asyncio.AbstractEventLoop)]
    return {
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
