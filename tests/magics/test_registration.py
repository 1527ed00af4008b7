"""The magics come and go with the extension."""

from IPython.core.interactiveshell import InteractiveShell

from jupyter_trame.magics import register, unregister
from jupyter_trame.magics.magic_completion import complete_magic


def test_they_come_and_go() -> None:
    shell = InteractiveShell()
    for _ in range(2):
        register(shell)
    assert shell.find_line_magic("trame") is not None
    assert shell.find_cell_magic("trame") is not None
    assert shell.Completer.custom_matchers.count(complete_magic) == 1
    for _ in range(2):
        unregister(shell)
    assert shell.find_line_magic("trame") is shell.find_cell_magic("trame") is None
    assert complete_magic not in shell.Completer.custom_matchers
