"""Services of Narvi in kernels: a round trip beside a trame write's, and a first visit beside the start of a kernel."""

import itertools
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from benchmarks.jupyter import HEADERS, execute, server, socket_url, start_kernel
from benchmarks.measure import Sample, interleave, ratio, warm
from benchmarks.relay import start_echo
from benchmarks.viewer import Viewer, WebSocket
from tests.e2e.servers import JupyterServer

__all__ = ["START_GOAL", "TRIP_GOAL", "round_trips", "starts"]

TRIP_GOAL = 1.15
"""Most times that a message to a service and back may take as long as a trame write with its answer."""
START_GOAL = 1.3
"""Most times that a first visit may take as long as the start of a kernel that does nothing."""
_ROUNDS, _TRIPS = 15, 300
_STARTS = 15
_MESSAGE = bytes(100)

_SERVICE = """
class Echo:
    def __init__(self, services):
        services.add_message_listener(services.send)
"""
"""It imports nothing, so that a first visit is that of Narvi."""
_REGISTER = """
from jupyter_trame.narvi import NarviServer
server = NarviServer()
service = server.register_service("w", "echo", "echo_service.Echo")
server.register_app("echo", service, resource_roots={"index.html": "page.html"})
server.run()
"""


def _address(service_id: str, rest: str) -> str:
    return f"trame/narvi/w/echo/{service_id}/{rest}"


@contextmanager
def _registered() -> Iterator[tuple[JupyterServer, str]]:
    """A Jupyter server, and the kernel that has registered the echo."""
    with server() as running:
        (running.root / "echo_service.py").write_text(_SERVICE)
        (running.root / "page.html").write_text("<!doctype html><title>echo</title>")
        kernel = start_kernel(running)
        execute(running, kernel, _REGISTER)
        yield running, kernel


def _trips(page: WebSocket) -> list[float]:
    """Seconds from sending to a service to seeing it back."""
    found = []
    for _ in range(_TRIPS):
        began = time.perf_counter()
        page.send(_MESSAGE)
        page.receive()
        found.append(time.perf_counter() - began)
    return found


def _writes(viewer: Viewer, values: Iterator[int]) -> list[float]:
    """Seconds from writing ``x`` to seeing the ``y`` that the app makes of it."""
    found = []
    for value in itertools.islice(values, _TRIPS):
        began = time.perf_counter()
        viewer.write("x", value)
        viewer.wait("y", value)
        found.append(time.perf_counter() - began)
    return found


def round_trips() -> dict[str, Sample]:
    """Seconds of a round trip, through the same Jupyter server in turn."""
    with _registered() as (running, _), ExitStack() as stack:
        page = WebSocket(socket_url(running, _address("x", "connect")), HEADERS)
        stack.enter_context(closing(page))
        viewer = stack.enter_context(Viewer(start_echo(running), HEADERS))
        cases = {"service": partial(_trips, page), "trame": partial(_writes, viewer, itertools.count(1))}
        for case in cases.values():
            warm(case)
        return interleave(cases, _ROUNDS)


def _first_visit(running: JupyterServer, registrar: str, numbers: Iterator[int]) -> list[float]:
    """Seconds from asking for the page of an app to the first answer of its service, whose kernel starts for it."""
    service_id = f"visit{next(numbers)}"
    began = time.perf_counter()
    page_url = f"{running.url}{_address(service_id, 'index.html')}"
    urllib.request.urlopen(urllib.request.Request(page_url, headers=HEADERS)).close()
    with closing(WebSocket(socket_url(running, _address(service_id, "connect")), HEADERS)) as page:
        page.send(_MESSAGE)
        page.receive()
        took = time.perf_counter() - began
    execute(running, registrar, f"server.stop_service('w', 'echo', {service_id!r})")
    return [took]


def _bare_start(running: JupyterServer) -> list[float]:
    """Seconds from asking for a kernel to the end of its first cell, which is empty."""
    began = time.perf_counter()
    kernel = start_kernel(running)
    execute(running, kernel, "")
    took = time.perf_counter() - began
    running.api(f"kernels/{kernel}", "DELETE")
    return [took]


def starts() -> dict[str, Sample]:
    """Seconds of a first visit, and of the start of a kernel, in turn."""
    with _registered() as (running, registrar):
        cases = {
            "visit": partial(_first_visit, running, registrar, itertools.count(1)),
            "bare": partial(_bare_start, running),
        }
        for case in cases.values():
            warm(case)
        return interleave(cases, _STARTS)


if __name__ == "__main__":
    print("cpus", os.cpu_count())
    trips, begun = round_trips(), starts()
    for name, ours, other in (
        ("round trip", trips["service"], trips["trame"]),
        ("first visit", begun["visit"], begun["bare"]),
    ):
        times = "{:.2f} ({:.2f} .. {:.2f})".format(*ratio(ours, other))
        print(f"{name}: {ours.p50 * 1e3:.3f} ms, beside {other.p50 * 1e3:.3f} ms: {times}")
