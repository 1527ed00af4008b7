"""Markdown that is edited in the page."""

from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import html, markdown

TEXT = """
# Title

1. first
2. **second**

```python
print("hello")
```
"""

server = get_server()
state = server.state
state.trame__title = "Notes"


@state.change("text")
def count_words(text, **_):
    state.words = len(text.split())


with DivLayout(server):
    html.Textarea(v_model=("text", TEXT), rows=8, cols=40, classes="source")
    html.Div("{{ words }} words", classes="words")
    markdown.Markdown(content=("text",), classes="rendered")

server.start()
