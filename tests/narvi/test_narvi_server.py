"""The seed's API page: each signature, default and described behaviour of `NarviServer`."""

import inspect
import json
import logging
from pathlib import Path
from typing import Any

import pytest

import jupyter_trame.services
from jupyter_trame.narvi import NarviServer, RegisteredService
from tests.contract import narvi_services
from tests.contract.narvi_hosts import LocalHostOfTests, fetch_now

SIGNATURES = {
    "__init__": (
        "(host='localhost', port=8999, web_server_type='tornado', base_path='/narvi', admin_path=None, "
        "monitoring_interval_s=None, monitoring_retention_s=None)"
    ),
    "close": "()",
    "get_path_of_resource": "(package, resource='')",
    "get_service_statuses": "(for_workspace)",
    "list_app_urls": "()",
    "register_app": (
        "(app_name, application_service, app_parameters={}, resource_roots={}, service_chooser_app_name=None)"
    ),
    "register_redirect": "(from_url, to_workspace, to_app)",
    "register_service": (
        "(workspace, app_service_name, app_cls_name, app_parameters={}, fixed_service_id=None, shared_service=True, "
        "service_id_validator=<accept all>, idle_timeout=3600)"
    ),
    "restart_service": "(workspace, app_service_name, service_id)",
    "run": "(ready_callback=None)",
    "start_service": "(workspace, app_service_name, service_id)",
    "stop_service": "(workspace, app_service_name, service_id)",
}
CLASS = f"{narvi_services.MODULE}.Echo"


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    parameters = list(inspect.signature(getattr(NarviServer, name)).parameters.values())
    given = [
        f"{one.name}{_default(one)}"
        for one in parameters
        if one.name != "self" and one.kind is not inspect.Parameter.KEYWORD_ONLY  # those are ours
    ]
    assert f"({', '.join(given)})" == SIGNATURES[name]


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return ""
    if parameter.name == "service_id_validator":
        assert parameter.default("anything") is True
        return "=<accept all>"
    return f"={parameter.default!r}"


def test_it_is_found_without_an_instance() -> None:
    folder = Path(jupyter_trame.services.__file__).parent
    assert NarviServer.get_path_of_resource("jupyter_trame.services") == str(folder)
    assert NarviServer(port=0).get_path_of_resource("jupyter_trame.services", "front.py") == str(
        folder / "front.py"
    )
    for nothing in ("jupyter_trame.nothing", "no_such_package.at_all"):
        with pytest.raises(ModuleNotFoundError):
            NarviServer.get_path_of_resource(nothing)


def test_a_service_is_what_was_said() -> None:
    found = NarviServer().register_service("w", "name", CLASS)
    assert isinstance(found, RegisteredService)
    assert (found.workspace, found.app_service_name, found.app_cls_name) == ("w", "name", CLASS)
    assert (found.app_parameters, found.fixed_service_id, found.is_shared_service) == ({}, None, True)
    assert found.idle_timeout == 3600
    assert found.validate_service_id("anything", logging.getLogger())


@pytest.mark.parametrize("kind", ["tornado", "builtin", "other"])
def test_kinds_of_web_server_behave_the_same(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        LocalHostOfTests().running(narvi_services.echo, web_server_type=kind) as site,
    ):
        assert fetch_now(site, "GET", "w/echo/x/index.html").status == 200
    said = {
        "tornado": "",
        "builtin": "the builtin web server is tornado here",
        "other": "not 'other'; tornado serves it",
    }
    assert said[kind] in caplog.text


@pytest.mark.parametrize("base", ["", "/", "/a/b"])
def test_base_paths(base: str) -> None:
    with LocalHostOfTests().running(narvi_services.doors, base_path=base) as site:
        prefix = base.rstrip("/")
        answer = fetch_now(site, "GET", f"{prefix}/w/lobby/index.html")
        assert (answer.status, answer.headers["location"]) == (307, "main/index.html")
        redirect = fetch_now(site, "GET", "/foo/bar")
        assert redirect.headers["location"] == f"..{prefix}/w/lobby/index.html"
        assert ("w", "room", f"http://{site.host}{prefix}/w/room/index.html") in site.call("list_app_urls")


