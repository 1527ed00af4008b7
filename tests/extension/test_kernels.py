from types import SimpleNamespace
from typing import Any

from jupyter_trame.extension.kernels import Kernels, RunningServer
from tests.extension.support import KernelProcess


async def test_lists_what_answers(kernel: KernelProcess, relays: Any) -> None:
    assert await relays.kernels.running() == []
    kernel.run("One")
    kernel.run("Two")
    assert await relays.kernels.running() == [
        RunningServer(kernel.id, "one", "One <title>", "One"),
        RunningServer(kernel.id, "two", "Two <title>", "Two"),
    ]
    kernel.kill()
    assert await relays.kernels.running() == []


def test_unknown_kernel_has_no_record(relays: Any) -> None:
    assert "no" not in relays.kernels
    assert relays.kernels.record_path("no") is None
    assert relays.kernels.record("no") is None
    relays.kernels.view_opened("no")
    relays.kernels.view_closed("no")


def test_kernel_of_a_gateway_has_no_record() -> None:
    class Manager:
        def __contains__(self, kernel_id: str) -> bool:
            return True

        def get_kernel(self, kernel_id: str) -> Any:
            return SimpleNamespace(connection_file="")

    assert Kernels(Manager()).record_path("x") is None  # type: ignore[arg-type]


async def test_forget_leaves_the_record_of_the_next_process(kernel: KernelProcess, relays: Any) -> None:
    kernel.run()
    relays.kernels.forget(kernel.record_path, kernel.pid + 1)
    assert kernel.record_path.exists()
    relays.kernels.forget(kernel.record_path, kernel.pid)
    assert not kernel.record_path.exists()
