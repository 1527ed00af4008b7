"""What counts as a version; it stands in commands."""

from typing import Any

import pytest

from jupyter_trame.protocol.package_version import read_package


@pytest.mark.parametrize("version", ["0.1.0", "1.2.3rc1", "2!1.0.post1.dev3+local.7", "1" * 64])
def test_a_version(version: str) -> None:
    assert read_package(version) == version


@pytest.mark.parametrize(
    "value",
    ['9.0.0" ; echo evil ; "', "1.0\n2.0", "$(evil)", "`evil`", "v1", "", "1" * 65, 1.0, None, b"1.0"],
)
def test_what_is_none(value: Any) -> None:
    assert read_package(value) == ""
