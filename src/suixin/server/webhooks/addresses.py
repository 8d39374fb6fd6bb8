"""Where the server may send: no address of its own network unless whoever runs it says so.

An endpoint's name is resolved once, every address that it has is judged, and the connection goes to one of those that were
judged: a name that answers otherwise the second time leads nowhere else.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from suixin.errors import UsageError

LONGEST = 500
_NAT64 = ip_network("64:ff9b::/96")
_SCHEMES = {"https": 443, "http": 80}
IP = IPv4Address | IPv6Address


class Place(NamedTuple):
    """An endpoint's address, taken apart."""

    secure: bool
    host: str
    port: int
    target: str


class Refused(Exception):  # noqa: N818  a refusal is no fault of the program
    """The name, which it says, leads to where nothing is sent."""


def place_of(url: str) -> Place:
    """An address that something may be sent to, as far as it says by itself.

    Raises:
        UsageError: no https, a name and password in it, a place within a page, or signs that belong in no address; http is
            for this machine's own addresses, where SUIXIN_WEBHOOK_NETWORKS allows them.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(
            f"{url[:LONGEST]!r} is no address: {error}", zh=f"“{url[:LONGEST]}”不是网址"
        ) from error
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or len(url) > LONGEST or not parts.hostname or parts.scheme not in _SCHEMES:
        raise UsageError(
            f"{url[:LONGEST]!r} is no address to send to; give https://host/path in ASCII, {LONGEST} at most",
            zh=f"“{url[:LONGEST]}”不能作为接收地址；请填 https://主机/路径，最多 {LONGEST} 个字符",
        )
    if parts.username is not None or parts.password is not None or "#" in url:
        raise UsageError(
            "the address has a name, a password or a # in it; leave them out",
            zh="网址里不能有用户名、密码或 #",
        )
    found = Place(parts.scheme == "https", parts.hostname, port or _SCHEMES[parts.scheme], _target(parts))
    _judge_literal(found)
    return found


def _target(parts: "object") -> str:
    path, query = getattr(parts, "path", "") or "/", getattr(parts, "query", "")
    return f"{path}?{query}" if query else path


def _judge_literal(found: Place) -> None:
    """What stands there as an address in figures is judged at once; a name is judged when something is sent."""
    literal = _literal(found.host)
    own = found.host == "localhost" or (literal is not None and literal.is_loopback)
    if not found.secure and not own:
        raise UsageError(
            "http is for this machine's own addresses alone; give https",
            zh="http 只能用于本机地址，请填 https",
        )
    if literal is not None and not may_reach(literal):
        raise UsageError(
            f"{found.host} is an address of a private network; whoever runs the server allows it by "
            "SUIXIN_WEBHOOK_NETWORKS",
            zh=f"{found.host} 是内网地址；须由运维用 SUIXIN_WEBHOOK_NETWORKS 放行",
        )


def _literal(host: str) -> IP | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def may_reach(address: IP) -> bool:
    """Whether something may be sent to an address: one of the world, or of a network that SUIXIN_WEBHOOK_NETWORKS names."""
    inner = _inner(address)
    if any(one.version == inner.version and inner in one for one in settings.WEBHOOK_NETWORKS):
        return True
    own = (
        isinstance(inner, IPv6Address) and inner.is_site_local
    )  # given up in 2004, and routed within houses still
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or own)


def _inner(address: IP) -> IP:
    """The address of the old kind that one of the new kind only wraps."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is not None:
            return wrapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def resolved(found: Place) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The family and socket's address to connect to.

    Raises:
        Refused: one of the addresses that the name has is none that may be reached.
        OSError: nobody knows the name.
    """
    answers = socket.getaddrinfo(found.host, found.port, type=socket.SOCK_STREAM)
    for *_, where in answers:
        if not may_reach(ip_address(str(where[0]).partition("%")[0])):
            raise Refused(found.host)
    family, *_, where = answers[0]
    return family, (str(where[0]), int(where[1]))
