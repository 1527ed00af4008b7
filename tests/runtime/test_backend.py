"""What every backend has."""

import inspect

import pytest

from jupyter_trame.kernel.backend import KernelBackend
from jupyter_trame.program.standalone import StandAlone
from jupyter_trame.runtime.backend import Backend, StartRequest
from tests.support.servers import LoopBackend


@pytest.mark.parametrize("backend", [KernelBackend, StandAlone, LoopBackend])
def test_backends_take_the_same_calls(backend: type) -> None:
    for name, method in inspect.getmembers(Backend, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(backend, name)).parameters.keys() == (
                inspect.signature(method).parameters.keys()
            )


def test_a_request_leaves_open_what_it_does_not_say() -> None:
    request = StartRequest()
    assert (request.exec_mode, request.port, request.host, request.timeout) == ("main", None, None, None)
