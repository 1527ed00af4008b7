"""Another user of the machine: a real one where the tests run as root, as they do in CI."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jupyter_trame.system import ownership
from jupyter_trame.transports import places
from tests.transports.support import NOBODY, AsOther, OtherProcess


@pytest.fixture
def as_other(monkeypatch: pytest.MonkeyPatch) -> AsOther:
    """Gives the file to another user; who may not do that looks at it with another user's eyes."""

    @contextmanager
    def give(path: Path) -> Iterator[None]:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, -1)
            try:
                yield
            finally:
                os.chown(path, 0, -1)
            return
        with monkeypatch.context() as patch:
            for module in (ownership, places):
                patch.setattr(module, "user_id", lambda: NOBODY)
            yield

    return give


@pytest.fixture
def other_process() -> OtherProcess:
    def run(code: str) -> bool:
        if os.geteuid() != 0:
            return False
        # The interpreter itself may lie where others cannot read: the child becomes another user once it runs.
        become = f"import os, socket; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        subprocess.run([sys.executable, "-S", "-c", become + code], check=True, timeout=60)
        return True

    return run
