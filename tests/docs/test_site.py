"""The site: each public name has an entry of the reference, and the build has nothing to warn of."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, entries
from tests.docs.test_references import resolve

PUBLIC = [
    "jupyter_trame",
    "jupyter_trame.client",
    "jupyter_trame.igor",
    "jupyter_trame.kernel",
    "jupyter_trame.magics",
    "jupyter_trame.narvi",
    "jupyter_trame.testing",
    "jupyter_trame.trio",
    "jupyter_trame.trio.websockets",
    "jupyter_trame.typed_state",
    "jupyter_trame.ui",
]
"""The modules that users import from."""
REFERENCE = sorted((ROOT / "docs" / "reference").glob("*.md"))


def test_each_public_name_has_one_entry() -> None:
    listed = [entry for page in REFERENCE for entry in entries(page)]
    assert len(listed) == len(set(listed))
    shown = {id(resolve(entry)): entry for entry in listed}
    assert len(shown) == len(listed), "two entries show one object"
    public = {f"{module}.{name}" for module in PUBLIC for name in importlib.import_module(module).__all__}
    missing = sorted(name for name in public if id(resolve(name)) not in shown)
    assert not missing, f"docs/reference/ has no entry for {missing}"
    assert set(listed) <= public


@pytest.mark.timeout(120)
def test_the_site_is_built_without_warnings(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "reference" / "ui.html").read_text("utf-8").count('id="jupyter_trame.ui.') > 40
