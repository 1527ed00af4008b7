"""Which names a request may call a server by: a page of any name may be made to reach this machine (DNS rebinding).

A browser says in ``Host`` by which name it reached the server, and a page cannot change it. The owner of a name can let
it lead to any address, and then pages of that name talk to whatever listens there as if it were their own server. No
page can do that with an address in digits, so those pass where others reach the server at all.
"""

import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address

from jupyter_trame.runtime.settings import is_loopback

__all__ = ["ANY_HOST", "ANY_INTERFACE", "is_known_host", "refusal"]

ANY_HOST = "*"
"""As an allowed host: all names, for servers whose proxy looks at them."""
ANY_INTERFACE = frozenset({"0.0.0.0", "::", ""})

_PORT = re.compile(r":\d*$")
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::\d*)?")
_PLAIN = re.compile(r"[\w.\-]{1,100}")


def is_known_host(host: str, bound: str, allowed: Collection[str] = ()) -> bool:
    """Whether `host`, a request's header, names the server that listens on `bound`; `allowed` are further names.

    The port does not matter: tunnels and proxies have others. A program that sends no ``Host`` is no browser.
    """
    if ANY_HOST in allowed or not host:
        return True
    name = _name(host)
    names = {_name(one) for one in (*allowed, bound) if one not in ANY_INTERFACE}
    if name in names or name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if is_loopback(bound):
        return address is not None and is_loopback(str(address))
    machine = socket.gethostname().lower()
    return address is not None or name in {machine, machine.partition(".")[0]}


def refusal(host: str, advice: str = "pass --allowed-host {}") -> str:
    """What the answer says to a request for a name that is not known; `advice` is what admits the name ``{}``."""
    name = _name(host)
    shown = name if _PLAIN.fullmatch(name) else "NAME"
    return f"403: this server does not go by the name in the address; {advice.format(shown)} if it should"


def _name(host: str) -> str:
    """The name or address in `host`, without port and brackets; what else follows a bracket makes it another name."""
    host = host.strip().lower()
    if bracketed := _BRACKETED.fullmatch(host):
        return bracketed[1]
    if host.count(":") <= 1:
        host = _PORT.sub("", host)
    return host.removesuffix(".")


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(name)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
