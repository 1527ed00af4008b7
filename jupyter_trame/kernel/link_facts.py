"""How clients reach one server of a kernel at a moment: what its links know, for whoever explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_trame.kernel.endpoint import KernelEndpoint
from jupyter_trame.kernel.output import Output
from jupyter_trame.protocol.limits import Limits
from jupyter_trame.transports.comm import CommTransport
from jupyter_trame.transports.listener import LinkListener
from jupyter_trame.transports.rendezvous import MESSAGES

__all__ = ["LinkFacts", "take_facts"]


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Taken on the I/O thread; what is in it belongs to that."""

    address: str
    """Where the kernel listens, as in its record."""
    trouble: str
    """Why no Jupyter server can find the kernel; empty where one can."""
    replicas: Sequence[Output]
    """Links of Jupyter servers."""
    comms: Sequence[CommTransport]
    """Pages that talk over their widget's comm."""
    limits: Limits


def take_facts(
    endpoint: KernelEndpoint | None, listener: LinkListener | None, trouble: str | None, limits: Limits
) -> LinkFacts:
    """Those of a server that has `endpoint`, None before its first start. On the I/O thread."""
    return LinkFacts(
        address=MESSAGES if listener is None else listener.address,
        trouble=trouble or "",
        replicas=() if endpoint is None else endpoint.replicas,
        comms=() if endpoint is None else endpoint.comms,
        limits=limits,
    )
