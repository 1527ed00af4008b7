"""Taking the place of trame's server, refusing to be late, and leaving."""

import importlib
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_trame import compat
from jupyter_trame.compat.dropin import COMPANIONS, MIRRORS
from tests.compat.support import environment

ORIGINALS = """
import importlib, json, pkgutil, sys, types
sys.modules["webview"] = types.ModuleType("webview")  # need not be installed
names = {}
for package in ("trame_server", "wslink"):
    root = importlib.import_module(package)
    for info in pkgutil.walk_packages(root.__path__, package + "."):
        try:
            names[info.name] = dir(importlib.import_module(info.name))
        except ImportError:
            pass
    names[package] = dir(root)
print(json.dumps(names))
"""


def run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
        timeout=60,
    )


def mirrors() -> list[str]:
    """Every module that is ours while the drop-in is installed."""
    return sorted(
        ".".join([package, *path.relative_to(folder).with_suffix("").parts]).removesuffix(".__init__")
        for package, folder in MIRRORS.items()
        for path in folder.rglob("*.py")
    )


@pytest.fixture(scope="module")
def originals() -> dict[str, list[str]]:
    """Names in the modules of trame's own server, which are imported in another process."""
    result = run(ORIGINALS)
    assert result.returncode == 0, result.stderr
    names: dict[str, list[str]] = json.loads(result.stdout.splitlines()[-1])
    return names


@pytest.mark.parametrize("name", mirrors())
def test_every_name_of_a_mirror_exists_in_the_original_too(
    drop_in: None, name: str, originals: dict[str, list[str]]
) -> None:
    module = importlib.import_module(name)
    assert str(MIRRORS[name.partition(".")[0]]) in str(module.__file__)
    assert name in originals, "the original has no such module"
    own = {"BackendType", "ClientType", "ExecModeType"}  # there for type checkers only
    if name == "trame_server.utils.logger":
        own.add("NetworkLog")
    missing = set(module.__all__) - set(originals[name]) - own
    assert not missing, f"the original has no {missing}"
    assert all(hasattr(module, public) for public in module.__all__)


def test_trame_runs_on_it(drop_in: None) -> None:
    import trame.app
    import trame_server
    import wslink.websocket

    assert compat.installed()
    server = trame.app.get_server("drop-in-test")
    assert type(server) is trame_server.Server
    assert server.compat == "trame"
    assert trame_server.__version__ == "4.1.0"
    assert wslink.websocket.LinkProtocol().coreServer is None


def test_tools_find_it(drop_in: None) -> None:
    spec = importlib.util.find_spec("trame_server.utils.typed_state")
    assert spec is not None
    assert str(MIRRORS["trame_server"]) in str(spec.origin)
    assert importlib.metadata.version("trame-server") != "", "metadata is left alone"


def test_installing_again_changes_nothing(drop_in: None) -> None:
    import trame_server

    path = list(sys.meta_path)
    compat.install()
    assert sys.meta_path == path
    assert sys.modules["trame_server"] is trame_server


def test_uninstalling_gives_the_original_back() -> None:
    result = run(
        "from jupyter_trame import compat; import sys; compat.install(); import trame_server.core, wslink;"
        "compat.uninstall(); assert not compat.installed(); compat.uninstall();"
        "import trame_server, wslink; print(trame_server.__file__, wslink.__file__)"
    )
    assert result.returncode == 0, result.stderr
    assert "jupyter_trame" not in result.stdout
    assert "site-packages" in result.stdout


@pytest.mark.parametrize(
    ("statement", "name"), [("import trame.app", "trame_server"), ("import wslink", "wslink")]
)
def test_it_refuses_to_come_too_late(statement: str, name: str) -> None:
    result = run(f"{statement}\nfrom jupyter_trame import compat\ncompat.install()")
    assert result.returncode == 1
    message = result.stderr.splitlines()[-1]
    assert message.startswith(f"jupyter_trame.errors.ServerError: {name} is imported already, from ")
    assert f"site-packages/{name}/__init__.py" in message
    assert "Restart" in message
    assert "%load_ext jupyter_trame" in message


def test_a_refusal_leaves_nothing_behind() -> None:
    result = run(
        "import trame_server, sys\nfrom jupyter_trame import compat\nbefore = list(sys.meta_path)\n"
        "try:\n    compat.install()\nexcept Exception: pass\nprint(sys.meta_path == before, compat.installed())"
    )
    assert result.stdout.split() == ["True", "False"], result.stderr


def test_it_costs_no_import_of_trame() -> None:
    result = run(
        "from jupyter_trame import compat; import sys; compat.install();"
        "print([n for n in sys.modules if n.startswith(('trame', 'wslink', 'IPython', 'aiohttp', 'pyvista'))])"
    )
    assert result.stdout.strip() == "[]", result.stderr


def test_a_companion_is_ours_where_it_is_not_installed() -> None:
    result = run(
        "from jupyter_trame import compat\nimport sys\ncompat.install()\ncompat.install()\n"
        "import trio_websockets, trio_websockets.client\nprint(trio_websockets.__file__)\n"
        "compat.uninstall()\nassert 'trio_websockets' not in sys.modules\n"
        "try:\n    import trio_websockets\nexcept ImportError:\n    print('gone')"
    )
    assert result.returncode == 0, result.stderr
    where, gone = result.stdout.splitlines()
    assert where == str(COMPANIONS["trio_websockets"] / "__init__.py")
    assert gone == "gone"


def test_a_companion_that_is_installed_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "trio_websockets.py").write_text("WHERE = 'installed'")
    result = run(
        f"import logging, sys\nlogging.basicConfig(level=logging.INFO)\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "from jupyter_trame import compat\ncompat.install()\nimport trio_websockets\n"
        "print(trio_websockets.WHERE)\ncompat.uninstall()\nassert 'trio_websockets' in sys.modules"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "installed"
    assert result.stderr.count("import trio_websockets gives the package that is installed") == 1


TRIO_WEBSOCKETS = {
    "": "connect WebSocketClientProtocol serve unix_serve WebSocketServerProtocol WebSocketCommonProtocol "
    "ConnectionClosed InvalidHandshake InvalidState InvalidURI PayloadTooBig WebSocketProtocolError parse_uri "
    "WebSocketURI __version__ WebSocketServer InvalidMessage InvalidHeader InvalidHeaderFormat InvalidHeaderValue "
    "InvalidUpgrade InvalidOrigin InvalidStatusCode NegotiationError InvalidParameterName InvalidParameterValue "
    "DuplicateParameter AbortHandshake",
    ".client": "connect WebSocketClientProtocol",
    ".server": "serve unix_serve WebSocketServerProtocol WebSocketServer",
    ".protocol": "WebSocketCommonProtocol encode_data CLOSE_CODES State",
    ".exceptions": "ConnectionClosed InvalidHandshake AbortHandshake InvalidState InvalidURI PayloadTooBig "
    "WebSocketProtocolError",
    ".uri": "parse_uri WebSocketURI",
    ".utils": "apply_mask",
    ".version": "version",
}
"""The modules of the original, and the names that programs import from them; the original itself cannot be imported."""


@pytest.mark.parametrize("module", TRIO_WEBSOCKETS)
def test_the_names_of_trio_websockets(drop_in: None, module: str) -> None:
    found = importlib.import_module("trio_websockets" + module)
    assert str(COMPANIONS["trio_websockets"]) in str(found.__file__)
    for name in TRIO_WEBSOCKETS[module].split():
        assert getattr(found, name) is not None
