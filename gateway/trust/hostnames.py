"""Names and addresses by which a server is asked, and where it listens. Pure."""

from __future__ import annotations

import ipaddress
import re

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.ASCII)
_HEADER = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)


def is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address.

    >>> is_address("192.168.1.5"), is_address("::1"), is_address("box")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_host(text: str) -> bool:
    """Whether it is an address, or a name in small letters.

    >>> is_host("box-1.plant.example"), is_host("::1"), is_host("Box"), is_host("a b"), is_host("*.example")
    (True, True, False, False, False)
    """
    return is_address(text) or (len(text) <= 253 and _NAME.fullmatch(text) is not None)


def listening(text: str) -> tuple[str, int] | None:
    """Address and port of ``ADDRESS:PORT``; None where it is neither.

    >>> listening("0.0.0.0:8443"), listening("[::]:8443"), listening("box:8443"), listening("::1")
    (('0.0.0.0', 8443), ('::', 8443), None, None)
    """
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    if not is_address(host) or not re.fullmatch("[0-9]{1,5}", port, re.ASCII) or not 0 < int(port) < 1 << 16:
        return None
    return host, int(port)


def asked_of(header: str) -> str:
    """The name in a Host header; "" for one that is none (RFC 9110, 7.2).

    >>> asked_of("LocalHost:8080"), asked_of("127.0.0.1"), asked_of("[::1]:80"), asked_of("a@b:1"), asked_of("a, b")
    ('localhost', '127.0.0.1', '::1', '', '')
    """
    found = _HEADER.fullmatch(header.lower())
    return found[1].strip("[]") if found else ""


def written(host: str, port: int) -> str:
    """As it stands in a URL.

    >>> written("::1", 8443), written("box", 80)
    ('[::1]:8443', 'box:80')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def home_of(address: str) -> str:
    """Whom an address counts for: itself, or of IPv6 its network, for a home has a /64 and more (RFC 6177).

    >>> home_of("192.0.2.7"), home_of("2001:db8:1:2:3::4"), home_of("::ffff:192.0.2.7"), home_of("::1"), home_of("?")
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7', '::1', '?')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        if not found.is_loopback:
            return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
