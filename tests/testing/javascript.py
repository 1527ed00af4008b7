"""What node says, as the judge of our own JavaScript."""

import json
import shutil
import subprocess
from typing import Any

import pytest

__all__ = ["ask_node"]


def ask_node(function: str, *arguments: Any) -> Any:
    """The result of a JavaScript function for these arguments; both travel as JSON. Skips the test without node."""
    if shutil.which("node") is None:
        pytest.skip("compares with node, which is not installed")
    program = f"console.log(JSON.stringify(({function})(...JSON.parse(process.argv[1]))));"
    done = subprocess.run(
        ["node", "-e", program, json.dumps(arguments)], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)
