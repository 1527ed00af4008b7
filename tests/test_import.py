"""A process loads what it uses and nothing else; each case runs in an interpreter of its own."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "IPython", "anywidget", "asyncio", "comm", "ipykernel", "ipywidgets", "jupyter_client", "jupyter_server",
    "msgpack", "numpy", "pandas", "tornado", "traitlets", "trame_client", "trame_common", "zmq",
}  # fmt: skip
KERNEL_ONLY = {"IPython", "anywidget", "ipykernel", "ipywidgets"}
SERVER_ONLY = {"jupyter_server", "jupyterlab", "jupyterlab_server", "notebook"}
OURS_IN_KERNEL = {"jupyter_trame.kernel", "jupyter_trame.server"}
OURS_IN_SERVER = {"jupyter_trame.apps", "jupyter_trame.extension"}


def loaded_by(statement: str) -> set[str]:
    """Every module that is loaded after `statement` and was not before it."""
    listing = "print(json.dumps([*set(sys.modules) - before]))"
    program = f"import json, sys; before = set(sys.modules); {statement}; {listing}"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import jupyter_trame", HEAVY | OURS_IN_KERNEL | OURS_IN_SERVER),
        ("import jupyter_trame; jupyter_trame._jupyter_labextension_paths()", HEAVY),
        (
            "import jupyter_trame; jupyter_trame._jupyter_server_extension_points()",
            KERNEL_ONLY | OURS_IN_KERNEL | {"trame_client", "numpy", "jupyterlab"},
        ),
        ("import jupyter_trame.core", KERNEL_ONLY | SERVER_ONLY | {"asyncio", "msgpack", "numpy", "tornado"}),
        ("import jupyter_trame.protocol", KERNEL_ONLY | SERVER_ONLY | {"asyncio", "numpy", "tornado"}),
        ("from jupyter_trame import Server", KERNEL_ONLY | SERVER_ONLY | OURS_IN_SERVER | {"numpy"}),
        ("import jupyter_trame.kernel", SERVER_ONLY | OURS_IN_SERVER | {"numpy"}),
    ],
)
def test_nothing_unused_is_loaded(statement: str, unwanted: set[str]) -> None:
    surplus = loaded_by(statement) & unwanted
    assert not surplus, f"`{statement}` loads {sorted(surplus)}"
