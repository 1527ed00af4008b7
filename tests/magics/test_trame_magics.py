"""The magics in a real kernel: cells are pages, and what is wrong is one line."""

import asyncio
import re

import pytest

from jupyter_trame.names import TEMPLATE_MISTAKE, UNKNOWN_KEY
from tests.kernel.support import WIDGET_TYPE, Kernel, Views, run

GREETING = '%%trame hello\n<input v-model="name">\n<p>Hello, {{ name }}!</p>'


@pytest.fixture(autouse=True)
def names(kernel: Kernel) -> None:
    """What tests use of the package."""
    kernel.run("from jupyter_trame import Server, get_server")


def test_a_cell_is_the_page_of_a_server(kernel: Kernel) -> None:
    cell = kernel.run(GREETING)
    assert [WIDGET_TYPE in data for data in cell.data] == [True]
    kernel.run("server = get_server('hello')")
    assert kernel.value("(server.running, server.state.has('name'), server.state.name)") == (True, True, None)


def test_running_it_again_keeps_the_server_and_its_state(kernel: Kernel) -> None:
    kernel.run(GREETING)
    kernel.run("server = get_server('hello')\nserver.state.name = 'Ada'")

    async def scenario(view: Views) -> None:
        client = await view("hello")
        await asyncio.to_thread(kernel.run, GREETING.replace("Hello", "Good evening"))
        await client.until(lambda: "Good evening" in client.state["trame__template_main"])
        assert client.state["name"] == "Ada"

    run(kernel, scenario)
    assert kernel.value("(get_server('hello') is server, server.state.name)") == (True, "Ada")


def test_a_server_that_python_made_gets_the_page(kernel: Kernel) -> None:
    kernel.run("server = Server('made')\nserver.state.n = 1")
    kernel.run("%%trame made --title 'A title' --template second\n{{ n }}")
    assert kernel.value("(server.state.n, server.running, server.state.trame__title)") == (1, True, "A title")
    assert kernel.value("server.state.trame__template_second") == "\n{{ n }}\n"


def test_the_cell_is_called_by_its_number(fresh_kernel: Kernel) -> None:
    fresh_kernel.run("%load_ext jupyter_trame")
    assert (
        fresh_kernel.run("%%trame wrong\n<p>").stream == "UsageError: cell In[2], line 2: <p> is not closed\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%%trame wrong\n<p>\n<b>x</p>", r"UsageError: cell In\[\d+\], line 3: </p> closes <b>\n"),
        ("%%trame wrong\n\n<p>x", r"UsageError: cell In\[\d+\], line 3: <p> is not closed\n"),
        ("%%trame\n<p>x</p>", r"UsageError: the following arguments are required: NAME\n"),
        ("%%trame wrong --titel x\n<p>x</p>", r"UsageError: unrecognized arguments: --titel x\n"),
        ("%trame lst", r"UsageError: is 'list' meant\? %trame has no command 'lst', but list, open, .*\n"),
        ("%trame open", r"UsageError: the following arguments are required: NAME\n"),
        ("%trame open hello here", r"UsageError: argument where: invalid choice: 'here' .*\n"),
        (
            "%trame stop helo",
            r"UsageError: is 'hello' meant\? no app is called 'helo'; no Jupyter server .*\n",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(kernel: Kernel, text: str, words: str) -> None:
    kernel.run(GREETING)
    cell = kernel.run(text)
    assert re.fullmatch(words, cell.stream), cell.stream
    assert cell.data == []
    assert kernel.value("'wrong' in __import__('jupyter_trame').runtime.registry.process.servers") is False


def test_a_page_tells_the_line_of_the_cell(kernel: Kernel) -> None:
    kernel.run("server = Server('lines')\nserver.state.high = 1")
    kernel.run("%%trame lines\n<p>\n{{ high +* }}\n</p>")

    async def scenario(view: Views) -> None:
        client = await view("lines")
        answer = (await client.call(TEMPLATE_MISTAKE, "main", "line 3: {{ }} is wrong", 3)).result
        assert re.fullmatch(r"line 3: {{ }} is wrong \(cell In\[\d+\], line 3\)", str(answer))
        unknown = (await client.call(UNKNOWN_KEY, "main", "high")).result
        assert unknown is None

    run(kernel, scenario)


def test_a_name_that_looks_like_another_is_a_hint(kernel: Kernel) -> None:
    kernel.run("server = Server('slips')\nserver.state.high = 1\nserver.state.low = 0")
    cell = kernel.run("%%trame slips\n<p>{{ low }}</p>\n<p>{{ hihg }} {{ total }}</p>")
    kernel.until(lambda: "Hint" in cell.stream)
    assert re.fullmatch(
        r"Hint: is 'high' meant\? the template in cell In\[\d+\], line 3 names 'hihg', which nobody has set "
        r'\(cell In\[\d+\] of template "main"\)\n',
        cell.stream,
    )
    assert kernel.value("(server.state.has('hihg'), server.state.has('total'))") == (True, True)


def test_names_of_an_earlier_text_are_no_hints(kernel: Kernel) -> None:
    """Who writes a template renames keys, and the ones before are in the state yet."""
    kernel.run("%%trame renames\n{{ tota }}")
    kernel.run("%%trame renames\n{{ total }}")
    assert kernel.value("len(get_server('renames')._runtime.user_code.hints)") == 0
    kernel.run("get_server('renames').state.total = 5")
    kernel.run("%%trame renames\n{{ totl }}")
    assert kernel.value(
        "[h.message[:18] for h in get_server('renames')._runtime.user_code.hints.values()]"
    ) == ["is 'total' meant? "]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("%trame", "Apps of this kernel"),
        ("%trame --help", "Apps of this kernel"),
        ("%trame help stop", "End an app"),
        ("%trame open --help", "Show an app in a place of its own"),
        ("%%trame --help\nx", "Make the text of this cell the page"),
    ],
)
def test_help_is_printed(kernel: Kernel, text: str, words: str) -> None:
    cell = kernel.run(text)
    assert words in cell.stream
    assert cell.stream.lstrip().startswith("%" if "%%" not in text else "%%trame")


@pytest.mark.parametrize(
    ("magic", "words"), [("%trame", "show the apps"), ("%%trame", "--template TEMPLATE")]
)
def test_ipython_shows_the_help(kernel: Kernel, magic: str, words: str) -> None:
    assert kernel.value(f"{words!r} in get_ipython().object_inspect_mime({magic!r})['text/plain']")
