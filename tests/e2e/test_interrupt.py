"""Interrupting the kernel stops what hangs in a callback and nothing else."""

from pathlib import Path

from tests.e2e.lab import Lab
from tests.e2e.notebooks import APP, LOAD
from tests.e2e.servers import wait_until

HANGING = """
import pathlib
def press():
    pathlib.Path("hanging").touch()
    while True:
        pass
"""
PENDING = """
import asyncio, pathlib
async def press():
    pathlib.Path("hanging").touch()
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        state.echo = "cancelled"
        state.flush()
        raise
"""


def interrupt(lab: Lab, times: int = 1) -> None:
    kernel = lab.kernel_id()
    for _ in range(times):
        lab.server.api(f"kernels/{kernel}/interrupt", "POST")


def press_and_wait(lab: Lab, code: str) -> None:
    marker: Path = lab.server.root / "hanging"
    marker.unlink(missing_ok=True)
    lab.watch.expected += ["KeyboardInterrupt", "CancelledError", "interrupted", "cancelled"]
    lab.open_cells([LOAD, APP.replace("with DivLayout", f"{code}\nwith DivLayout")])
    lab.run_all()
    lab.inline_view().find(".button").click()
    wait_until(marker.exists, "the callback to start")


def test_a_callback_that_hangs_is_stopped(lab: Lab) -> None:
    press_and_wait(lab, HANGING)
    interrupt(lab)
    lab.inline_view().set_slider(".slider", 4)
    lab.inline_view().expect_text(".double", "8")


def test_a_pending_coroutine_is_cancelled(lab: Lab) -> None:
    press_and_wait(lab, PENDING)
    interrupt(lab)
    lab.inline_view().expect_text(".echo", "cancelled")
    lab.inline_view().set_slider(".slider", 4)
    lab.inline_view().expect_text(".double", "8")


def test_a_hundred_interrupts_leave_the_kernel_alive(lab: Lab) -> None:
    lab.open_cells([LOAD, APP, "import os; print(os.getpid())"])
    lab.run_all()
    pid, view = lab.text_output(2), lab.inline_view()
    for value in range(1, 51):
        interrupt(lab)
        view.set_slider(".slider", value)
        interrupt(lab)
    view.set_slider(".slider", 60)
    view.expect_text(".double", "120")
    lab.run(2)
    assert lab.text_output(2) == pid
