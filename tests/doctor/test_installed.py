"""Versions of what is there; what is not is left out."""

import platform
from importlib.metadata import version

from jupyter_trame.doctor.installed import installed


def test_what_is_there_has_its_version() -> None:
    found = installed(["msgpack", "no-such-distribution"])
    assert found == {"Python": platform.python_version(), "msgpack": version("msgpack")}
