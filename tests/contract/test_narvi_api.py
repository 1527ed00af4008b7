"""What narvi's page of its server API describes and no row of the contract names; signatures and defaults are in
tests/narvi/test_narvi_server.py, and the rows in the other files of narvi, on each host.
"""

import http.client
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import tests
from jupyter_trame.narvi import NarviServer, RegisteredService
from tests.contract import narvi_services
from tests.contract.narvi_hosts import TIMEOUT, LocalHostOfTests, Site, fetch_now, page, run

PROBE = f"{narvi_services.MODULE}.Probe"


def test_run_calls_back_when_the_server_listens_and_blocks_until_it_is_closed() -> None:
    server = NarviServer(port=0)
    narvi_services.doors(server)
    answers: list[int] = []

    def ready() -> None:
        for _, _, url in server.list_app_urls():
            parts = urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc, timeout=10)
            connection.request("GET", parts.path)
            answers.append(connection.getresponse().status)
            connection.close()
        server.close()

    server.run(ready)
    assert answers
    assert set(answers) == {307}
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("localhost", server.port, timeout=10).request("GET", "/")


@pytest.mark.parametrize("kind", ["a file", "a folder"])
def test_both_kinds_of_resource_roots_load_an_icon(kind: str, tmp_path: Path) -> None:
    icon = tmp_path / "images" / "icon.png"
    icon.parent.mkdir()
    icon.write_bytes(b"an icon")
    roots: dict[str | tuple[str, str], str] = {
        "a file": {"images/icon.png": str(icon)},
        "a folder": {("images", "*.png"): str(icon.parent)},
    }[kind]  # type: ignore[assignment]

    def setup(server: NarviServer) -> None:
        service = server.register_service("w", "service", PROBE)
        server.register_app("app", service, resource_roots=roots)

    with LocalHostOfTests().running(setup) as site:
        answer = fetch_now(site, "GET", "w/app/x/images/icon.png")
        assert (answer.status, answer.text) == (200, "an icon")


def test_a_service_is_returned_as_it_was_registered() -> None:
    def validate(service_id: str) -> bool:
        return service_id != "evil"

    server = NarviServer()
    service = server.register_service(
        "workspace", "service", PROBE, {"a": 1}, shared_service=False, service_id_validator=validate
    )
    assert isinstance(service, RegisteredService)
    found = (service.workspace, service.app_service_name, service.app_cls_name, service.app_parameters)
    assert found == ("workspace", "service", PROBE, {"a": 1})
    assert service.fixed_service_id is None
    assert service.is_shared_service is False
    assert service.service_id_validator is validate
    assert [service.validate_service_id(one) for one in ("good", "evil")] == [True, False]


def test_parameters_go_to_the_constructor_and_to_the_page() -> None:
    def setup(server: NarviServer) -> None:
        service = server.register_service("w", "service", PROBE, {"for_the_service": 1})
        server.register_app("probe", service, app_parameters={"for_the_page": 2})

    async def scenario() -> None:
        async with page(site) as one:
            assert one.greeting["app_parameters"] == {"for_the_page": 2}
            assert (await one.do("who"))["parameters"] == {"for_the_service": 1}

    with LocalHostOfTests().running(setup) as site:
        run(scenario)


def test_without_an_interval_nobody_is_asked_for_metrics() -> None:
    asked: Counter[str] = Counter()

    class Measured:
        def __init__(self, services: Any, server: str) -> None:
            services.set_metrics_callback(lambda: asked.update([server]) or {"a": 1}, {"a": {"min": 0}})

    globals()["Measured"] = Measured

    def setup(server: NarviServer, name: str) -> None:
        server.register_service(
            "w", "service", f"{__name__}.Measured", {"server": name}, fixed_service_id="x"
        )

    def info(site: Site) -> Any:
        (found,) = site.call("get_service_statuses", "w")["service"]["instances"]["x"]
        return found

    host = LocalHostOfTests()
    with (
        host.running(setup, {"name": "without"}) as without,
        host.running(setup, {"name": "with"}, monitoring_interval_s=0.02) as monitored,
    ):
        deadline = time.monotonic() + TIMEOUT
        while asked["with"] < 5 or "metrics" not in info(monitored):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert "metrics" not in info(without)
    assert "without" not in asked


def test_statuses_are_those_of_running_services_of_the_workspace() -> None:
    def setup(server: NarviServer) -> None:
        for workspace, name in (("w", "runs"), ("w", "waits"), ("v", "runs")):
            server.register_service(workspace, name, PROBE)
        server.start_service("w", "runs", "x")

    with LocalHostOfTests().running(setup) as site:
        assert {
            name: list(one["instances"]) for name, one in site.call("get_service_statuses", "w").items()
        } == {"runs": ["x"]}
        assert site.call("get_service_statuses", "v") == {}


def test_paths_of_resources() -> None:
    folder = Path(tests.__file__).parent
    assert NarviServer.get_path_of_resource("tests") == str(folder)
    assert NarviServer.get_path_of_resource("tests.contract", "narvi_hosts.py") == str(
        folder / "contract" / "narvi_hosts.py"
    )
    with pytest.raises(ModuleNotFoundError):
        NarviServer.get_path_of_resource("no.such.package")
