"""The kernel of an instance: what the Jupyter server executes there."""

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_trame.errors import ServerError
from jupyter_trame.narvi.kernel_instance import run_instance
from tests.kernel.support import running_kernel


def described(cls: str, folder: Path, **facts: Any) -> str:
    return json.dumps(
        {
            "workspace": "w",
            "service": "s",
            "service_id": "x",
            "session_id": None,
            "parameters": {},
            "class": cls,
            "settings": {"folder": str(folder), "path": [str(folder)]},
            **facts,
        }
    )


def test_a_program_is_no_kernel(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="this is none"):
        run_instance(described("a.B", tmp_path))


def test_an_instance_answers_a_link_once_it_runs(tmp_path: Path) -> None:
    (tmp_path / "own_module.py").write_text(
        "import os\nclass Service:\n    def __init__(self, services):\n        self.folder = os.getcwd()\n"
        "class Failing:\n    def __init__(self, services):\n        raise ValueError('no data')\n"
    )
    code = "from jupyter_trame.narvi.kernel_instance import run_instance\nrun_instance({!r})"
    (tmp_path / "kernel").mkdir(mode=0o700)
    with running_kernel(tmp_path / "kernel") as kernel:
        failed = kernel.finish(kernel.start(code.format(described("own_module.Failing", tmp_path))))
        assert "ServiceFailedError" in str(failed.error)
        assert "ValueError: no data" in str(failed.error)
        assert not kernel.record_path.exists()
        kernel.run(code.format(described("own_module.Service", tmp_path)))
        assert kernel.record.services == ("narvi.instance",)
        assert kernel.value("__import__('os').getcwd()") == str(tmp_path)
