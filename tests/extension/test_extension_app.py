import json
import subprocess
import sys
from typing import Any

import pytest
from traitlets import TraitError
from traitlets.config import Config

from jupyter_trame.extension.extension_app import TrameExtension


@pytest.fixture
def options() -> dict[str, Any]:
    return {"grace": 5.0, "max_frame_size": 1000, "max_message_size": 2000, "max_client_queue": 3000}


def test_options_reach_the_relays(extension: TrameExtension) -> None:
    limits = extension.relays.options.limits
    assert (limits.grace, limits.frame, limits.message, limits.client_queue) == (5.0, 1000, 2000, 3000)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ping_interval", -1), ("grace", -0.1), ("max_frame_size", 0), ("app_start_timeout", 0)],
)
def test_senseless_options_are_refused(name: str, value: float) -> None:
    with pytest.raises(TraitError, match=name):
        TrameExtension(config=Config(TrameExtension={name: value}))


def test_each_option_says_its_unit() -> None:
    numbers = [
        trait
        for trait in TrameExtension.class_own_traits(config=True).values()
        if type(trait).__name__ in {"Int", "Float"}
    ]
    assert numbers
    assert all(trait.help.startswith(("(seconds)", "(bytes)", "(kernels)")) for trait in numbers)


def test_views_are_activity(extension: TrameExtension) -> None:
    assert not extension.current_activity()


async def test_stops_with_the_server(extension: TrameExtension) -> None:
    await extension.stop_extension()
    await extension.stop_extension()
    assert len(extension.relays) == 0


def test_nothing_of_a_kernel_is_loaded() -> None:
    """Measured in a process of its own: what the extension adds to a notebook server."""
    program = (
        "import sys, json, jupyter_server.serverapp; before = set(sys.modules);"
        "import jupyter_trame.extension.extension_app; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = json.loads(output.stdout)
    tops = {name.partition(".")[0] for name in loaded}
    assert not tops & {"IPython", "ipykernel", "ipywidgets", "anywidget", "numpy", "trame_client", "trame"}
    ours = {name.split(".")[1] for name in loaded if name.startswith("jupyter_trame.")}
    assert not ours & {"server", "kernel", "client", "core"}
