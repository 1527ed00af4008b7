"""The version, as the installed distribution states it; its one source is js/package.json."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("jupyter-trame")
