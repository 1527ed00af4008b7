"""Child processes that a browser visits, each with folders and settings of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.support.kernels import kernel_transport
from tests.support.ports import free_port

TOKEN = "e2e-token"
FLAVOURS = {"lab": "jupyterlab", "notebook": "notebook", "voila": "voila", "server": "jupyter_server"}
NOISE = {
    # It makes a subshell for each comm, and a kernel may be shut down before that is there.
    "lab": ["Canceled future for create_subshell_request"],
    "notebook": [
        "reading 'schema'",
        "convert undefined or null to object",
    ],  # it reports this without our package too
    "voila": [
        "cdn.jsdelivr.net",
        "RUNTIME-012",
        "in shared scope",
        "cdnjs.cloudflare.com",
    ],  # its icons, lab extensions that it cannot load, and its MathJax
    "server": [],
}
"""Parts of the errors that the pages of an application report by themselves."""
APPLICATIONS = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}


def wait_until(condition: Callable[[], Any], what: str, timeout: float = 30.0) -> Any:
    """The first true result of `condition`, asked every 50 ms for `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:.0f} s for {what}")
        time.sleep(0.05)
    return result


def answers(url: str) -> bool:
    """Whether something speaks HTTP there, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class JupyterServer:
    """A running Jupyter application; its notebooks lie in `root`."""

    def __init__(
        self,
        url: str,
        home: Path,
        flavour: str,
        extension: bool,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.url = url
        """Ends with a slash, without the token."""
        self.token = TOKEN
        """Signs a browser in as a part of an address; empty where that is done in another way."""
        self._process = process
        """None where somebody else starts it, as a hub does."""
        self.root = home / "root"
        self.runtime = home / "run"
        """Where the connection files of its kernels are."""
        self.noise = NOISE[flavour] + ([] if extension else ["/trame/"])
        """Parts of errors that its pages report by themselves; a failed request is one, whoever expected it."""
        self._log = home / f"{flavour}.log"

    @property
    def pid(self) -> int:
        """Id of its process."""
        assert self._process is not None, "somebody else has started it"
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text("utf-8")

    def check(self) -> None:
        """Fails with the end of its log when its process has ended by itself."""
        if self._process is not None:
            check_runs(self._process, self._log)

    def api(self, path: str, method: str = "GET") -> Any:
        """JSON of its REST API, None where it answers without a body."""
        return self.fetch(f"api/{path}", method)

    def fetch(self, path: str, method: str = "GET") -> Any:
        """JSON from any address below its own."""
        self.check()
        request = urllib.request.Request(
            f"{self.url}{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            body = response.read()
        return json.loads(body) if body else None

    def kernels(self) -> list[str]:
        """Ids of the kernels that run now."""
        return [kernel["id"] for kernel in self.api("kernels")]

    def shut_kernels_down(self) -> None:
        """Ends every session and kernel, so that the next test starts from nothing."""
        for session in self.api("sessions"):
            self._end(f"sessions/{session['id']}")
        for kernel in self.kernels():
            self._end(f"kernels/{kernel}")

    def _end(self, path: str) -> None:
        """What a kernel has registered ends with it, kernels of narvi's services too, so that one may have gone."""
        try:
            self.api(path, "DELETE")
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise


def isolated_environment(home: Path) -> dict[str, str]:
    """The environment of this process with every Jupyter folder moved below `home`."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "JPY_", "TRAME"))
    }
    folders = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run"}
    for folder in ("root", *folders.values()):
        (home / folder).mkdir(parents=True, exist_ok=True)
    return (
        kept
        | {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",
        }
        | {name: str(home / folder) for name, folder in folders.items()}
    )


def check_runs(process: subprocess.Popen[bytes], log: Path) -> None:
    """Fails with the end of `log` when the process has ended; a negative code is the number of a signal."""
    code = process.poll()
    assert code is None, f"{process.args!r} ended with {code}:\n{log.read_text('utf-8', 'replace')[-8000:]}"


@contextmanager
def running(
    command: list[str], url: str, log: Path, env: dict[str, str], cwd: Path, user: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The process `command`, from when `url` answers to the end of the block; `user` is whose it is, if not ours."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    try:
        wait_until(lambda: process.poll() is not None or answers(url), f"an answer from {url}", 60)
        check_runs(process, log)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _write_setting(plugin: Path, values: dict[str, Any]) -> None:
    plugin.parent.mkdir(parents=True, exist_ok=True)
    plugin.with_suffix(".jupyterlab-settings").write_text(json.dumps(values))


@contextmanager
def jupyter_server(
    home: Path,
    *,
    flavour: str = "lab",
    base_url: str = "/",
    extension: bool = True,
    save_widgets: bool = False,
    policy: str | None = None,
    windowing: str | None = None,
    extensions: Sequence[str] = (),
    gateway: str | None = None,
    message_limit: int | None = None,
    user: int | None = None,
    authorizer: str | None = None,
    packages: Mapping[str, str] | None = None,
) -> Iterator[JupyterServer]:
    """A Jupyter application on a free port: ``lab``, ``notebook``, ``voila``, or ``server``, which has no pages.

    With `save_widgets`, JupyterLab writes the models of widgets into notebook files. `policy` is the content policy of
    every response, `windowing` how notebooks treat the cells that are out of sight. `extensions` are further ones,
    modules of this repository. `gateway`: the address of a Kernel Gateway, on which all its kernels run.
    `message_limit`: bytes of a message that its websockets take. `user`: the number of another user, whose the process
    and `home` are then. `authorizer`: a class of this repository, by its dotted name. `packages`: texts of files by
    their names, in a folder from which the server and its kernels import.
    """
    env, port = isolated_environment(home), free_port()
    loaded = {"jupyter_trame": extension} | dict.fromkeys(extensions, True)
    config: dict[str, Any] = {"jpserver_extensions": loaded}
    if extensions or authorizer:
        env["PYTHONPATH"] = str(Path(__file__).parents[2])
    for name, text in (packages or {}).items():
        path = home / "packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        env["PYTHONPATH"] = str(home / "packages")
    if authorizer is not None:
        config["authorizer_class"] = authorizer
    # The check runs node for seconds whenever the application loads.
    settings: dict[str, Any] = {"page_config_data": {"buildCheck": False, "buildAvailable": False}}
    if policy is not None:
        settings["headers"] = {"Content-Security-Policy": policy}
    if message_limit is not None:
        settings["websocket_max_message_size"] = message_limit
    config["tornado_settings"] = settings
    kernels = {"transport": kernel_transport(home / "run")}
    traits = {"ServerApp": config, "KernelManager": kernels}
    if gateway is not None:
        traits["GatewayClient"] = {"url": gateway}
    (home / "config" / "jupyter_server_config.json").write_text(json.dumps(traits))
    lab_config = home / "config" / "labconfig"
    lab_config.mkdir(exist_ok=True)
    quiet = {"@jupyterlab/apputils-extension:announcements": True}  # it asks about news in a pop-up
    (lab_config / "page_config.json").write_text(json.dumps({"disabledExtensions": quiet}))
    user_settings = home / "config" / "lab" / "user-settings"
    _write_setting(
        user_settings / "@jupyter-widgets" / "jupyterlab-manager" / "plugin", {"saveState": save_widgets}
    )
    if windowing is not None:
        tracker = user_settings / "@jupyterlab" / "notebook-extension" / "tracker"
        _write_setting(tracker, {"windowingMode": windowing})
    url = f"http://127.0.0.1:{port}{base_url}"
    command = [sys.executable, "-m", FLAVOURS[flavour], "--no-browser", f"--port={port}"]
    if flavour == "voila":
        command += [f"--base_url={base_url}", "--token=", str(home / "root")]
    else:
        command += [
            f"--ServerApp.root_dir={home / 'root'}",
            f"--ServerApp.base_url={base_url}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={TOKEN}",
            *(["--allow-root"] if os.getuid() == 0 else []),
            *([f"--{APPLICATIONS[flavour]}.expose_app_in_browser=True"] if flavour in APPLICATIONS else []),
        ]
    if user is not None:
        for path in (home, *home.rglob("*")):
            os.chown(path, user, user)
    with running(command, url, home / f"{flavour}.log", env, home / "root", user) as process:
        server = JupyterServer(url, home, flavour, extension and flavour != "voila", process)
        if gateway is not None:
            server.noise.append("Sec-WebSocket-Protocol")  # its connection to a gateway takes none
        yield server
