"""Entries of services as kernels send them and as files keep them, and as the registry has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_trame.log_text import foreign
from jupyter_trame.services.entries import Redirection, RegisteredService, ServiceApp
from jupyter_trame.services.patterns import decode_segments
from jupyter_trame.services.resources import Resources
from jupyter_trame.services.validators import read_id_rule

__all__ = [
    "BASE_PATH",
    "below_base",
    "entry_key",
    "read_app",
    "read_entry",
    "read_service",
    "registry_key",
    "stands_before",
]

BASE_PATH = "/narvi"
"""Of all apps, below ``<base_url>trame``."""


def entry_key(kind: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What a kernel calls an entry of `kind`. Raises `LookupError` for what is no entry."""
    names = {
        "service": ("workspace", "app_service_name"),
        "app": ("workspace", "app_name"),
        "redirection": ("from_url",),
    }
    return (kind, *(str(entry[name]) for name in names[kind]))


def below_base(from_url: str) -> str:
    """Where a redirect of a kernel is: everything of services lies below their base path."""
    return f"{BASE_PATH}/{from_url.strip('/')}"


def stands_before(redirection: Redirection, app: ServiceApp) -> bool:
    """Whether pages of `app` would lead elsewhere: a redirect is looked at first."""
    segments = decode_segments(redirection.from_url.removeprefix(f"{BASE_PATH}/")) or []
    return tuple(segments[:2]) == app.key


def registry_key(key: tuple[str, ...]) -> tuple[str, ...]:
    """What the registry calls the entry that a kernel calls `key`."""
    kind, *names = key
    return (below_base(names[0]),) if kind == "redirection" else (kind, *names)


def read_service(owner: str, entry: Mapping[str, Any]) -> RegisteredService:
    """The service of `owner` that an entry says. Raises `LookupError`, `TypeError` and `ValueError`."""
    described = entry["validator"]
    validator: Any = _asks_kernel if described is None else read_id_rule(described)
    return RegisteredService(
        workspace=entry["workspace"],
        app_service_name=entry["app_service_name"],
        app_cls_name=entry["app_cls_name"],
        app_parameters=entry["app_parameters"],
        fixed_service_id=entry["fixed_service_id"],
        is_shared_service=entry["is_shared_service"],
        service_id_validator=validator,
        idle_timeout=entry["idle_timeout"],
        owner=owner,
        settings=entry["settings"],
    )


def read_app(owner: str, entry: Mapping[str, Any]) -> ServiceApp:
    """The app of `owner` that an entry says. Raises as `read_service`."""
    roots = {rule if isinstance(rule, str) else (rule[0], rule[1]): place for rule, place in entry["roots"]}
    return ServiceApp(
        workspace=entry["workspace"],
        app_name=entry["app_name"],
        service_name=entry["service_name"],
        app_parameters=entry["app_parameters"],
        resources=Resources(roots),
        service_chooser_app_name=entry["chooser"],
        owner=owner,
    )


def read_entry(
    owner: str, kind: str, entry: Mapping[str, Any]
) -> RegisteredService | ServiceApp | Redirection:
    """The entry of `owner`. Raises as `read_service`, and `ValueError` for a `kind` that there is not."""
    match kind:
        case "service":
            return read_service(owner, entry)
        case "app":
            return read_app(owner, entry)
        case "redirection":
            from_url = below_base(str(entry["from_url"]))
            segments = decode_segments(from_url)
            if segments is None or {"", ".", ".."} & set(segments[1:]):
                raise ValueError(f"from_url is a path such as foo/bar, not {foreign(entry['from_url'])}")
            return Redirection(
                from_url=from_url, workspace=entry["workspace"], app_name=entry["app_name"], owner=owner
            )
    raise ValueError(f"{foreign(kind)} is nothing that can be registered")


def _asks_kernel(service_id: str) -> bool:
    """The rule of a service whose kernel has a callable for it; see `Registrar.validate`."""
    raise NotImplementedError("the kernel is asked")
