"""What every "why?" is made of: facts in order, and what a rule says to this actor about this row (R48, R55)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.errors import Refused
from core.roles import Actor
from core.rules import Rules, refusal_of

YES, NO, NOTE = "ok", "no", "note"


@dataclass(frozen=True, slots=True)
class Fact:
    """One reason.

    Attributes:
        label: what it is about, such as "Sign-in".
        value: a sentence or a value; that of a refusal names who could.
        state: `ok` (nothing stands in the way), `no` (this does) or `note`.
        mend: the id of the command that changes it, such as `reactivate`; empty where none does.
        subject: what that command is about besides the person: the name of a license or course, or empty.
    """

    label: str
    value: str
    state: str = NOTE
    mend: str = ""
    subject: str = ""


def asked(label: str, yes: str, actor: Actor, about: tuple[Rules, Any], *, mend: str = "") -> Fact:
    """Return what the rules say about a row: `yes` with the command that does it, or the refusal's sentence.

    Args:
        label: of the fact.
        yes: what to say where no rule is broken.
        actor: who asks.
        about: the rules and the facts they judge.
        mend: the command that does it; not told where it is refused.
    """
    refusal = refusal_of(*_with(actor, about))
    return Fact(label, yes, YES, mend) if refusal is None else refused(label, refusal)


def refused(label: str, refusal: Refused, subject: str = "") -> Fact:
    """Return the fact that tells of a refusal, with the command that clears the way where there is one."""
    return Fact(label, refusal.message, NO, _CLEARED_BY.get(refusal.code, ""), subject)


def moment(at: datetime) -> str:
    """Return a moment as facts tell it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


# Refusal -> the command that clears the way.
_CLEARED_BY = {
    "archived_user": "reactivate",
    "already_archived": "reactivate",
    "already_active": "archive",
    "link_expired": "renew",
    "link_withdrawn": "renew",
    "inviter_may_no_longer": "renew",
    "invitation_closed": "renew",
    "no_place_left": "archive",
    "cap_reached": "archive",
    "account_archived": "reactivate",
    "course_not_licensed": "license_courses",
    "seat_needed": "seats",
    "mail_not_waiting": "",
}


def _with(actor: Actor, about: tuple[Rules, Any]) -> tuple[Rules, Actor, Any]:
    return about[0], actor, about[1]
