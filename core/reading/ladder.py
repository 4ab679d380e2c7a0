"""Questions about the ladder of roles (S8): who holds what, what each may do, and who could give it (R55)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from core.errors import Invalid, Refused
from core.facts import RoleFacts
from core.filters import Filter
from core.models import Invitation, User
from core.models.people import ACTIVE, ARCHIVED
from core.reading.lists import Sort
from core.roles import Permission, Role, permissions_of
from core.rules import BELOW_OWN, refusal_of
from core.selection import live_invitation
from core.values import fold
from core.work import Look

HIGHEST_FIRST = Sort("role", descending=True)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A step of the ladder; its id is its number.

    Attributes:
        active, archived: people who hold it.
        invited: invitations to it whose link works.
        refusal: why the actor cannot give it; None where they can.
        permissions: what a holder may do here; what a role means on the learning platform says its summary.
    """

    id: int
    role: Role
    active: int
    archived: int
    invited: int
    refusal: Refused | None
    permissions: tuple[Permission, ...]


def role_ids(look: Look, chosen: Filter, sort: Sort = HIGHEST_FIRST) -> Iterator[Sequence[int]]:
    """Yield the ids of the roles found by bare words, in order.

    Raises:
        Invalid: an unknown column.
    """
    look.require(Permission.SEE_PEOPLE)
    found = [row for row in role_rows(look, [int(role) for role in Role]) if _fits(row, chosen)]
    sorts: dict[str, Any] = {
        "role": lambda row: row.id,
        "active": lambda row: row.active,
        "archived": lambda row: row.archived,
        "invited": lambda row: row.invited,
        "gives": lambda row: row.refusal is None,
    }
    if sort.column not in sorts:
        raise Invalid({"sort": f"There is no column {sort.column} to sort by. There is: {', '.join(sorts)}."})
    key = sorts[sort.column]
    yield [row.id for row in sorted(found, key=lambda row: (key(row), row.id), reverse=sort.descending)]


def role_rows(look: Look, wanted: Sequence[int]) -> list[RoleRow]:
    """Return the roles with these ids, in that order."""
    look.require(Permission.SEE_PEOPLE)
    held = look.db.execute(select(User.role, User.status, func.count()).group_by(User.role, User.status))
    people = {(role, status): number for role, status, number in held}
    asked = look.db.execute(
        select(Invitation.role, func.count()).where(live_invitation(look.now)).group_by(Invitation.role)
    )
    invited = dict(asked.all())
    return [
        RoleRow(
            id=each,
            role=Role(each),
            active=people.get((each, ACTIVE), 0),
            archived=people.get((each, ARCHIVED), 0),
            invited=invited.get(each, 0),
            refusal=refusal_of(BELOW_OWN, look.actor, RoleFacts(each)),
            permissions=permissions_of(Role(each)),
        )
        for each in wanted
        if each in list(Role)
    ]


def _fits(row: RoleRow, chosen: Filter) -> bool:
    text = fold(f"{row.role.label} {row.role.slug} {row.role.summary}")
    return all((fold(term.value) in text) != term.negated for term in chosen.terms)
