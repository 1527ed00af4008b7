"""Each module has its test file, each test file its module: who changes one finds the other by its name."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "jupyter_trame"
TESTS = ROOT / "tests"

TESTED_ELSEWHERE = {
    "_version.py": "tests/test_exports.py compares it with js/package.json",
    "errors.py": "data and sentences only; tests/protocol and tests/server meet each of them",
    "types.py": "annotations only, checked by mypy",
    "protocol/client_events.py": "data only; tests/protocol/test_client_session.py meets each of them",
    "runtime/template_source.py": "the contract; tests/compat/test_elements.py runs on what implements it",
    "narvi/narvi_host.py": "the contract; tests/contract/test_narvi_*.py run on what implements it",
    "services/instance.py": "the contract; tests/services and tests/narvi meet what implements it",
    "transports/control_words.py": "words only; tests/kernel/test_control.py and tests/extension say them",
    "transports/base.py": "the contract, run against every transport by tests/conformance",
}
"""Module -> why it has no test file of its own."""

MIRRORS = (
    "compat/igor/",
    "compat/narvi/",
    "compat/trame_server/",
    "compat/trio_websockets/",
    "compat/wslink/",
)
"""Folders of modules that hold imports only; tests/compat/ compares each of them with the original."""

NO_SINGLE_MODULE = {
    "conformance": "one suite for every implementation of a contract",
    "contract": "what apps written for trame rely on, whatever module it is in",
    "docs": "what the pages say, and their blocks of code",
    "e2e": "user stories in a browser",
    "faults": "what goes wrong outside: processes, connections, clocks",
    "hostile": "several users of one app, and clients that are no page",
    "mistakes": "what users see of mistakes that are commonly made",
    "notebooks": "one case a notebook",
    "typing": "what mypy says about an app of a user",
    "vectors": "one case a golden message, for every module that packs or unpacks it",
}
"""Folder of tests -> why its files are not named after modules."""


def modules() -> list[Path]:
    """Modules with code of their own: a package's __init__ only collects names."""
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    own = (path for path in paths if not path.as_posix().startswith(MIRRORS))
    return sorted(path for path in own if path.name not in {"__init__.py", "__main__.py"})


def test_file(module: Path) -> Path:
    return module.parent / f"test_{module.name.removeprefix('_')}"


test_file.__test__ = False  # type: ignore[attr-defined]


def test_files() -> list[Path]:
    paths = (path.relative_to(TESTS) for path in TESTS.rglob("test_*.py"))
    return sorted(path for path in paths if len(path.parts) > 1 and path.parts[0] not in NO_SINGLE_MODULE)


test_files.__test__ = False  # type: ignore[attr-defined]


def test_modules_have_their_test_files() -> None:
    found = []
    for module in modules():
        there = (TESTS / test_file(module)).exists()
        if str(module) in TESTED_ELSEWHERE and there:
            found.append(f"tests/{test_file(module)} is there: take {module} out of TESTED_ELSEWHERE")
        elif str(module) not in TESTED_ELSEWHERE and not there:
            found.append(f"jupyter_trame/{module} wants tests/{test_file(module)}")
    assert not found, "\n".join(found)


def test_test_files_have_their_modules() -> None:
    found = [f"tests/{path} tests no module of that name" for path in test_files() if not has_module(path)]
    assert not found, "\n".join(found)


def has_module(path: Path) -> bool:
    """``test_<module>_<aspect>.py`` is a second file for a large module."""
    stem = path.stem.removeprefix("test_")
    words = stem.split("_")
    names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
    candidates = [PACKAGE / path.parent / f"{prefix}{name}.py" for name in names for prefix in ("", "_")]
    candidates += [PACKAGE / path.parent / name for name in names]
    return any(candidate.exists() for candidate in candidates)


def test_allow_list_is_current() -> None:
    gone = [name for name in TESTED_ELSEWHERE if not (PACKAGE / name).exists()]
    assert not gone, f"{gone} are not in the package any more"
