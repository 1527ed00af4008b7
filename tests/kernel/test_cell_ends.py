"""Who follows the cells of a shell hears of each end once, and of none after `stop`."""

from typing import cast

from IPython.core.events import EventManager
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from jupyter_trame.kernel.cell_ends import CellEnds


class Ends(CellEnds):
    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []

    def _on_cell_done(self, result: ExecutionResult) -> None:
        self.results.append(result)


def test_each_end_is_heard_of_once_and_none_after_stop() -> None:
    shell = cast("InteractiveShell", None)  # it is asked nothing
    first, second = [EventManager(shell, {"post_run_cell": lambda result: None}) for _ in range(2)]
    ends = Ends()
    ends.stop()
    ends.follow(first)
    ends.follow(first)
    ends.follow(second)
    first.trigger("post_run_cell", 1)
    second.trigger("post_run_cell", 2)
    assert ends.results == [1]
    ends.stop()
    ends.stop()
    first.trigger("post_run_cell", 3)
    assert ends.results == [1]
    ends.follow(second)
    second.trigger("post_run_cell", 4)
    assert ends.results == [1, 4]
