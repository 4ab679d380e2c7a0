"""The answers to "why?": about a person, an invitation, a role. Each is a list of facts in order."""

from __future__ import annotations

from sqlalchemy import func, select

from core.facts import RoleFacts
from core.models import Invitation, User
from core.models.people import ACTIVE, ARCHIVED
from core.reading.reasons import NO, NOTE, YES, Fact, asked
from core.reading.why_invitations import why_invitation
from core.reading.why_people import why_person
from core.roles import Permission, Role, permissions_of
from core.rules import BELOW_OWN
from core.selection import live_invitation
from core.work import Look

__all__ = ["NO", "NOTE", "YES", "Fact", "why_invitation", "why_person", "why_role"]


def why_role(look: Look, role: Role) -> list[Fact]:
    """Return what a role permits, who holds it, who may give it and whether the actor may (S8-S12, R55)."""
    look.require(Permission.SEE_PEOPLE)
    permitted = permissions_of(role)
    facts = [Fact("Role", f"{role.label}: {role.summary}")]
    facts += [Fact("It permits", permission.label, YES) for permission in permitted]
    facts += [
        Fact("It does not permit", f"{permission.label}: that takes {permission.lowest.label}", NO)
        for permission in Permission
        if permission not in permitted
    ]
    return [
        *facts,
        Fact("Held by", _holders(look, role)),
        Fact("May be given by", _givers(role)),
        asked(
            "You may give it", "to anybody below you", look.actor, (BELOW_OWN, RoleFacts(role)), mend="role"
        ),
    ]


def _holders(look: Look, role: Role) -> str:
    found = select(User.status, func.count()).where(User.role == int(role)).group_by(User.status)
    numbers = {row[0]: row[1] for row in look.db.execute(found)}
    invited = select(func.count()).select_from(Invitation)
    invited = invited.where(live_invitation(look.now), Invitation.role == int(role))
    active, archived = numbers.get(ACTIVE, 0), numbers.get(ARCHIVED, 0)
    open_ones = look.db.scalar(invited) or 0
    return f"accounts: {active:,} active, {archived:,} archived; open invitations: {open_ones:,}"


def _givers(role: Role) -> str:
    above = [each.label for each in Role if each > role and Permission.MANAGE_PEOPLE in permissions_of(each)]
    return " or ".join([*above, "the operator of the host"]) if above else "the operator of the host"
