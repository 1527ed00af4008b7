"""``trame_server.utils.argument_parser``."""

from jupyter_trame.runtime.settings import CommandLine as ArgumentParser

__all__ = ["ArgumentParser"]
