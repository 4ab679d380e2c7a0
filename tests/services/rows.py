"""What stands in the tables, for tests of verbs; and changes that no verb of today makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, Table, delete, func, insert, select, update

from core.core import Core
from core.models import (
    AuditEvent,
    Base,
    Company,
    Group,
    GroupMember,
    Invitation,
    InvitationGroup,
    OutboxMail,
    SignIn,
    User,
)
from core.models.people import ARCHIVED


def all_of(core: Core, statement: Select[*tuple[Any, ...]]) -> list[Any]:
    """Return the rows that a statement finds."""
    with core.operator_look() as look:
        return list(look.db.execute(statement).all())


def invitation(core: Core, invitation_id: int) -> Invitation:
    """Return one invitation as it stands."""
    with core.operator_look() as look:
        return look.db.get_one(Invitation, invitation_id)


def person(core: Core, user_id: int) -> User:
    """Return one person as they stand."""
    with core.operator_look() as look:
        return look.db.get_one(User, user_id)


def sign_in_of(core: Core, sign_in_id: UUID) -> SignIn:
    """Return one sign-in as it stands."""
    with core.operator_look() as look:
        return look.db.get_one(SignIn, sign_in_id)


def states(core: Core) -> dict[int, str]:
    """Return each invitation's state by its id."""
    return dict(
        tuple(row) for row in all_of(core, select(Invitation.id, Invitation.state).order_by(Invitation.id))
    )


def invited_groups(core: Core, invitation_id: int) -> set[str]:
    """Return the names of the learning groups of an invitation."""
    names = select(Group.name).join(InvitationGroup).where(InvitationGroup.invitation_id == invitation_id)
    return {row.name for row in all_of(core, names)}


def groups_of(core: Core, user_id: int) -> set[str]:
    """Return the names of the learning groups of a person."""
    names = select(Group.name).join(GroupMember).where(GroupMember.user_id == user_id)
    return {row.name for row in all_of(core, names)}


def events(core: Core, action: str | None = None) -> list[AuditEvent]:
    """Return the audit events in order, of one action or all."""
    statement = select(AuditEvent).order_by(AuditEvent.id)
    with core.operator_look() as look:
        found = look.db.scalars(statement).all()
    return [event for event in found if action in {None, event.action}]


def actions(core: Core) -> Counter[str]:
    """Return how often each action was recorded."""
    return Counter(event.action for event in events(core))


def mails(core: Core, kind: str = "invitation") -> list[OutboxMail]:
    """Return the mails of one kind in order."""
    with core.operator_look() as look:
        return list(
            look.db.scalars(select(OutboxMail).where(OutboxMail.kind == kind).order_by(OutboxMail.id))
        )


def count(core: Core, model: type[Base]) -> int:
    """Return how many rows a table has."""
    with core.operator_look() as look:
        return look.db.scalar(select(func.count()).select_from(model)) or 0


def dump(core: Core) -> dict[str, list[tuple[Any, ...]]]:
    """Return every column of every row of every table."""
    with core.operator_look() as look:
        return {
            name: [tuple(row) for row in look.db.execute(select(table))] for name, table in _tables().items()
        }


def _tables() -> Mapping[str, Table]:
    return Base.metadata.tables


# --- changes made behind the verbs' back -----------------------------------------------------------------------


def set_cap(core: Core, cap: int | None) -> None:
    """Set the company's maximum number of users."""
    _change(core, update(Company).values(user_cap=cap))


def set_link_days(core: Core, days: int) -> None:
    """Set how long links live."""
    _change(core, update(Company).values(link_days=days))


def set_group_size(core: Core, group_id: int, most: int) -> None:
    """Set the maximum size of a learning group."""
    _change(core, update(Group).where(Group.id == group_id).values(max_size=most))


def set_role(core: Core, user_id: int, role: int) -> None:
    """Give a person another role, and lower what is signed in."""
    _change(core, update(User).where(User.id == user_id).values(role=role))


def archive(core: Core, user_id: int) -> None:
    """Archive a person."""
    now = core.ports.clock.now()
    _change(core, update(User).where(User.id == user_id).values(status=ARCHIVED, archived_at=now))


def delete_person(core: Core, user_id: int) -> None:
    """Delete a person for good."""
    _change(core, delete(User).where(User.id == user_id))


def close_sign_ins(core: Core, user_id: int) -> None:
    """Close what a person has signed in."""
    now = core.ports.clock.now()
    _change(core, update(SignIn).where(SignIn.user_id == user_id).values(closed_at=now))


def set_expiry(core: Core, invitation_id: int, moment: Any) -> None:
    """Let an invitation end at another moment."""
    _change(core, update(Invitation).where(Invitation.id == invitation_id).values(expires_at=moment))


def add_admin(core: Core, address: str, password_hash: str) -> int:
    """Appoint another Company Admin, as the operator does on the host."""
    with core.operator() as work:
        columns = {
            "address": address, "address_key": address, "role": 40, "status": "active", "first_name": "Cy",
            "last_name": "Dee", "password_hash": password_hash, "phone": "", "postal_address": "", "job_title": "",
            "language": "", "search_key": f"cy dee {address}", "sort_key": f"dee cy {address}", "created_at": work.now,
        }  # fmt: skip
        return work.db.execute(insert(User).values(columns).returning(User.id)).scalar_one()


def open_sign_in(core: Core, address: str) -> UUID:
    """Open a sign-in of a person with their own role, as a surface for everybody would."""
    with core.operator() as work:
        user = work.db.scalars(select(User).where(User.address_key == address)).one()
        columns = {"id": uuid4(), "user_id": user.id, "role": user.role, "surface": "test"}
        moments = {"opened_at": work.now, "seen_at": work.now}
        return work.db.execute(insert(SignIn).values(columns | moments).returning(SignIn.id)).scalar_one()


def _change(core: Core, statement: Any) -> None:
    with core.operator() as work:
        work.db.execute(statement)
