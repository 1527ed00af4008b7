"""Markdown: text, a table, a formula, code."""

from typing import TYPE_CHECKING

from trame_client.ui.html import DivLayout
from trame_client.widgets import html
from trame_markdown.widgets import markdown

from tests.e2e.packages.answers import answer_line, answer_to

if TYPE_CHECKING:
    from jupyter_trame import Server
    from tests.e2e.lab import View

DISTRIBUTION = "trame-markdown"
FRAMED = False
REMARKS = 'Mermaid diagrams need a frame: `view(embed="frame")`.'

TEXT = """\
# A title

Some **strong** words and a formula: $a^2 + b^2 = c^2$.

| x | y |
|---|---|
| 1 | 2 |

```python
print("hello")
```
"""


def app(server: "Server") -> None:
    server.state.text = TEXT
    answer_to(server, "words")
    server.state.words = len(TEXT.split())
    with DivLayout(server):
        html.Button("Shorter", click="text = '# Short'; words = 2", classes="shorter")
        markdown.Markdown(content=("text",), classes="text")
        answer_line(server)


def drive(view: "View") -> None:
    view.expect_visible(".text strong")
    view.expect_visible(".text .katex")
    view.find(".shorter").click()
    view.expect_text(".answer", "python: 2")
    view.expect_text(".text h1", "Short")
