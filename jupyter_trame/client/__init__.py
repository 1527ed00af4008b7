"""The headless client: what a browser view does, without a browser."""

from jupyter_trame.client.session import ClientSession

__all__ = ["ClientSession"]
