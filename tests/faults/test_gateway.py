"""Kernels on a Kernel Gateway of which something is amiss: each is said in a line, and what can go on goes on."""

import asyncio
import hashlib
import json
import random
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.jupyter import HEADERS, execute, socket_url
from jupyter_trame.client import Client
from tests.e2e.gateways import kernel_gateway
from tests.e2e.servers import JupyterServer, jupyter_server
from tests.faults.load import until
from tests.faults.place import serving
from tests.faults.slow_road import SlowRoad
from tests.support.ports import free_port

APP = """
from jupyter_trame import Server
server = Server("far")
server.state.update({"n": 0, "twice": 0})
@server.state.change("n")
def follow(n, **_):
    server.state.twice = 2 * n
server.start()
"""
HEADED = """
headed = Server("headed")
headed.http_headers.shared_array_buffer = True
headed.start()
"""
NO_PACKAGE = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "jupyter_trame":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
"""
NO_SUBSHELLS = """
from ipykernel.kernelapp import IPKernelApp
IPKernelApp.shell_channel_thread = property(lambda self: None, lambda self, thread: None)
"""
"""As ipykernel 6."""
BUSY = """
import time, pathlib
pathlib.Path({go!r} + "-started").touch()
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
"""
START = "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"


def add_kernel(gateway_home: Path, name: str, code: str) -> None:
    """A kernelspec of the gateway whose kernels run `code` before they are kernels."""
    folder = gateway_home / "data" / "kernels" / name
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", f"{code}\n{START}", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": name, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))


def start(server: JupyterServer, name: str = "python3") -> str:
    """The id of a new kernel of that kernelspec."""
    body = json.dumps({"name": name}).encode()
    request = urllib.request.Request(f"{server.url}api/kernels", body, HEADERS)
    with urllib.request.urlopen(request, timeout=60) as response:
        return str(json.load(response)["id"])


def refusal(server: JupyterServer, path: str, method: str = "GET") -> tuple[int, str]:
    """The status and the text of an answer that is an error."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        server.fetch(path, method)
    return caught.value.code, caught.value.read().decode()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("gateway")
    add_kernel(home, "without", NO_PACKAGE)
    add_kernel(home, "old", NO_SUBSHELLS)
    with kernel_gateway(home) as address:
        yield address


