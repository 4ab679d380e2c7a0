"""What the tests of the import share: pasting, and what is in the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from core.core import Core
from core.models import Invitation, OutboxMail
from tests.tui.console_app import Admin
from tui.screens.import_screen import ImportScreen


def pasted(text: str) -> str:
    """Return what a terminal sends for a paste."""
    return f"\x1b[200~{text}\x1b[201~"


def people(number: int) -> list[str]:
    """Return that many addresses."""
    return [f"person{each}@example.com" for each in range(1, number + 1)]


async def stage(admin: Admin, addresses: Iterable[str]) -> None:
    """Open the import and paste addresses, one on each line, in one burst."""
    await admin.type("I" + pasted("\r".join(addresses)))


def bench(admin: Admin) -> ImportScreen:
    """Return the import that is open."""
    [found] = [screen for screen in admin.console.screen_stack if isinstance(screen, ImportScreen)]
    return found


def invitations(core: Core) -> list[Invitation]:
    """Return all invitations, oldest first."""
    with core.glance() as visit:
        return list(visit.db.scalars(select(Invitation).order_by(Invitation.id)))


def addresses(core: Core, state: str = "open") -> list[str]:
    """Return the addresses of the invitations in a state, oldest first."""
    return [one.address for one in invitations(core) if one.state == state]


def mail_states(core: Core) -> list[str]:
    """Return the state of each mail, oldest first."""
    with core.glance() as visit:
        return list(visit.db.scalars(select(OutboxMail.state).order_by(OutboxMail.id)))
