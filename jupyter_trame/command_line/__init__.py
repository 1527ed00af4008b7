"""``jupyter trame``: apps of a running Jupyter server from the command line, by its REST interface."""

from jupyter_trame.command_line.console_script import main

__all__ = ["main"]
