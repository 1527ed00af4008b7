"""Code in kernels of the servers that the browser tests run."""

import json
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import connect

from tests.e2e.servers import TOKEN, JupyterServer, jupyter_server

__all__ = ["HEADERS", "execute", "process", "server", "socket_url", "start_kernel"]

HEADERS = {"Authorization": f"token {TOKEN}"}


@contextmanager
def server(*, extension: bool = True) -> Iterator[JupyterServer]:
    """JupyterLab with folders of its own, until the end of the block."""
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_server(Path(folder), extension=extension) as running,
    ):
        yield running
        running.shut_kernels_down()


@contextmanager
def process(*command: str, quiet: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A child process with a pipe for what it prints; it is ended on the way out. `quiet`: its errors are dropped."""
    errors = subprocess.DEVNULL if quiet else None
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(20)
        if child.stdout is not None:
            child.stdout.close()


def socket_url(running: JupyterServer, path: str) -> str:
    """The websocket address of `path`."""
    return f"ws{running.url[4:]}{path}"


def start_kernel(running: JupyterServer) -> str:
    """The id of a new Python kernel."""
    return str(running.api("kernels", "POST")["id"])


def execute(running: JupyterServer, kernel: str, code: str) -> str:
    """Run `code`, wait for its end, and give what it printed. Raises `RuntimeError` for an error in it."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": uuid.uuid4().hex}
    header |= {"username": "", "version": "5.3", "date": "2020-01-01T00:00:00Z"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    printed = ""
    url = socket_url(running, f"api/kernels/{kernel}/channels")
    with connect(url, additional_headers=HEADERS, max_size=None) as channel:
        channel.send(json.dumps({**message, "channel": "shell", "buffers": []}))
        while True:
            reply = channel.recv()
            if isinstance(reply, bytes):
                continue
            answer = json.loads(reply)
            if answer["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if answer["msg_type"] == "stream":
                printed += answer["content"]["text"]
            if answer["msg_type"] == "error":
                raise RuntimeError("\n".join(answer["content"]["traceback"]))
            if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                return printed
