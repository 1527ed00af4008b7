"""A Jupyter server whose users may look at everything and run nothing."""

from jupyter_server.auth import Authorizer

__all__ = ["Onlookers"]


class Onlookers(Authorizer):
    """Lets its users read."""

    def is_authorized(self, handler, user, action, resource) -> bool:
        return action == "read" or resource in ("events", "settings", "workspaces", "csp")
