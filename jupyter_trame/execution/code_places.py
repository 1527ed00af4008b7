"""Lines of code as people call them."""

import re
import sys

from jupyter_trame.log_text import foreign

__all__ = ["name_cells", "place_of"]

_FRAME = re.compile(r'^( *)File "([^"\n]+)", (?=line \d)', re.MULTILINE)
"""How a traceback begins to say where a line is."""


def place_of(path: str, line: int) -> str:
    """``cell In[3], line 7``, or ``app.py, line 7``."""
    named = _cell(path)
    name = f"{named[0].lower()} {named[1]}" if named else re.split(r"[\\/]", path)[-1]
    return f"{foreign(name)}, line {line}"


def name_cells(trace: str) -> str:
    """`trace`, a traceback, with ``Cell In[3], line 7`` in place of the file that IPython makes up for a cell."""

    def say(frame: re.Match[str]) -> str:
        named = _cell(frame[2])
        return f"{frame[1]}{named[0]} {named[1]}, " if named else frame[0]

    return _FRAME.sub(say, trace)


def _cell(path: str) -> tuple[str, str] | None:
    """What IPython calls the code in `path`: a kind and a name; None for a file, and where there is no IPython."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    known = getattr(getattr(shell, "compile", None), "format_code_name", None)
    return known(path) if known is not None else None
