"""Messages of a page, and the shell that takes them."""

from collections.abc import Iterator

import pytest

from tests.kernel.support import Kernel

COMM = """
import comm, threading
seen = []
def noted(message):
    seen.append((message["content"]["data"], threading.current_thread() is threading.main_thread()))
channel = comm.create_comm(target_name="a page")
channel.on_msg(noted)
from jupyter_trame.kernel.subshells import free_comm
free_comm(channel)
channel.send("from the main shell")
"""


@pytest.fixture
def channel(kernel: Kernel) -> Iterator[str]:
    if kernel.create_subshell() is None:
        pytest.skip("this ipykernel has no subshells")
    kernel.run(COMM)
    yield str(kernel.value("channel.comm_id"))
    kernel.subshell = None


def test_a_subshell_that_runs_takes_what_names_it(kernel: Kernel, channel: str) -> None:
    kernel.subshell = kernel.create_subshell()
    kernel.send_comm(channel, 1, [])
    kernel.until(lambda: kernel.value("seen") == [(1, False)])


@pytest.mark.parametrize("subshell", ["gone-by-now", None])
def test_the_main_shell_takes_the_rest(kernel: Kernel, channel: str, subshell: str | None) -> None:
    kernel.subshell = subshell
    kernel.send_comm(channel, 1, [])
    kernel.until(lambda: kernel.value("seen") == [(1, True)])


def test_what_has_no_such_choice_is_left_alone() -> None:
    from jupyter_trame.kernel.subshells import free_comm

    channel = object()
    free_comm(channel)
    assert not hasattr(channel, "_reply_subshell_for")
