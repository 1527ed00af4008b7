"""A process loads what it uses and nothing else; each case runs in an interpreter of its own."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "IPython", "anywidget", "asyncio", "comm", "ipykernel", "ipywidgets", "jupyter_client", "jupyter_server",
    "msgpack", "numpy", "pandas", "tornado", "traitlets", "trame_client", "trame_common", "trio",
    "websockets", "zmq",
}  # fmt: skip
KERNEL_ONLY = {"IPython", "anywidget", "ipykernel", "ipywidgets"}
SERVER_ONLY = {"jupyter_server", "jupyterlab", "jupyterlab_server", "notebook"}
NOT_FOR_A_SERVICE = {
    *("jupyter_trame.core", "jupyter_trame.protocol.replica", "jupyter_trame.runtime.lifecycle"),
    *("jupyter_trame.server", "jupyter_trame.web", "psutil", "tornado.web"),
}
"""The first visit of one waits for every import of its kernel."""
TRIO = {"jupyter_trame.trio", "trio", "websockets"}
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
        ("from jupyter_trame import Server", KERNEL_ONLY | SERVER_ONLY | OURS_IN_SERVER | TRIO | {"numpy"}),
        ("from jupyter_trame import compat; compat.install()", KERNEL_ONLY | SERVER_ONLY | TRIO),
        ("import jupyter_trame.kernel", SERVER_ONLY | OURS_IN_SERVER | TRIO | {"numpy"}),
        (
            "import jupyter_trame.narvi.kernel_instance",
            KERNEL_ONLY | SERVER_ONLY | OURS_IN_SERVER | NOT_FOR_A_SERVICE,
        ),
        (
            "import jupyter_trame.magics",
            SERVER_ONLY
            | OURS_IN_SERVER
            | {"jupyter_trame.command_line", "jupyter_trame.server", "urllib.request"},
        ),
        ("import jupyter_trame.trio", KERNEL_ONLY | SERVER_ONLY | OURS_IN_SERVER | {"numpy"}),
    ],
)
def test_nothing_unused_is_loaded(statement: str, unwanted: set[str]) -> None:
    surplus = loaded_by(statement) & unwanted
    assert not surplus, f"`{statement}` loads {sorted(surplus)}"


@pytest.mark.parametrize("missing", ["trio", "websockets", "websockets.trio"])
def test_without_the_extra_an_import_says_what_to_install(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; import jupyter_trame.trio"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert "pip install 'jupyter-trame[trio]'" in last
