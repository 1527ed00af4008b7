"""Igor: a dictionary of Python functions behind a socket, for JavaScript and desktop clients.

Programs written for the original (https://github.com/cezary986/igor) run on this; ``docs/igor.md`` says what differs.
"""

from jupyter_trame.execution.mailbox import ClosedError
from jupyter_trame.igor.actions import flatten
from jupyter_trame.igor.configuration import CONFIG
from jupyter_trame.igor.file_server import run_file_server
from jupyter_trame.igor.igor_client import FloodError
from jupyter_trame.igor.igor_server import IgorServer, run_forever
from jupyter_trame.igor.javascript import client_source
from jupyter_trame.igor.processes import IgorProcess, ProcessOutput
from jupyter_trame.igor.streams import Stream

__all__ = [
    "CONFIG",
    "ClosedError",
    "FloodError",
    "IgorProcess",
    "IgorServer",
    "ProcessOutput",
    "Stream",
    "client_source",
    "flatten",
    "run_file_server",
    "run_forever",
]
