"""What the browser side knows of widget packages, against the packages that are installed.

`js/src/view/packages/packages.ts` names them by the folders that they serve; their scripts and sheets hold what is
adapted. That it works in a page, `tests/e2e/test_packages.py` proves.
"""

import importlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from jupyter_trame import Server

PACKAGES = Path(__file__).parent.parent / "js" / "src" / "view" / "packages" / "packages.ts"

MODULES = {
    "components": "trame_components.module",
    "datagrid": "trame_datagrid.module.datagrid",
    "markdown": "trame_markdown.module",
    "matplotlib": "trame_matplotlib.module",
    "plotly": "trame_plotly.module",
    "router3": "trame_router.module.vue3",
    "vuetify2": "trame_vuetify.module.v2",
    "vuetify3": "trame_vuetify.module.v3",
    "vuetify3_lab": "trame_vuetify.module.v3_lab",
    "vuetify4": "trame_vuetify.module.v4",
    "vuetify4_lab": "trame_vuetify.module.v4_lab",
}
"""What serves each, as ``server.enable_module`` takes it."""
ELSEWHERE = {"datagrid2", "formkit", "quasar"}
"""Names of what the extra `packages` does not install, so that nothing here looks at it."""

VUETIFY = ("createVuetify", "usehead", "_context.provides", "attach")
"""Of Vuetify 3 and 4: see `js/src/view/packages/vuetify.ts`."""
SCRIPTS = {
    "components": ("TcMouseTrap", "document.addEventListener"),
    "datagrid": ("document.addEventListener",),
    "markdown": ("document.querySelectorAll", "document.getElementById"),
    "matplotlib": ("document.getElementById",),
    "plotly": ("document.head", "document.getElementById"),
    "router3": ("pushState", "location.pathname"),
    "vuetify3": (*VUETIFY, "document.activeElement"),
    "vuetify3_lab": (*VUETIFY, "document.activeElement"),
    "vuetify4": VUETIFY,
    "vuetify4_lab": VUETIFY,
}
"""What their scripts have in them, for which they are adapted or framed."""
PLAIN_ELEMENTS = re.compile(r"(?:^|[},])\s*(?:\*|a|body|button|html)\s*[,{]")
"""The rule of a sheet for elements without a class."""


class Served(NamedTuple):
    """What a module gives to pages."""

    folders: list[str]
    scripts: dict[str, str]
    """Text by address."""
    styles: list[str]


@cache
def served(name: str) -> Served:
    module = importlib.import_module(MODULES[name])
    folders: dict[str, str] = module.serve

    def text(address: str) -> str:
        prefix, _, rest = address.partition("/")
        return Path(folders[prefix], rest).read_text("utf-8", "replace")

    scripts = {address: text(address) for address in getattr(module, "scripts", [])}
    return Served([*folders], scripts, [text(address) for address in getattr(module, "styles", [])])


def facts() -> dict[str, str]:
    """What `FACTS` says of each name."""
    (table,) = re.findall(r"const FACTS[^=]*= \{\n(.*?)\n\};", PACKAGES.read_text("utf-8"), re.DOTALL)
    return dict(re.findall(r"^  (\w+): \{(.*?)\}", table, re.MULTILINE | re.DOTALL))


def package_of(path: str) -> str | None:
    """As the function of that name in `packages.ts`, by its expression."""
    (expression,) = re.findall(r"return /(.*)/\.exec\(path\)", PACKAGES.read_text("utf-8"))
    found = re.search(expression.replace(r"\/", "/"), path)
    return found and found[1]


def test_the_table_is_read() -> None:
    assert "scoped" in facts()["plotly"]
    assert "frame" in facts()["router3"]


def test_each_name_is_of_a_package_that_is_tried_here_or_said_to_be_elsewhere() -> None:
    assert facts().keys() == MODULES.keys() | ELSEWHERE
    assert not MODULES.keys() & ELSEWHERE


@pytest.mark.parametrize("name", MODULES)
def test_a_name_is_that_of_a_folder_that_is_served(name: str) -> None:
    package = served(name)
    assert name in [package_of(f"{folder}/x.js") for folder in package.folders]
    assert {package_of(address) for address in package.scripts} == {name}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_in_it_what_is_adapted(name: str) -> None:
    text = "\n".join(served(name).scripts.values())
    missing = [piece for piece in SCRIPTS[name] if piece not in text]
    assert not missing, (
        f"the scripts of {MODULES[name]} have no {missing} any more: look at {PACKAGES.parent}"
    )


def test_each_package_whose_scripts_are_adapted_is_looked_at() -> None:
    adapted = {name for name, said in facts().items() if "scoped" in said or "frame" in said}
    assert adapted - ELSEWHERE <= SCRIPTS.keys()


@pytest.mark.parametrize(
    "name", [name for name, said in facts().items() if "styled" in said and name in MODULES]
)
def test_a_package_with_styles_of_its_own_styles_plain_elements(name: str) -> None:
    assert any(PLAIN_ELEMENTS.search(style) for style in served(name).styles)


def test_the_element_for_keys_has_the_name_that_is_replaced() -> None:
    """`js/src/view/render/compile.ts` puts ours in its place."""
    from trame_components.widgets.trame import MouseTrap

    assert 'node.tag === "tc-mouse-trap"' in (PACKAGES.parent.parent / "render" / "compile.ts").read_text(
        "utf-8"
    )
    server = Server("keys")
    assert MouseTrap(trame_server=server).html.startswith("<tc-mouse-trap")
