"""What is started in a kernel of its own: a registered app, or a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from jupyter_trame.apps.entry_points import RegisteredApp

__all__ = ["AppLaunch", "launch_app", "launch_file"]


@dataclass(frozen=True, slots=True)
class AppLaunch:
    """How an app is started, and started again."""

    what: str
    """As messages call it."""
    title: str
    session_path: str
    """Lists the kernel among the running ones, and says in which folder it works."""
    code: str
    """What the kernel executes."""
    app: str | None = None
    """The registered name."""
    path: str | None = None
    """Of the file, below the root of the contents."""
    args: tuple[str, ...] = ()
    """Its command line."""
    requirement: str = ""
    """What pip installs for it, where that is known."""

    @property
    def owner(self) -> Literal["launcher", "file"]:
        """Whose the kernel is."""
        return "file" if self.app is None else "launcher"


def launch_app(app: RegisteredApp) -> AppLaunch:
    """Starts a registered app."""
    return AppLaunch(
        what=f"the app {app.name!r}",
        title=app.title,
        session_path=f"trame-{app.name}-{_unique()}",
        code=f"from jupyter_trame.kernel import run_app; run_app({app.name!r})",
        app=app.name,
        requirement=app.requirement,
    )


def launch_file(path: str, source: str, args: tuple[str, ...]) -> AppLaunch:
    """Starts the file at `path`, whose text is `source`, with `args` as its command line.

    The text goes along: the contents need not lie on a disk that the kernel sees.
    """
    name = path.rpartition("/")[2]
    facts = json.dumps({"name": name, "source": source, "args": args})
    return AppLaunch(
        what=f"the file {path!r}",
        title=name.removesuffix(".py").removesuffix(".trame"),
        session_path=f"{path}-trame-{_unique()}",  # the path alone is what a console of the file has
        code=f"import json; from jupyter_trame.compat.app_file import run_file; run_file(**json.loads({facts!r}))",
        path=path,
        args=args,
    )


def _unique() -> str:
    return uuid4().hex[:8]
