"""What ``import jupyter_trame`` and its parts cost beyond their dependencies."""

import subprocess
import sys

from benchmarks.measure import Sample, interleave

__all__ = ["measure"]

ROUNDS = 7

DEPENDENCIES = {
    "package": "",
    "kernel": "import anywidget, IPython, msgpack, traitlets, asyncio",
    "extension": "import jupyter_server.serverapp, tornado.websocket, msgpack",
}
OURS = {
    "package": "import jupyter_trame",
    "kernel": "from jupyter_trame import Server; import jupyter_trame.kernel",
    "extension": "import jupyter_trame.extension.app",
}


def _seconds(before: str, code: str) -> list[float]:
    """Time of `code` in a fresh process that has run `before`."""
    program = (
        f"import time\n{before}\nbegin = time.perf_counter()\n{code}\nprint(time.perf_counter() - begin)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return [float(done.stdout)]


def measure() -> dict[str, Sample]:
    """Each part on top of its dependencies, in fresh processes."""
    cases = {name: (lambda name=name: _seconds(DEPENDENCIES[name], OURS[name])) for name in OURS}
    return interleave(cases, ROUNDS)


if __name__ == "__main__":
    for name, sample in measure().items():
        print(f"{name}: {sample.p50 * 1e3:.1f} ms beyond its dependencies")
