"""Lines of code as people call them."""

import re
import sys

from jupyter_trame.log_text import foreign

__all__ = ["place_of"]


def place_of(path: str, line: int) -> str:
    """``cell In[3], line 7``, or ``app.py, line 7``."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    known = getattr(getattr(shell, "compile", None), "format_code_name", None)
    named = known(path) if known is not None else None
    name = f"{named[0].lower()} {named[1]}" if named else re.split(r"[\\/]", path)[-1]
    return f"{foreign(name)}, line {line}"
