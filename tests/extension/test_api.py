"""The document, and that the routes are and answer what it says, whatever they are asked."""

import asyncio
import json
import re
from dataclasses import fields
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from jupyter_trame import __version__
from jupyter_trame.extension.api import API_PATH, UnknownHandler, read_document
from jupyter_trame.extension.extension_app import TrameExtension
from jupyter_trame.extension.server_models import ServerModel
from tests.docs.pages import ROOT
from tests.extension.support import KernelProcess
from tests.support.properties import examples

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (path, method) for path, item in read_document()["paths"].items() for method in METHODS if method in item
]


async def test_the_root_leads_to_the_document(jp_fetch: Any, extension: Any, jp_base_url: str) -> None:
    root = json.loads((await jp_fetch("trame", "api", "v1")).body)
    assert root == {"name": "jupyter_trame", "version": __version__, "openapi": "openapi.json"}
    document = json.loads((await jp_fetch("trame", "api", "v1", root["openapi"])).body)
    assert document["info"]["version"] == __version__
    assert document["servers"] == [{"url": f"{jp_base_url}trame/api/v1"}]
    assert document["paths"] == read_document()["paths"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["nothing", "apps/a/b", "apps/demo/", "servers/zz/a/b", "openapi.json/"])
async def test_what_is_below_it_and_is_no_route_is_not_found(
    jp_fetch: Any, extension: Any, path: str, method: str
) -> None:
    body = {"body": ""} if method in {"POST", "PUT", "PATCH"} else {}
    response = await jp_fetch(f"trame/api/v1/{path}", method=method, raise_error=False, **body)
    assert response.code == 404
    assert response.headers["Content-Type"] == "application/json"
    if method != "HEAD":
        message = json.loads(response.body)["message"]
        assert message == f"the interface has no address '/{path}'; openapi.json, below its root, has all"


def test_the_document_has_all_routes_and_no_others(extension: TrameExtension) -> None:
    routes = set()
    for pattern, handler, _ in extension.handlers:
        if not pattern.startswith(API_PATH) or handler is UnknownHandler:
            continue
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern.removeprefix(API_PATH)).replace("\\.", ".")
        own = {method for method in METHODS if method in vars(handler)}
        routes |= {(path.replace("/?", "/"), method) for method in own}
    assert routes == set(OPERATIONS)


def test_the_page_of_the_docs_has_all_routes() -> None:
    text = (ROOT / "docs" / "rest.md").read_text("utf-8")
    told = re.findall(r"^\| `([A-Z]+) (/[^`?]*)", text, re.MULTILINE)
    assert sorted((path, method.lower()) for method, path in told) == sorted(OPERATIONS)


def test_the_document_has_all_fields_of_a_server() -> None:
    schema = read_document()["components"]["schemas"]["Server"]
    names = [field.name for field in fields(ServerModel)]
    assert list(schema["properties"]) == schema["required"] == names


def attack(url: str, headers: dict[str, str], path: str, method: str, parameters: dict[str, str]) -> None:
    """Ask for what the document says, with whatever its schemas allow and forbid."""
    schema = schemathesis.openapi.from_dict(read_document())
    operation = schema[path][method.upper()]
    for mode in schemathesis.GenerationMode:
        if mode.is_negative and not operation.body:
            continue

        @settings(examples(0.2), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=parameters or None))
        def ask(case: Any) -> None:
            response = case.call(base_url=url, headers=headers)
            case.validate_response(response, checks=CHECKS)

        ask()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
async def test_no_request_finds_a_fault_of_the_server(
    kernel: KernelProcess,
    http_server_client: Any,
    jp_serverapp: Any,
    jp_http_port: int,
    jp_base_url: str,
    path: str,
    method: str,
) -> None:
    kernel.run("Demo")
    url = f"http://127.0.0.1:{jp_http_port}{jp_base_url}{API_PATH}"
    headers = {"Authorization": f"token {jp_serverapp.identity_provider.token}"}
    await asyncio.to_thread(attack, url, headers, path, method, {})
    if "{slug}" in path and method == "get":
        known = {"kernel_id": kernel.id, "slug": "demo"}
        await asyncio.to_thread(attack, url, headers, path, method, known)
