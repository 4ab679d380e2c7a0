"""What `academy doctor` says about the way a host is set up: nothing of it stops the page, all of it is worth knowing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url

from core.settings import Settings

_LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
_CHECKED = "verify-full"
_OTHERS = 0o077
_APEX_LABELS = 2


def open_files(settings: Settings) -> list[Path]:
    """Return the database files that other users of the host may read, where they lie outside of the data folder."""
    if not settings.is_sqlite:
        return []
    database = Path(make_url(settings.database_url.reveal()).database or "").absolute()
    if settings.home in database.parents:
        return []
    beside = (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm")))
    return [path for path in beside if path.exists() and stat.S_IMODE(path.stat().st_mode) & _OTHERS]


def notes(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each thing that could be safer."""
    page, sign_in = _host(settings.public_url), _host(settings.sign_in_url or "")
    if page == sign_in and page not in _LOOPBACK:
        yield (
            f"The page and the sign-in share the host {page}, so a flaw in one reaches the other's cookies. "
            "Give the page a host name of its own."
        )
    if _is_apex(page) and settings.hsts_subdomains:
        yield (
            f"Browsers are told to insist on https for every host below {page} for a year. "
            f"Give the page a host name of its own, such as join.{page}, or set ACADEMY_HSTS_SUBDOMAINS=no."
        )
    if not settings.is_sqlite:
        yield from _way_to(make_url(settings.database_url.reveal()))


def _way_to(url: URL) -> Iterator[str]:
    """Yield a sentence where the server at `url` is another host that nobody has to prove to be."""
    host = url.host or str(url.query.get("host", ""))
    if host.startswith("/") or host in _LOOPBACK or url.query.get("sslmode") == _CHECKED:
        return
    yield (
        f"The way to the database on {host} is not checked: add sslmode={_CHECKED} and sslrootcert to "
        "ACADEMY_DATABASE_URL."
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_apex(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.count(".") == _APEX_LABELS - 1
    return False
