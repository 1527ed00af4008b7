"""What can be registered, and what is said where it cannot."""

import logging
import math
from typing import Any

import pytest

from jupyter_trame.services.entries import check_json, check_name
from tests.services.support import app, service


def test_a_service_has_the_fields_of_the_original() -> None:
    def refuse(service_id: str) -> bool:
        return False

    found = service(app_parameters={"a": 1}, service_id_validator=refuse, is_shared_service=False)
    assert found.constructor_fn is None
    assert (found.workspace, found.app_service_name, found.app_cls_name) == (
        "w",
        "service",
        "package.module.Class",
    )
    assert found.app_parameters == {"a": 1}
    assert found.fixed_service_id is None
    assert found.is_shared_service is False
    assert found.service_id_validator is refuse
    assert found.idle_timeout == 3600
    assert found.validate_service_id("x", logging.getLogger()) is False


def test_ids_are_validated() -> None:
    assert service().validate_service_id("anything")
    assert not service().validate_service_id("../x")
    assert not service(service_id_validator=["a"]).validate_service_id("b")
    fixed = service(fixed_service_id="main", service_id_validator=lambda _: False)
    assert fixed.validate_service_id("main")
    assert not fixed.validate_service_id("other")


def test_only_code_of_the_user_has_to_be_asked() -> None:
    assert service().decided_without_asking("x") is True
    assert service(service_id_validator=["a"]).decided_without_asking("a") is None
    assert service(service_id_validator=["a"]).decided_without_asking("") is False
    assert service(fixed_service_id="a").decided_without_asking("b") is False


def test_a_validator_that_raises_refuses_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(service_id: str) -> bool:
        raise RuntimeError("no database")

    assert not service(service_id_validator=fail).validate_service_id("an id")
    assert "no database" in caplog.text
    assert "with the id an id, which counts as refused" in caplog.text
    caplog.clear()
    logger = logging.getLogger("of.the.caller")
    assert not service(service_id_validator=fail).validate_service_id("x", logger)
    assert [record.name for record in caplog.records] == ["of.the.caller"]


@pytest.mark.parametrize(
    ("options", "kind", "reason"),
    [
        ({"workspace": "a/b"}, ValueError, "workspace is one part of an address"),
        ({"name": 3}, TypeError, "app_service_name is text, not 3"),
        ({"app_cls_name": "Class"}, ValueError, "is like 'package.module.Class'; got 'Class'"),
        ({"app_cls_name": "a..B"}, ValueError, "is like"),
        ({"app_cls_name": None}, TypeError, "app_cls_name is text"),
        ({"app_parameters": [1]}, TypeError, "keys are names of arguments"),
        ({"app_parameters": {1: 2}}, TypeError, "keys are names of arguments"),
        ({"fixed_service_id": ""}, ValueError, "fixed_service_id is one part"),
        ({"idle_timeout": "1"}, TypeError, "idle_timeout is a number of seconds"),
        ({"idle_timeout": -1}, ValueError, "0 or more"),
        ({"idle_timeout": math.nan}, ValueError, "0 or more"),
        ({"service_id_validator": 7}, TypeError, "service_id_validator is a callable"),
    ],
)
def test_a_service_that_cannot_be(options: dict[str, Any], kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind, match=reason):
        service(**options)


@pytest.mark.parametrize(
    ("options", "kind", "reason"),
    [
        ({"name": ""}, ValueError, "app_name is one part"),
        ({"app_parameters": {"a": object()}}, TypeError, "is what JSON holds"),
        ({"app_parameters": {"a": {1: 2}}}, TypeError, "whose keys are text"),
        ({"app_parameters": {"a": math.inf}}, TypeError, "is what JSON holds"),
        ({"service_chooser_app_name": "app"}, ValueError, "cannot be its own chooser"),
    ],
)
def test_an_app_that_cannot_be(options: dict[str, Any], kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind, match=reason):
        app(**options)


def test_json() -> None:
    check_json("x", {"a": [1, 2.5, "c", None, True, (1, 2)], "b": {}})
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(TypeError, match="x is what JSON holds"):
        check_json("x", circle)
    assert check_name("x", "fine") == "fine"
