"""The client of JavaScript, for pages: its text, and a cell's output that talks to a server by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["cell_script", "client_source"]

_BUILT = Path(__file__).parent.parent / "static" / "igor-script.js"

_CELL = """\
(async () => {{
{client}
const client = igor.connect({url});
client.onStatus((status) => {{ if (status === "lost" && !element.isConnected) client.close(); }});
{code}
}})().catch((error) => {{ element.append(`${{error.name}}: ${{error.message}}`); throw error; }});
"""


def client_source() -> str:
    """A classic script that makes the name ``igor``, with ``connect``; four kilobytes, and nothing is fetched.

    For the ``_esm`` of an anywidget, and for pages that no script of the Jupyter server reaches.
    """
    return _BUILT.read_text("utf-8")


def cell_script(url: str, code: str) -> Any:
    """An output for a cell: `code` runs in the page, where `client` is connected to `url`; `element` is the output's.

    It may use ``await``; what it raises is shown in the output. A client whose output is gone connects no more. Needs
    IPython.
    """
    from IPython.core.display import Javascript

    make: Any = Javascript
    return make(_CELL.format(client=client_source(), url=json.dumps(url), code=code))