def test_the_overview_is_at_its_path_alone() -> None:
    with LocalHostOfTests().running(narvi_services.probe, admin_path="/deep/admin") as site:
        url = site.call("list_app_urls")[-1][2]
        path = url.partition(site.host)[2]
        assert json.loads(fetch_now(site, "GET", path).body)["w"]["probe_service"]["apps"] == [
            {"app_name": "probe"}
        ]
        assert fetch_now(site, "GET", path.replace("/deep/admin", "/deep/admin/")).status == 404
        assert fetch_now(site, "POST", path).status == 405
        token = path.partition("token=")[2]
        assert (
            fetch_now(site, "GET", "/deep/admin", headers={"Authorization": f"token {token}"}).status == 200
        )


def test_addresses_name_the_host() -> None:
    for host, shown in {"0.0.0.0": "localhost", "::1": "[::1]", "example.org": "example.org"}.items():
        server = NarviServer(host, 8999)
        narvi_services.doors(server)
        assert server.list_app_urls()[0][2] == f"http://{shown}:8999/narvi/w/lobby/index.html"


def test_no_address_of_an_app_whose_id_is_not_known() -> None:
    server = NarviServer()
    narvi_services.echo(server)
    assert server.list_app_urls() == []


@pytest.mark.parametrize(
    ("arguments", "kind", "reason"),
    [
        ({"host": 7}, TypeError, "host is text"),
        ({"port": "8999"}, TypeError, "port is a number, not '8999'"),
        ({"port": 70000}, ValueError, "port is 0 to 65535"),
        ({"base_path": "narvi"}, ValueError, "base_path begins with a slash"),
        ({"admin_path": "admin"}, ValueError, "admin_path is a path"),
        ({"monitoring_interval_s": 0}, ValueError, "monitoring_interval_s is more than 0 seconds"),
        ({"monitoring_retention_s": "1"}, TypeError, "monitoring_retention_s is a number of seconds"),
        ({"max_message_size": 0}, ValueError, "max_message_size is 1 to"),
        ({"request_timeout": 0}, ValueError, "request_timeout is more than 0 seconds"),
        ({"request_timeout": "1"}, TypeError, "request_timeout is a number of seconds, not '1'"),
        ({"max_instances": 0}, ValueError, "max_instances is 1 to"),
        ({"origins": "https://a.example"}, TypeError, "origins is a list of texts, not 'https://a.example'"),
        ({"allowed_hosts": "a.example"}, TypeError, "allowed_hosts is a list of texts, not 'a.example'"),
    ],
)
def test_arguments_that_are_none(arguments: dict[str, Any], kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind, match=reason):
        NarviServer(**arguments)


def test_registrations_that_are_none() -> None:
    server = NarviServer()
    with pytest.raises(
        TypeError, match="application_service is what register_service has returned, not 'service'"
    ):
        server.register_app("app", "service")  # type: ignore[arg-type]
    foreign = NarviServer().register_service("w", "name", CLASS)
    with pytest.raises(ValueError, match="is not registered in the workspace 'w' of this server"):
        server.register_app("app", foreign)
    with pytest.raises(TypeError, match="ready_callback is called without arguments; got 7"):
        server.run(7)  # type: ignore[arg-type]
    own = server.register_service("w", "own", CLASS)
    with pytest.raises(TypeError, match="resource_roots is a dictionary of addresses and paths, not "):
        server.register_app("app", own, resource_roots=["index.html"])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="from_url is text"):
        server.register_redirect(7, "w", "app")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"is like 'package\.module\.Class'"):
        server.register_service("w", "name", "Echo")


@pytest.mark.parametrize(
    ("options", "kind", "reason"),
    [
        ({"kernel_name": "python3"}, ValueError, "kernel_name of register_service is for a notebook"),
        ({"persist": True}, ValueError, "persist of register_service is for a notebook"),
        ({"app": 7}, TypeError, "app is a function .* or its import path; got 7"),
        ({"app": "package.module"}, ValueError, "is like 'package.module:function'"),
    ],
)
def test_options_that_are_not_for_a_program(options: Any, kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind, match=reason):
        NarviServer().register_service("w", "name", CLASS, **options)


def test_defaults_are_not_shared() -> None:
    server = NarviServer()
    parameters = {"a": 1}
    found = server.register_service("w", "name", CLASS, parameters)
    parameters["a"] = 2
    assert found.app_parameters == {"a": 1}
    assert server.register_service("w", "other", CLASS).app_parameters == {}
