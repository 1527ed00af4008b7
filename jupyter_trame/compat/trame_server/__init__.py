"""``trame_server``, as programs and packages for trame import it."""

from jupyter_trame.compat.client import Client
from jupyter_trame.compat.server import API_VERSION, Server

__all__ = ["Client", "Server", "__version__"]

__version__ = API_VERSION
