"""Imports go strictly downwards and in no circle; the table is the one of docs/architecture.md.

A module may import its own folder, the folders its row names, and third-party packages unless its row bans
them. Imports under ``if TYPE_CHECKING`` count like any other: a name in an annotation is knowledge too.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "jupyter_trame"

CLOCKS_AND_TASKS = frozenset({"asyncio", "selectors", "socket", "subprocess", "time", "trio"})
"""What a sans-IO module does not touch: it is told `now` and returns what to do."""

JUPYTER_SERVER = frozenset(
    {"jupyter_client", "jupyter_server", "jupyterlab", "jupyterlab_server", "notebook", "voila"}
)
KERNEL = frozenset({"IPython", "anywidget", "comm", "ipykernel", "ipywidgets"})
PEER = frozenset({"trame", "trame_server", "wslink"})
"""The original server: we replace it, and tests alone run it as the stock client."""


@dataclass(frozen=True)
class Layer:
    reason: str
    """Why the row is as it is; printed when a module breaks it."""
    may: frozenset[str] = field(default_factory=frozenset)
    """Folders and modules of ours beside its own."""
    bans: frozenset[str] = PEER
    """Third-party and standard modules that no module of the layer imports."""


BOTTOM = frozenset({"errors", "given", "lazy_names", "log_text", "names", "types"})
CORE = BOTTOM | {"core", "showing"}
PROTOCOL = CORE | {"protocol"}
TRANSPORTS = PROTOCOL | {"files", "system", "transports"}
EXECUTION = TRANSPORTS | {"execution"}
RUNTIME = EXECUTION | {"runtime", "doctor", "_version"}
RPC = RUNTIME | {"rpc"}
WEB = RPC | {"web"}
PROGRAM = WEB | {"program"}
SERVER = PROGRAM | {"server"}

LAYERS = {
    "_version": Layer("the version is read by everybody, so it knows nobody"),
    "errors": Layer(
        "layer 0 is what all others name", bans=PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER
    ),
    "names": Layer("layer 0 is what all others name", bans=PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER),
    "types": Layer("layer 0 is what all others name", bans=PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER),
    "given": Layer("layer 0 is what all others name", bans=PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER),
    "lazy_names": Layer(
        "layer 0 is what all others name", bans=PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER
    ),
    "log_text": Layer(
        "layer 0 is what all others name", bans=PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER
    ),
    "system": Layer(
        "what protects from others of the machine asks the system, and knows neither clients nor servers",
        BOTTOM,
        PEER | KERNEL | JUPYTER_SERVER | {"asyncio", "tornado"},
    ),
    "showing": Layer(
        "how an object is shown is a question of its type alone: no client, no server, and nothing of its package",
        BOTTOM,
        PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER | {"msgpack", "tornado"},
    ),
    "doctor": Layer(
        "what a report is, and what it says of facts, is the same for all who collect them: it knows none of them",
        BOTTOM,
        PEER | KERNEL | JUPYTER_SERVER | {"tornado"},
    ),
    "core": Layer(
        "state and listeners are sans-IO: no clock, task or socket, and no Jupyter",
        BOTTOM | {"showing"},
        PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER | {"msgpack", "tornado"},
    ),
    "protocol": Layer(
        "the wire is sans-IO: bytes and `now` come in, bytes and events go out",
        CORE,
        PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER | {"tornado", "traitlets"},
    ),
    "browserless": Layer(
        "what a template means is worked out of its text and of values, for tests and for pictures",
        CORE,
        PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER | {"msgpack", "tornado"},
    ),
    "picture": Layer(
        "a still picture is made of a template and values alone: no server, no client",
        CORE | {"browserless"},
        PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER | {"msgpack", "tornado"},
    ),
    "typed_state": Layer(
        "a dataclass as the state: sans-IO like the state itself",
        CORE,
        PEER | CLOCKS_AND_TASKS | KERNEL | JUPYTER_SERVER | {"msgpack", "tornado"},
    ),
    "files": Layer(
        "which file an address means and how it is sent is the same for all who send: nobody's socket is known",
        PROTOCOL,
        PEER | KERNEL | JUPYTER_SERVER | {"aiohttp", "asyncio", "tornado"},
    ),
    "apps": Layer(
        "the notebook server reads what is registered without importing any of it",
        BOTTOM,
        PEER | KERNEL | JUPYTER_SERVER | {"asyncio", "tornado"},
    ),
    "transports": Layer(
        "kernel and notebook server both use a transport, so it loads what is peculiar to neither",
        PROTOCOL | {"files", "system"},
        PEER | KERNEL | JUPYTER_SERVER,
    ),
    "execution": Layer(
        "who runs user code knows neither the wire nor a server: a State without a server is run by it too",
        TRANSPORTS,
        PEER | KERNEL | JUPYTER_SERVER | {"tornado"},
    ),
    "runtime": Layer(
        "how a server runs is told what answers its clients and what carries it: it knows neither",
        EXECUTION | {"doctor", "_version"},
        PEER | KERNEL | JUPYTER_SERVER | {"tornado"},
    ),
    "rpc": Layer(
        "what clients ask is answered by a runtime, whatever carries it",
        RUNTIME,
        PEER | KERNEL | JUPYTER_SERVER | {"tornado"},
    ),
    "web": Layer(
        "a replica behind a web server of ours: it shows a runtime, and does not decide when one starts",
        RPC,
        PEER | KERNEL | JUPYTER_SERVER,
    ),
    "program": Layer(
        "``python app.py`` is one way to carry a runtime: it is handed that, and never a server",
        WEB,
        PEER | KERNEL | JUPYTER_SERVER,
    ),
    "server": Layer(
        "a server runs in a kernel and alone: neither the notebook server nor IPython is there for sure",
        PROGRAM,
        PEER | KERNEL | JUPYTER_SERVER,
    ),
    "kernel": Layer(
        "kernel and notebook server are two processes that meet on the wire only",
        SERVER | {"picture"},
        PEER | JUPYTER_SERVER,
    ),
    "services": Layer(
        "what an address and a life of a service are is the same on every host: it has no socket and no user code",
        BOTTOM | {"files", "protocol", "system"},
        PEER | KERNEL | JUPYTER_SERVER | {"selectors", "socket", "subprocess", "tornado", "trio"},
    ),
    "extension": Layer(
        "the notebook server relays packed values: it runs no user code and loads nothing of a kernel",
        TRANSPORTS | {"_version", "apps", "doctor", "services", "templates"},
        PEER | KERNEL,
    ),
    "ui": Layer(
        "parts of an interface are written with what a server promises to users and packages, as a package's are",
        SERVER,
        PEER | JUPYTER_SERVER,
    ),
    "client": Layer(
        "the headless client stands beside the server, and shares its guard around user code and its hot reload",
        SERVER,
        PEER | KERNEL | JUPYTER_SERVER,
    ),
    "trio": Layer(
        "websockets on trio, and the ways between a trio program and an app; nothing but its own users loads trio",
        SERVER | {"client", "kernel"},
        PEER | JUPYTER_SERVER,
    ),
    "testing": Layer(
        "fixtures for users' tests run an app and headless clients, without Jupyter",
        SERVER | {"browserless", "client"},
        PEER | KERNEL | JUPYTER_SERVER,
    ),
    "igor": Layer(
        "Igor stands beside the server: it looks for the kernel around it, and shares websockets and checks",
        SERVER | {"kernel"},
        PEER | JUPYTER_SERVER,
    ),
    "narvi": Layer(
        "Narvi runs the code of services, in a program and in kernels; what hosts share is below it, in `services`",
        SERVER | {"kernel", "services"},
        PEER | JUPYTER_SERVER,
    ),
    "compat": Layer(
        "the drop-in is names of ours under trame's; it takes the original's place and never loads it",
        SERVER | {"client", "igor", "kernel", "narvi", "trio", "typed_state"},
        PEER | JUPYTER_SERVER,
    ),
    "templates": Layer(
        "what apps begin with is text, for the command line and for the notebook server",
        BOTTOM | {"core"},
        PEER | KERNEL | JUPYTER_SERVER | {"asyncio", "tornado"},
    ),
    "command_line": Layer(
        "the command line asks a Jupyter server as every client does: nothing of a server of ours is loaded",
        BOTTOM | {"_version", "core", "doctor", "program", "templates"},
        PEER | KERNEL | {"asyncio", "tornado"},
    ),
    "magics": Layer(
        "magics speak of the servers of their kernel, and of others by the words of the command line",
        SERVER | {"command_line", "compat", "doctor", "kernel", "ui"},
        PEER | JUPYTER_SERVER,
    ),
    "__main__": Layer("the command line runs programs on the drop-in", frozenset({"_version", "compat"})),
    "demo": Layer(
        "the demo app is written as a user writes one: the package's public names only",
        frozenset({"server", "kernel"}),
        PEER | JUPYTER_SERVER,
    ),
}
"""Folder or module of the package -> what it may know."""

ROOT_LAYER = Layer(
    "importing the package must load nothing: its names and hooks import when they are used",
    frozenset(LAYERS) - {"__main__", "demo", "testing"},
)

ENVIRONMENT_READERS = {
    "runtime/settings.py": "options, CLI and environment enter at one place",
    "command_line/variables.py": "a command of Jupyter has arguments and variables of its own",
    "compat/script.py": "writes the command line that the program it runs is to see",
}
SANS_IO = frozenset({"core", "protocol", "showing", "errors.py", "names.py", "types.py"})
IO_CALLS = frozenset(
    {"print", "input", "open", "logging.basicConfig", "datetime.now", "datetime.datetime.now"}
)


def modules() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def layer_name(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


def layer_of(module: Path) -> Layer:
    return ROOT_LAYER if module == Path("__init__.py") else LAYERS[layer_name(module)]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, at the top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            if node.module == "jupyter_trame":
                yield from ((node.lineno, f"jupyter_trame.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, node.module


def violations(module: Path, tree: ast.AST) -> Iterator[str]:
    layer, own = layer_of(module), layer_name(module)
    for line, name in imports(tree):
        top, _, rest = name.partition(".")
        if top in layer.bans:
            yield f"jupyter_trame/{module}:{line} imports {name}: {layer.reason}"
        target = rest.partition(".")[0]
        if top == "jupyter_trame" and not (target == own or target in layer.may or is_public(own, target)):
            yield f"jupyter_trame/{module}:{line} imports {name}: {layer.reason}"


def is_public(own: str, target: str) -> bool:
    return own == "demo" and target == "Server"


def dotted_name(module: Path) -> str:
    return ".".join(("jupyter_trame", *module.with_suffix("").parts)).removesuffix(".__init__")


def import_graph() -> dict[str, set[str]]:
    """Module -> modules of ours that it imports, at the top, in a function or for types only."""
    known = {dotted_name(module): module for module in modules()}
    graph: dict[str, set[str]] = {}
    for name, module in known.items():
        found = graph[name] = set()
        for node in ast.walk(parse(module)):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names if alias.name in known)
            elif isinstance(node, ast.ImportFrom) and node.module in known:
                parts = [f"{node.module}.{alias.name}" for alias in node.names]
                found.update(part if part in known else node.module for part in parts)
        found.discard(name)
    return graph


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """A shortest circle, its first module again at the end; empty where there is none."""
    circles = (_way_back(graph, name) for name in sorted(graph))
    return min((circle for circle in circles if circle), key=len, default=[])


def _way_back(graph: dict[str, set[str]], start: str) -> list[str]:
    ways, seen = [[start]], set[str]()
    for way in ways:
        for name in sorted(graph.get(way[-1], ())):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


@cache
def parse(module: Path) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text("utf-8"), str(module))


def dotted(node: ast.AST) -> str:
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_imports_go_downwards() -> None:
    found = [violation for module in modules() for violation in violations(module, parse(module))]
    assert not found, "\n".join(found)


def test_no_module_imports_itself_by_a_detour() -> None:
    circle = find_circle(import_graph())
    assert not circle, (
        f"{' -> '.join(circle)}: who reads one of these has to read all. Hand in what is needed, or move the "
        "state that both want below them; an import under TYPE_CHECKING counts too"
    )


def test_a_circle_is_found() -> None:
    graph = {"a": {"b", "c"}, "b": {"d"}, "c": {"a"}, "d": {"a"}, "e": {"a"}}
    assert find_circle(graph) == ["a", "c", "a"]
    assert find_circle({"a": {"b"}, "b": set()}) == []


def test_what_users_hold_stays_small() -> None:
    """Who adds a part to a server adds it below, and hands it in by `server/assembly.py`."""
    names = [module.name for module in modules() if module.parts[0] == "server"]
    assert len(set(names) - {"__init__.py"}) <= 5, names


def test_every_folder_has_a_layer() -> None:
    unknown = {layer_name(module) for module in modules()} - {*LAYERS, "__init__"}
    assert not unknown, (
        f"{unknown} are in no row of the layer table: add them here and to docs/architecture.md"
    )


def test_the_environment_is_read_at_one_place() -> None:
    found = [
        f"jupyter_trame/{module}:{node.lineno} reads {dotted(node)}"
        for module in modules()
        if str(module) not in ENVIRONMENT_READERS
        for node in ast.walk(parse(module))
        if isinstance(node, ast.Attribute)
        and dotted(node) in {"os.environ", "os.environb", "os.getenv", "sys.argv"}
    ]
    assert not found, "\n".join([*found, f"who may: {ENVIRONMENT_READERS}"])


def test_sans_io_prints_and_configures_nothing() -> None:
    found = [
        f"jupyter_trame/{module}:{node.lineno} calls {dotted(node.func)}: that is I/O in a sans-IO layer"
        for module in modules()
        if module.parts[0] in SANS_IO
        for node in ast.walk(parse(module))
        if isinstance(node, ast.Call) and dotted(node.func) in IO_CALLS
    ]
    assert not found, "\n".join(found)


def test_trio_is_loaded_by_its_own_folder_alone() -> None:
    found = [
        f"jupyter_trame/{module}:{line} imports {name}: who has not installed the extra has no trio"
        for module in modules()
        if module.parts[0] != "trio" and not module.is_relative_to("compat/trio_websockets")
        for line, name in imports(parse(module))
        if name.partition(".")[0] in {"trio", "websockets"} or name.startswith("jupyter_trame.trio")
    ]
    assert not found, "\n".join(found)


def test_a_forbidden_import_is_found() -> None:
    tree = ast.parse("import asyncio\ndef f():\n    from jupyter_trame.server import Server\n")
    assert len(list(violations(Path("core/x.py"), tree))) == 2
