"""Branch coverage of each module against its floor, after the run of ``make test-coverage``.

Measured are the folders whose tests run in their own process or in children of it; what runs in kernels (`kernel`,
`compat`) is tested there, and kernels are ended without a report. A floor is two points below what was measured; who
tests more of a module raises it, or takes its row out.
"""

import json
import sys
from pathlib import Path

from coverage import Coverage

__all__ = ["floor", "low"]

ROOT = Path(__file__).parent.parent
FOLDERS = (
    *("apps", "client", "core", "execution", "extension", "files", "igor", "program", "protocol", "rpc"),
    *("runtime", "server", "services", "system", "testing", "transports", "trio", "typed_state", "web"),
)
ALL = 97
"""Percent of lines and branches of all these folders."""
MODULE = 92
"""Percent of each module that is not in the table."""
LOWER = {
    "client/connections.py": 86,
    "igor/kernel_place.py": 86,
    "program/signals.py": 90,
    "runtime/ended.py": 91,
    "testing/__init__.py": 74,
    "transports/joining.py": 88,
    "transports/send_queue.py": 67,
    "trio/__init__.py": 80,
    "web/door.py": 86,
    "web/reverse.py": 90,
}
"""Module -> its floor, where that is below `MODULE`."""


def floor(module: str) -> int:
    """Percent that the tests must reach."""
    return LOWER.get(module, MODULE)


def low(measured: dict[str, float]) -> list[str]:
    """A line for each module below its floor, and for each row of the table that no module needs."""
    found = [
        f"{module}: {percent:.1f} % is less than {floor(module)} %"
        for module, percent in sorted(measured.items())
        if percent < floor(module)
    ]
    return found + [
        f"{module} is not there: take it out of the table" for module in sorted(LOWER.keys() - measured)
    ]


def _measure() -> tuple[float, dict[str, float]]:
    coverage = Coverage(config_file=str(ROOT / "pyproject.toml"))
    coverage.load()
    report = ROOT / ".coverage" / "report.json"
    include = [f"*/jupyter_trame/{folder}/*" for folder in FOLDERS]
    coverage.report(include=include, file=sys.stdout)
    total = coverage.json_report(include=include, outfile=str(report))
    files = json.loads(report.read_text("utf-8"))["files"]
    return total, {
        Path(name).relative_to("jupyter_trame").as_posix(): entry["summary"]["percent_covered"]
        for name, entry in files.items()
    }


def _main() -> int:
    total, measured = _measure()
    found = low(measured)
    if total < ALL:
        found.append(f"all together: {total:.1f} % is less than {ALL} %")
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(_main())
