"""Leaving on a date: who is to leave is archived by itself once the day has come (R39-R43)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from core.facts import PersonFacts
from core.models import User
from core.models.people import ACTIVE
from core.roles import Actor, Permission, Role
from core.rules import LAST_ADMIN, refusal_of
from core.selection import active_admins, lock_company
from core.services.people import Archive, change_people
from core.tally import Tally, Verdict
from core.targets import Target
from core.work import Work


def archive_leavers(work: Work) -> Tally:
    """Archive everybody whose day of leaving has come, counted in UTC, as one bulk change that can be taken back.

    The last Company Admin stays (D7): a date that somebody set carries no more weight than an admin does.
    """
    work.require(Permission.MANAGE_PEOPLE)
    lock_company(work.db)
    leavers = _leavers(work)
    if not leavers:
        return Tally(0)
    stays = _last_admin(work, leavers)
    going = [row.id for row in leavers if row is not stays]
    tally = change_people(work, Target(ids=going), Archive()) if going else Tally(0)
    return tally if stays is None else _with_last_admin(tally, stays)


# --- inside -----------------------------------------------------------------------------------------------------


def _leavers(work: Work) -> Sequence[Any]:
    return work.db.execute(
        select(User.id, User.address, User.role, User.status)
        .where(User.leaves_on <= work.now.date(), User.status == ACTIVE)
        .order_by(User.leaves_on, User.id)
    ).all()


def _last_admin(work: Work, leavers: Sequence[Any]) -> Any:
    """Return the Company Admin who has to stay because nobody else would be left; None where somebody is."""
    admins = [row for row in leavers if row.role == Role.COMPANY_ADMIN]
    left = (work.db.scalar(active_admins()) or 0) - len(admins)
    return admins[-1] if admins and not left else None


def _with_last_admin(tally: Tally, person: Any) -> Tally:
    """Return the tally with the one who had to stay among the refused."""
    facts = PersonFacts(person.id, person.address, person.role, person.status, last_admin=1)
    refusal = refusal_of(LAST_ADMIN, Actor(Role.COMPANY_ADMIN, ""), facts)
    if refusal is None:
        raise RuntimeError("the rule of the last Company Admin spares an admin")
    counts = tally.counts
    if counts is not None:
        rows, skips = counts.get(refusal.code, (0, refusal.skips))
        counts = {**counts, refusal.code: (rows + 1, skips)}
    verdict = Verdict.of(refusal, person.address, id=person.id)
    return replace(tally, verdicts=(*tally.verdicts, verdict), counts=counts)
