"""A real JupyterHub on free ports of this machine, and users who sign in with a browser."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.servers import JupyterServer, isolated_environment, running
from tests.support.ports import free_port

PASSWORD = "a password of the tests"
PROXY = Path(__file__).parents[2] / "js" / "node_modules" / ".bin" / "configurable-http-proxy"

CONFIG = """\
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = {arguments!r}
c.JupyterHub.allow_named_servers = True
# One that the system picks may be a kernel's by the time that the server listens.
ports = {user_ports!r}
c.Spawner.pre_spawn_hook = lambda spawner: setattr(spawner, "port", ports.pop())
"""


class HubUser(JupyterServer):
    """The Jupyter server of one user, whose home is its folder."""

    def __init__(self, hub: "Hub", name: str, server: str = "") -> None:
        home = hub.homes / name
        super().__init__(
            f"{hub.url}user/{name}/{f'{server}/' if server else ''}", home, "lab", extension=True
        )
        self.name = name
        self.root = home
        self.token = ""
        self._server = server
        self._hub = hub

    def sign_in(self, context: BrowserContext) -> Page:
        """Signs the browser in by the hub's form and starts the server; gives the page that shows JupyterLab."""
        page = context.new_page()
        spawn = f"spawn/{self.name}/{self._server}" if self._server else "spawn"
        page.goto(f"{self._hub.url}hub/login?next=%2Fhub%2F{spawn.replace('/', '%2F')}")
        if page.locator("#username_input").count():
            page.locator("#username_input").fill(self.name)
            page.locator("#password_input").fill(PASSWORD)
            page.locator("#login_submit").click()
        page.wait_for_url(f"{self.url}lab**", timeout=60_000)
        return page

    def sign_out(self, context: BrowserContext) -> None:
        """By the hub's own page, in another tab."""
        page = context.new_page()
        page.goto(f"{self._hub.url}hub/logout")
        expect(page.locator("#username_input, #login-main")).not_to_have_count(0)
        page.close()


class Hub:
    """A running hub. Everybody may sign in with `PASSWORD`."""

    def __init__(self, url: str, homes: Path, log: Path) -> None:
        self.url = url
        self.homes = homes
        self._log = log

    @property
    def log(self) -> str:
        """What the hub and the servers of its users have written so far."""
        return self._log.read_text("utf-8")

    def user(self, name: str, server: str = "") -> HubUser:
        """A user, whose home is empty at first, and one of their servers: the one without a name by default."""
        labconfig = self.homes / name / ".jupyter" / "labconfig"
        labconfig.mkdir(parents=True, exist_ok=True)
        quiet = {"@jupyterlab/apputils-extension:announcements": True}  # it asks about news in a pop-up
        (labconfig / "page_config.json").write_text(json.dumps({"disabledExtensions": quiet}))
        return HubUser(self, name, server)


@contextmanager
def jupyter_hub(home: Path) -> Iterator[Hub]:
    """A hub whose users' servers have our package, with no setting of it."""
    assert PROXY.exists(), "the hub's proxy is not installed: npm --prefix js ci"
    ports = {name: free_port() for name in ("port", "hub_port", "api_port")}
    homes = home / "homes"
    homes.mkdir()
    arguments = ["--LabApp.expose_app_in_browser=True", *(["--allow-root"] if os.getuid() == 0 else [])]
    config = home / "jupyterhub_config.py"
    config.write_text(
        CONFIG.format(
            **ports,
            password=PASSWORD,
            proxy=str(PROXY),
            homes=str(homes),
            python=sys.executable,
            arguments=arguments,
            user_ports=[free_port() for _ in range(40)],
        )
    )
    url = f"http://127.0.0.1:{ports['port']}/"
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    log = home / "hub.log"
    with running(command, f"{url}hub/login", log, isolated_environment(home), home):
        yield Hub(url, homes, log)
