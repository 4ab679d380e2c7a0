"""Who is at the page: the cookie that names an invitation, and what whoever holds its link may see.

Strangers see neither the company's name, logo and color nor its mail address; holders of an authentic link do.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar, cast

from flask import current_app, g, session

from core.core import Core
from core.services.accepting import Invited, read_invited
from core.values import Secret
from core.work import Visit

OPENED, MADE, LANGUAGE = "invitation", "made", "lang"
_BROWSER = "browser"

T = TypeVar("T")


def core() -> Core:
    """Return the core that the page works on."""
    return cast(Core, current_app.extensions["core"])


# --- the cookie ---------------------------------------------------------------------------------------------------


def begin(public_id: bytes) -> None:
    """Let the cookie name the invitation for another 60 minutes; another invitation starts a fresh session (P25)."""
    if named(OPENED) != public_id:
        _start_afresh()
        session[OPENED] = public_id.hex()
        session[_BROWSER] = secrets.token_hex(8)
    session.permanent = True
    session.modified = True


def finish(public_id: bytes) -> None:
    """Let the cookie remember nothing but which invitation has made its account in this browser (P22)."""
    _start_afresh()
    session[MADE] = public_id.hex()
    session.permanent = True


def _start_afresh() -> None:
    chosen = session.get(LANGUAGE)
    session.clear()
    if chosen is not None:
        session[LANGUAGE] = chosen


def named(key: str) -> bytes | None:
    """Return the invitation that the cookie names: as opened (`OPENED`) or as having made its account (`MADE`)."""
    text = session.get(key)
    return bytes.fromhex(text) if isinstance(text, str) else None


def browser() -> str:
    """Return the name of this browser's session."""
    return cast(str, session[_BROWSER])


# --- what may be shown --------------------------------------------------------------------------------------------


def token_for(public_id: bytes) -> Secret:
    """Return the token of an invitation's link."""
    return core().ports.links.token_for(public_id)


def read(token: str) -> Invited:
    """Return the invitation that a link opens, and note that its holder is here.

    Raises:
        DeadLink: as `read_link`. Busy: the database is away.
    """
    with core().glance() as visit:
        g.guest = invited = read_invited(visit, token)
    if invited.dead is not None:
        raise invited.dead
    return invited


def guest() -> Invited | None:
    """Return what the holder of a link may see, dead or alive; None for strangers and while it cannot be read."""
    if "guest" not in g:
        public_id = named(MADE) or named(OPENED)
        g.guest = None
        if public_id is not None:
            token = token_for(public_id).reveal()
            g.guest = ask(lambda visit: read_invited(visit, token))
    return cast(Invited | None, g.guest)


def meet(public_id: bytes) -> Invited | None:
    """Return what the holder of that invitation's link may see, whatever the cookie names; None as `guest`."""
    token = token_for(public_id).reveal()
    g.guest = ask(lambda visit: read_invited(visit, token))
    return cast(Invited | None, g.guest)


def ask(question: Callable[[Visit], T]) -> T | None:
    """Return the answer of the database; None where there is none: a page in plain clothes is better than no page."""
    if g.get("away", False):
        return None
    try:
        with core().glance() as visit:
            return question(visit)
    except Exception:  # noqa: BLE001 - also shows the page that says what is wrong, so nothing may go wrong here
        g.away = True
        return None


def leave_the_database_alone() -> None:
    """Let nothing more be read for this request's page: the database is away, or what it said led to a mistake."""
    g.away = True
