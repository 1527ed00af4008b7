"""``narvi.apps``: its packages lie where their pages are, since programs ask for these by the package."""

import jupyter_trame.narvi.apps

__all__: list[str] = []
__path__ = list(jupyter_trame.narvi.apps.__path__)
