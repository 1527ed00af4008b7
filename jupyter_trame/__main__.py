"""``python -m jupyter_trame run app.py``: a program written for trame, on this package."""

import argparse
import sys

from jupyter_trame._version import __version__
from jupyter_trame.compat.script import CannotRunError, run_module, run_script

__all__ = ["main"]

_RUN = """\
Runs a program as `python` does, with this package in the place of trame-server and wslink: `import trame`,
`trame_server` and the widget packages work unchanged. What follows the program are its own arguments.

  python -m jupyter_trame run app.py --server --port 8080
  python -m jupyter_trame run -m my_package.app
"""


def main() -> int:
    """The command line; the exit status where no program ran."""
    parser = argparse.ArgumentParser(
        prog="python -m jupyter_trame", description="A trame server that lives in a Jupyter kernel."
    )
    parser.add_argument("--version", action="version", version=f"jupyter_trame {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    run = commands.add_parser(
        "run",
        help="run a trame program on this package",
        description=_RUN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [-h] (program | -m module) [arguments ...]",
    )
    run.add_argument("-m", dest="module", nargs=argparse.REMAINDER, help="run a module, as `python -m` does")
    run.add_argument(
        "program", nargs=argparse.REMAINDER, help="a Python file, or a folder with a __main__.py"
    )
    options = parser.parse_args()
    if not (options.module or options.program):
        run.error("which program? e.g. run app.py, or run -m my_package.app")
    try:
        if options.module:
            run_module(options.module[0], options.module[1:])
        else:
            run_script(options.program[0], options.program[1:])
    except CannotRunError as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 1 if options.module else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
