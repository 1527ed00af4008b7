"""What is registered: services, the apps in front of them, and redirects."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_trame.services.resources import Resources
from jupyter_trame.services.validators import IdRule, accept_all, is_service_id, make_id_rule
from jupyter_trame.system.log_limits import Complaints

__all__ = [
    "Redirection",
    "RegisteredService",
    "ServiceApp",
    "check_json",
    "check_name",
    "check_seconds",
    "check_text",
]


def check_name(what: str, name: object) -> str:
    """`name`, if it can be a segment of an address. Raises `TypeError` and `ValueError` with what was expected."""
    text = check_text(what, name)
    if not is_service_id(text):
        raise ValueError(
            f"{what} is one part of an address: 1 to 200 printable characters without / and \\; got {text!r}"
        )
    return text


def check_text(what: str, text: object) -> str:
    """`text`, if it is that. Raises `TypeError`."""
    if not isinstance(text, str):
        raise TypeError(f"{what} is text, not {text!r}")
    return text


def _keywords(given: object) -> dict[str, Any]:
    """A copy of `given`, which may change later."""
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"app_parameters is a dictionary whose keys are names of arguments; got {given!r}")
    return dict(given)


def check_seconds(what: str, seconds: object) -> None:
    """Raises `TypeError` and `ValueError` where `seconds` are none, or less than 0."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{what} is a number of seconds, not {seconds!r}")
    if not seconds >= 0:
        raise ValueError(f"{what} is seconds, 0 or more, not {seconds!r}")


def check_json(what: str, value: object) -> None:
    """Raises `TypeError` where JSON does not hold `value` as it is."""
    try:
        text = json.dumps(value, allow_nan=False)
        same = json.loads(text) == _with_lists(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"{what} is what JSON holds: {error}") from None
    if not same:
        raise TypeError(f"{what} is what JSON holds, whose keys are text; got {value!r}")


def _with_lists(value: object) -> object:
    """`value` with lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {key: _with_lists(one) for key, one in value.items()}
    return [_with_lists(one) for one in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegisteredService:
    """A service of a workspace: a class of which instances run, each under a service id."""

    workspace: str
    app_service_name: str
    app_cls_name: str
    """Dotted: ``package.module.Class``."""
    app_parameters: Mapping[str, Any] = field(default_factory=dict)
    """What the constructor gets as keywords."""
    fixed_service_id: str | None = None
    """The only id that there is; None: there are many."""
    is_shared_service: bool = True
    """Whether all sessions of an id share an instance. Otherwise each has its own, which ends with it."""
    service_id_validator: Any = accept_all
    """See `make_id_rule`."""
    idle_timeout: float = 3600.0
    """Seconds for which a shared instance without a fixed id is kept when its last session has ended."""
    constructor_fn: Callable[..., Any] | None = None
    """Makes the object of an instance; None where another process does."""
    owner: str = ""
    """Who has registered it, where that may be several."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What its host alone reads, such as the kernel to start."""
    id_rule: IdRule = field(init=False, repr=False)
    complaints: Complaints = field(
        default_factory=lambda: Complaints(logging.getLogger("jupyter_trame.narvi")), init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Raises `TypeError` and `ValueError` with what was expected."""
        check_name("workspace", self.workspace)
        check_name("app_service_name", self.app_service_name)
        if self.fixed_service_id is not None:
            check_name("fixed_service_id", self.fixed_service_id)
        parts = check_text("app_cls_name", self.app_cls_name).split(".")
        if len(parts) < 2 or not all(part.isidentifier() for part in parts):
            raise ValueError(f"app_cls_name is like 'package.module.Class'; got {self.app_cls_name!r}")
        object.__setattr__(self, "app_parameters", _keywords(self.app_parameters))
        check_seconds("idle_timeout", self.idle_timeout)
        object.__setattr__(self, "id_rule", make_id_rule(self.service_id_validator))

    @property
    def key(self) -> tuple[str, str]:
        """Workspace and name."""
        return self.workspace, self.app_service_name

    @property
    def ends_when_idle(self) -> bool:
        """Whether its instances end some time after their last session, if nobody has started them by hand."""
        return self.is_shared_service and self.fixed_service_id is None

    def decided_without_asking(self, service_id: str) -> bool | None:
        """Whether there is `service_id`, where no code of the user has to be asked; None where it has."""
        if not is_service_id(service_id):
            return False
        if self.fixed_service_id is not None:
            return service_id == self.fixed_service_id
        return True if self.id_rule.described == {} else None

    def validate_service_id(self, service_id: str, logger: logging.Logger | None = None) -> bool:
        """Whether there is `service_id`. An exception of the validator counts as no, and is logged."""
        decided = self.decided_without_asking(service_id)
        if decided is not None:
            return decided
        try:
            return self.id_rule.accepts(service_id)
        except Exception as error:  # noqa: BLE001 - it is the user's, and logged
            complaints = self.complaints if logger is None else Complaints(logger)
            complaints.warn(
                "the validator of service %s in workspace %s failed with the id %s, which counts as refused",
                self.app_service_name,
                self.workspace,
                service_id,
                level=logging.ERROR,
                error=error,
            )
            return False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceApp:
    """A front end: files, and parameters that the page gets. Its service does the work."""

    workspace: str
    app_name: str
    service_name: str
    app_parameters: Mapping[str, Any] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    service_chooser_app_name: str | None = None
    """Where clients are sent that name no service id, or one that is refused."""
    owner: str = ""

    def __post_init__(self) -> None:
        """Raises `TypeError` and `ValueError` with what was expected."""
        check_name("app_name", self.app_name)
        object.__setattr__(self, "app_parameters", _keywords(self.app_parameters))
        check_json("app_parameters of an app", self.app_parameters)
        chooser = self.service_chooser_app_name
        if chooser is not None and check_name("service_chooser_app_name", chooser) == self.app_name:
            raise ValueError(
                f"the app {chooser!r} cannot be its own chooser: it would send clients to itself"
            )

    @property
    def key(self) -> tuple[str, str]:
        """Workspace and name."""
        return self.workspace, self.app_name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Redirection:
    """An address that leads to an app."""

    from_url: str
    """The path, with a slash in front."""
    workspace: str
    app_name: str
    owner: str = ""

    @property
    def key(self) -> str:
        """The address."""
        return self.from_url
