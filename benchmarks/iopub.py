"""How many messages a kernel sends to everybody for 20 000 changes in five seconds, seen by a view on the comm."""

import tempfile
from pathlib import Path

from tests.kernel.page import FLOOD, Page
from tests.kernel.support import running_kernel

__all__ = ["measure"]

APP = """
%load_ext jupyter_trame
from jupyter_trame import Server
server = Server("flood")
server.state.step = 0
server.start()
view = server.view()
"""


def measure() -> tuple[int, float]:
    """Messages until the view has the last value, those of the cell itself included; seconds of the changes."""
    with tempfile.TemporaryDirectory() as folder, running_kernel(Path(folder)) as kernel:
        kernel.run(APP)
        page = Page(kernel, str(kernel.value("view.model_id"))).open()
        before = kernel.published
        took = float(kernel.run(FLOOD).stream)
        page.until(lambda: page.state["step"] == 20_000)
        return kernel.published - before, took


if __name__ == "__main__":
    print("{} messages for 20 000 changes in {:.2f} s".format(*measure()))
