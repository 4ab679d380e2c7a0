"""Names of hosts in the form that mail knows."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from core.values import Address


def a_label(domain: str) -> str:
    """Return `domain` in ASCII; measured: the standard library would put a Unicode domain into headers broken.

    Raises:
        InvalidAddress: it is no domain.
    """
    return (
        domain.lower() if domain.isascii() else Address.parse(f"postmaster@{domain}").key.rpartition("@")[2]
    )


def mail_host(url: str) -> str:
    """Return the host of `url` as the right-hand side of a Message-ID and as the name in EHLO."""
    host = urlsplit(url).hostname or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return a_label(host)
    return f"[{host}]" if address.version == 4 else f"[IPv6:{host}]"  # noqa: PLR2004 - RFC 5321, 4.1.3


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine and no other."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"