@pytest.fixture(scope="module")
def server(gateway: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    home = tmp_path_factory.mktemp("far")
    with serving(home, "c.TrameExtension.app_kernel_name = 'without'", gateway=gateway) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_kernel_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        request.getfixturevalue("server").shut_kernels_down()


def view(server: JupyterServer, kernel: str) -> Client:
    return Client(socket_url(server, f"trame/{kernel}/far/ws?token={server.token}"))


def test_an_environment_without_the_package(server: JupyterServer) -> None:
    kernel = start(server, "without")
    status, text = refusal(server, f"trame/{kernel}/far/")
    assert (status, "No app “far” runs here" in text) == (404, True)
    status, text = refusal(server, "trame/api/v1/apps/demo", "POST")
    message = json.loads(text)["message"]
    assert (status, message[:61]) == (500, "the environment that the kernel runs in has no jupyter-trame:")


def test_a_kernel_with_another_version(server: JupyterServer) -> None:
    kernel = start(server)
    execute(server, kernel, "import jupyter_trame.kernel.message_links as links; links.VERSION = 7")
    execute(server, kernel, APP)
    why = "the kernel's jupyter_trame speaks version 7 of links over messages, not 1"
    assert refusal(server, f"trame/{kernel}/far/ws") == (503, f"503: {why}")
    status, page = refusal(server, f"trame/{kernel}/far/")
    assert (status, why.replace("'", "&#x27;") in page) == (503, True)
    assert server.fetch("trame/api/v1/servers") == []


def test_a_kernel_without_subshells_says_what_waits(server: JupyterServer, tmp_path: Path) -> None:
    kernel = start(server, "old")
    execute(server, kernel, APP)
    go = tmp_path / "go"

    async def main() -> None:
        async with view(server, kernel) as one:
            await until(lambda: one.state.n == 0, "the state")
            cell = f"with server.state:\n    server.state.n = 4\n{BUSY.format(go=str(go))}"
            busy = asyncio.create_task(asyncio.to_thread(execute, server, kernel, cell))
            await until(lambda: one.state.n == 4, "what the cell sets while it runs")
            with one.state as state:
                state.n = 5
            assert one.connected
            assert not busy.done()
            go.touch()
            await busy
            await until(lambda: one.state.twice == 10, "what waited for the end of the cell")
            (listed,) = await asyncio.to_thread(server.fetch, "trame/api/v1/servers")
            assert listed["way"] == "text"
            assert listed["added"] > 0

    asyncio.run(main())


@pytest.mark.long
def test_a_look_at_a_kernel_without_subshells_that_is_at_work(server: JupyterServer, tmp_path: Path) -> None:
    kernel = start(server, "old")
    execute(server, kernel, APP)
    go = tmp_path / "go"

    async def main() -> None:
        busy = asyncio.create_task(asyncio.to_thread(execute, server, kernel, BUSY.format(go=str(go))))
        await until((tmp_path / "go-started").exists, "the cell to run")
        status, text = await asyncio.to_thread(refusal, server, f"trame/{kernel}/far/ws")
        why = "the kernel is at work, and cannot be asked meanwhile: its ipykernel has no subshells (7.0)"
        assert (status, text) == (503, f"503: {why}")
        go.touch()
        await busy
        async with view(server, kernel) as one:
            await until(lambda: one.state.n == 0, "the state")

    asyncio.run(main())


@pytest.mark.parametrize("name", ["python3", "old"])
def test_an_app_stops_and_starts_again_there(server: JupyterServer, tmp_path: Path, name: str) -> None:
    """A kernel that is at work says so soon, with subshells and without, and does nothing later."""
    kernel = start(server, name)
    execute(server, kernel, APP)
    address = f"trame/api/v1/servers/{kernel}/far"
    before = server.fetch(address)
    assert before["owner"] == "other"
    again = server.fetch(f"{address}/restart", "POST")
    assert again["started"] > before["started"]
    go = tmp_path / "go"
    with ThreadPoolExecutor() as pool:
        busy = pool.submit(execute, server, kernel, BUSY.format(go=str(go)))
        while not Path(f"{go}-started").exists():
            assert not busy.done()
            time.sleep(0.01)
        began = time.monotonic()
        status, text = refusal(server, address, "DELETE")
        took = time.monotonic() - began
        go.touch()
        busy.result()
    message = "the kernel is busy; interrupt it or shut it down"
    assert (status, json.loads(text)) == (409, {"message": message})
    assert took < 6
    execute(server, kernel, "assert server.running")
    assert server.fetch(address, "DELETE") is None
    status, text = refusal(server, address, "DELETE")
    assert (status, json.loads(text)) == (404, {"message": "the app 'far' is not running any more"})
    assert server.kernels() == [kernel]


@pytest.mark.long
def test_prints_beyond_the_limit_of_messages_lose_nothing(server: JupyterServer) -> None:
    kernel = start(server)
    execute(server, kernel, APP)
    flood = """
import sys
for number in range(1, 20_001):
    print(number)
    sys.stdout.flush()
    if number % 100 == 0:
        with server.state:
            server.state.n = number
        server.protocol.publish("said", number)
"""

    async def main() -> None:
        said: list[int] = []
        async with view(server, kernel) as one:
            one.subscribe("said", said.append)
            await until(lambda: one.state.n == 0, "the state")
            await asyncio.to_thread(execute, server, kernel, flood)
            await until(lambda: one.state.n == 20_000, "the last value")
            await until(lambda: said == list(range(100, 20_001, 100)), f"all that was said, not {said}")

    asyncio.run(main())


@contextmanager
def behind(gateway: str, home: Path) -> Iterator[tuple[JupyterServer, SlowRoad]]:
    """A Jupyter server, and its road to the gateway."""
    road = SlowRoad(urlsplit(gateway).port or 0)
    try:
        with serving(home, gateway=f"http://127.0.0.1:{road.port}") as server:
            yield server, road
    finally:
        road.close()


@pytest.mark.long
def test_a_gateway_that_takes_two_seconds_each_way(gateway: str, tmp_path: Path) -> None:
    """It takes six questions and their answers until the first view is there, and no more."""

    async def use(server: JupyterServer, kernel: str) -> None:
        begin = time.monotonic()
        async with view(server, kernel) as one:
            await until(lambda: one.state.n == 0, "the state")
            assert time.monotonic() - begin < 7 * 4
            with one.state as state:
                state.n = 21
            await until(lambda: one.state.twice == 42, "the answer")

    def page_headers(server: JupyterServer, kernel: str) -> dict[str, str]:
        request = urllib.request.Request(f"{server.url}trame/{kernel}/headed/", headers=HEADERS)
        with urllib.request.urlopen(request, timeout=60) as response:
            return dict(response.headers)

    with behind(gateway, tmp_path / "slow") as (server, road):
        kernel = start(server)
        execute(server, kernel, APP + HEADED)
        road.delay = 2.0
        asyncio.run(use(server, kernel))
        assert page_headers(server, kernel)["Cross-Origin-Opener-Policy"] == "same-origin"
        road.delay = 0.0
        server.shut_kernels_down()


@pytest.mark.long
def test_a_gateway_that_comes_later_and_again_without_its_kernels(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path / "early", gateway=f"http://127.0.0.1:{port}") as server:
        assert server.fetch("trame/api/v1/servers") == []
        status, text = refusal(server, "trame/api/v1/apps/demo", "POST")
        assert status == 500
        assert json.loads(text)["message"].startswith("no kernel could be started: ")
        with kernel_gateway(tmp_path / "gateway", port=port):
            kernel = start(server)
            execute(server, kernel, APP)
            assert [each["slug"] for each in server.fetch("trame/api/v1/servers")] == ["far"]
        with kernel_gateway(tmp_path / "next", port=port):
            assert server.kernels() == [], "Jupyter forgets the kernel when it lists those of the gateway"
            assert refusal(server, f"trame/{kernel}/far/ws") == (404, "404: Not Found")
            other = start(server)
            execute(server, other, APP)
            assert [each["kernel_id"] for each in server.fetch("trame/api/v1/servers")] == [other]
            server.shut_kernels_down()


@pytest.mark.long
def test_a_gateway_that_takes_small_messages_only(tmp_path: Path) -> None:
    """A plain Jupyter server is the gateway: a Kernel Gateway has no setting for it."""

    async def use(server: JupyterServer, kernel: str) -> None:
        data = random.Random(1).randbytes(2_000_000)
        async with view(server, kernel) as one:
            for number in (1, 2):
                with one.state as state:
                    state.data = data
                    state.n = number
                await until(lambda number=number: one.state.twice == 2 * number, "the answer")
        same = f"import hashlib; print(hashlib.sha256(server.state.data).hexdigest() == {digest(data)!r})"
        assert await asyncio.to_thread(execute, server, kernel, same) == "True\n"

    with jupyter_server(tmp_path / "gateway", flavour="server", message_limit=60_000) as far:
        auth = f"c.GatewayClient.auth_token = {far.token!r}"
        with serving(tmp_path / "near", auth, gateway=far.url.rstrip("/")) as server:
            kernel = start(server)
            execute(server, kernel, APP)
            asyncio.run(use(server, kernel))
            server.shut_kernels_down()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
