"""The lowest versions of what faces the network: admitted, tested and explained are the same."""

import re
import tomllib
from collections import defaultdict
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parent.parent
NETWORK = {
    "aiohttp",
    "cryptography",
    "jupyter-server",
    "jupyterlab",
    "notebook",
    "tornado",
    "trio",
    "websockets",
}
"""What parses the bytes of others, or makes the pages and certificates around them."""


def constraints() -> dict[str, str]:
    lines = (ROOT / "tests" / "constraints-lowest.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {name: version for name, version in pairs}  # noqa: C416 - each line has two parts


def admitted() -> dict[str, set[str]]:
    """The minimum of each package, wherever pyproject.toml names it; an empty one where it has none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = defaultdict(set)
    for requirement in [*project["dependencies"], *chain(*project["optional-dependencies"].values())]:
        match = re.fullmatch(r"([\w-]+)(?:\[.*\])?(?:[>=]=([\d.]+))?(?:,.*)?", requirement)
        assert match is not None, requirement
        found[match[1]].add(match[2] or "")
    return found


def test_the_lowest_versions_are_those_that_are_admitted() -> None:
    minimums = admitted()
    assert {name: minimums[name] for name in NETWORK} == {
        name: {version} for name, version in constraints().items()
    }


def test_each_lowest_version_is_explained() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    for name, version in constraints().items():
        assert f"| {name} {version} |" in text, f"docs/security.md has no line for {name} {version}"


def test_make_installs_and_tests_them() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert "--constraint tests/constraints-lowest.txt" in text
    assert re.search(r"^test-lowest:", text, re.MULTILINE)
