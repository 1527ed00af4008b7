"""A kernel whose code registers services, as the Jupyter server sees it: what it asks for, and what it is asked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from jupyter_trame.errors import LinkError, TrameError
from jupyter_trame.extension.kernels import Kernels
from jupyter_trame.extension.narvi_link import NarviLink
from jupyter_trame.log_text import foreign
from jupyter_trame.protocol.link import Parcel
from jupyter_trame.services import words

__all__ = ["Registrar", "RegistrarOwner"]

_logger = logging.getLogger(__name__)

_VALIDATION = 2.0
"""Seconds that a kernel has to say whether there is a service id."""
_GREETING = 5.0
"""Seconds that it has to say what it has registered."""
_FILE = 30.0
"""Seconds that it has for a part of a file."""


class RegistrarOwner(Protocol):
    """What a kernel may ask of the Jupyter server."""

    def register(
        self, registrar: Registrar, kind: str, entry: Mapping[str, Any], *, again: bool = False
    ) -> None:
        """Register a ``"service"``, an ``"app"`` or a ``"redirection"``. Raises what says why that is not possible.

        `again`: nobody asks for that now, so that what stays and is the same goes on.
        """

    async def request(self, registrar: Registrar, method: str, arguments: list[Any]) -> Any:
        """Do what a method of `NarviServer` does; the result is what JSON holds. Raises likewise."""

    def left(self, registrar: Registrar) -> None:
        """The kernel has ended, or its server was closed."""


class Registrar:
    """One kernel. On the thread of its loop."""

    def __init__(self, kernel_id: str, owner: RegistrarOwner, *, is_here: bool) -> None:
        """`is_here`: whether the kernel has the disk of this process."""
        self.kernel_id = kernel_id
        self.is_here = is_here
        self._owner = owner
        self._link = NarviLink(on_parcel=self._on_parcel, on_closed=self._on_closed)
        self._greeted = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._link.closed

    async def join(self, kernels: Kernels) -> None:
        """Link to it, and know what it has registered. Raises `LinkError`, and `TimeoutError` where it does not say."""
        await self._link.join(kernels, self.kernel_id, words.SERVER)
        async with asyncio.timeout(_GREETING):
            await self._greeted.wait()

    async def validate(self, workspace: str, service: str, service_id: str) -> bool:
        """Whether the kernel's validator accepts `service_id`; no answer within 2 s is a no."""
        try:
            async with asyncio.timeout(_VALIDATION):
                answer = await self._link.ask("validate", workspace, service, service_id)
        except (LinkError, TimeoutError) as error:
            _logger.warning(
                "the validator of service %s in workspace %s did not answer, which counts as refused: %s",
                *(foreign(service), foreign(workspace), foreign(error) or f"{_VALIDATION:g} s are over"),
            )
            return False
        return answer.header[2] is True

    async def file(self, workspace: str, app_name: str, path: str, offset: int) -> Parcel | None:
        """A part of a file of an app: ``[.., .., size, modified]`` and bytes; None where there is none.

        Raises `LinkError`.
        """
        try:
            async with asyncio.timeout(_FILE):
                answer = await self._link.ask("file", workspace, app_name, path, offset)
        except TimeoutError:
            raise LinkError("the kernel does not answer") from None
        return answer if len(answer.header) > 2 else None

    def welcome(self, facts: Mapping[str, Any]) -> None:
        """Tell it what it needs to know of the Jupyter server."""
        self._link.tell(Parcel([words.HELLO, dict(facts)]))

    def close(self, reason: str) -> None:
        """End the link. More than once is harmless."""
        for task in self._tasks:
            task.cancel()
        self._link.close(reason)

    def _on_closed(self, reason: str) -> None:
        _logger.debug("a kernel with services is gone: %s", reason)
        self._owner.left(self)

    def _on_parcel(self, parcel: Parcel) -> None:
        header = parcel.header
        match header[0]:
            case words.HELLO:
                for kind, entry in header[1]:
                    self._register_again(str(kind), entry)
                self._greeted.set()
            case words.ASK:
                self._asked(int(header[1]), str(header[2]), list(header[3:]))
            case kind:
                raise ValueError(f"{foreign(kind)} is no word of a server of services")

    def _register_again(self, kind: str, entry: Mapping[str, Any]) -> None:
        """It had that registered at another Jupyter server, or before this one came."""
        try:
            self._owner.register(self, kind, entry, again=True)
        except (TrameError, LookupError, ValueError, TypeError) as error:
            _logger.warning("what a kernel had registered was refused: %s", foreign(error))

    def _asked(self, number: int, what: str, arguments: list[Any]) -> None:
        if what == "register":
            try:
                self._owner.register(self, str(arguments[0]), arguments[1])
            except (TrameError, LookupError, ValueError, TypeError) as error:
                self._link.refuse(number, error)
            else:
                self._link.answer(number)
            return
        task = asyncio.ensure_future(self._answer(number, self._owner.request(self, what, arguments)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, request: Awaitable[Any]) -> None:
        try:
            result = await request
        except (TrameError, ValueError, TypeError) as error:
            self._link.refuse(number, error)
        except Exception as error:
            _logger.exception("what a kernel asked for failed")
            self._link.refuse(number, error)
        else:
            self._link.answer(number, result)
