"""What the company is warned of right now, in a few words each, worst first."""

from __future__ import annotations

from dataclasses import dataclass

from core.mail.parts import CAP_NEAR, LICENSE_EXPIRING
from core.mail.standing import Standing, standing
from core.roles import Permission
from core.work import Look


@dataclass(frozen=True, slots=True)
class LiveWarning:
    """One thing that somebody should do something about.

    Attributes:
        kind: `license_expiring`, `seats_used` or `cap_near`.
        text: in a few words; a license's name may be in it.
        license_id: None where it is about the company.
        threshold: days left, 0 where the license has expired; or percent used.
        mark: the day of expiry or the number bought, which it is measured against.
    """

    kind: str
    text: str
    license_id: int | None
    threshold: int
    mark: str


def warnings(look: Look) -> list[LiveWarning]:
    """Return what there is to warn of, worst first; two or three statements, whatever the number of people."""
    look.require(Permission.SEE_PEOPLE)
    return [
        LiveWarning(each.kind, _text(each), each.subject_id or None, each.warned.threshold, each.mark)
        for each in standing(look.db, look.now)
    ]


def _text(one: Standing) -> str:
    facts = one.warned
    used, total = f"{facts.used:,}", f"{facts.total:,}"
    if one.kind == LICENSE_EXPIRING:
        if one.days_left < 0:
            held = "1 seat is" if facts.used == 1 else f"{used} seats are"
            return f"{facts.license} has expired, {held} still held"
        return f"{facts.license} expires {_in_days(one.days_left)}"
    if one.kind == CAP_NEAR:
        return f"{used} of {total} places for users taken"
    return f"{facts.license}: {used} of {total} seats in use"


def _in_days(days: int) -> str:
    if not days:
        return "at the end of today"
    return "tomorrow" if days == 1 else f"in {days} days"
