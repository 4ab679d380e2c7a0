"""Changing people, step three: write what was judged, set by set, each row with its audit event; nothing here judges.

People come first. On PostgreSQL their rows are locked by that, so a sign-in that is being opened meanwhile has either
been written, and is lowered or closed below, or waits and then reads the new role (R38, R39).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.orm import Session

from core.dialects import json_document, json_list, json_object
from core.models import (
    AuditEvent,
    Department,
    Group,
    GroupMember,
    Invitation,
    OutboxMail,
    SignIn,
    User,
)
from core.models.invitations import OPEN, WITHDRAWN
from core.models.outbox import DROPPED, WAITING
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Role
from core.services.foreseeing import Foreseen, closed, lowered
from core.services.judging_people import DOABLE, Plan
from core.services.planning import (
    DEPARTMENT,
    PLANNED,
    PLANNED_GROUPS,
    ROLE,
    STATUS,
    P,
    differs,
    named,
    new,
    old,
)
from core.services.trail import write_events
from core.services.writing_seats import SeatWriter

_DERIVED = {"address_key", "search_key", "sort_key"}  # follow from other fields, so the trail need not tell
_SLUGS = {int(role): role.slug for role in Role}
Statement = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """What is the same in every row that a run writes."""

    plan: Plan
    foreseen: Foreseen
    action: str
    batch: str

    @property
    def db(self) -> Session:
        """The open session."""
        return self.plan.work.db

    def statements(self) -> Sequence[Statement]:
        """Return what is to be done, a statement each; their number depends on the fields and never on the rows."""
        plan = self.plan
        doing: list[Statement] = [self._people] if plan.changes_people else []
        if plan.run.groups:
            doing += [self._leave, self._join]
        if ROLE in plan.fields:
            doing.append(self._lower_sign_ins)
        if STATUS in plan.fields:
            doing.append(self._close_sign_ins)
        if plan.changes_people:
            doing.append(self._audit_people)
        if self.foreseen.withdrawn or self.foreseen.taken_over:
            doing += [self._audit_taken_over, self._take_over]
            doing += [self._audit_withdrawn, self._drop_mails, self._withdraw]
        return [*doing, *SeatWriter(plan, self.foreseen.seats, self.batch).statements()]

    # --- people -----------------------------------------------------------------------------------------------

    def _people(self) -> None:
        values: dict[str, Any] = {field: new(field) for field in self.plan.fields}
        if STATUS in self.plan.fields:
            now = literal(self.plan.work.now, User.archived_at.type)
            values["archived_at"] = case(
                (new(STATUS) == ACTIVE, null()),
                (old(STATUS) == ARCHIVED, User.archived_at),
                else_=now,
            )
        values["version"] = User.version + 1
        self.db.execute(
            update(User)
            .where(User.id == P.id, DOABLE)
            .values(values)
            .execution_options(synchronize_session=False)
        )

    def _leave(self) -> None:
        leaves = self._planned_groups(0).where(
            PLANNED_GROUPS.c.user_id == GroupMember.user_id,
            PLANNED_GROUPS.c.group_id == GroupMember.group_id,
        )
        self.db.execute(
            delete(GroupMember).where(leaves.exists()).execution_options(synchronize_session=False)
        )

    def _join(self) -> None:
        self.db.execute(insert(GroupMember).from_select(["group_id", "user_id"], self._planned_groups(1)))

    def _planned_groups(self, joins: int) -> Select[*tuple[Any, ...]]:
        return (
            select(PLANNED_GROUPS.c.group_id, PLANNED_GROUPS.c.user_id)
            .join(PLANNED, P.id == PLANNED_GROUPS.c.user_id)
            .where(PLANNED_GROUPS.c.joins == joins, DOABLE)
        )

    # --- sign-ins ---------------------------------------------------------------------------------------------

    def _lower_sign_ins(self) -> None:
        self.db.execute(
            update(SignIn)
            .where(lowered(), DOABLE)
            .values(role=new(ROLE))
            .execution_options(synchronize_session=False)
        )

    def _close_sign_ins(self) -> None:
        self.db.execute(
            update(SignIn)
            .where(closed(self.plan), DOABLE)
            .values(closed_at=self.plan.work.now)
            .execution_options(synchronize_session=False)
        )

    # --- invitations (D6) -------------------------------------------------------------------------------------

    def _audit_taken_over(self) -> None:
        actor = self.plan.work.actor
        inviter = {
            "old": P.address,
            "new": literal(actor.label),
            "old_id": P.id,
            "new_id": literal(actor.user_id or None, Invitation.invited_by.type),
        }
        details = self._details({"inviter": inviter})
        rows = self.foreseen.taken_over_rows.add_columns(details)
        self._audit("invitation.taken_over", "invitation", rows)

    def _take_over(self) -> None:
        actor_id = self.plan.work.actor.user_id
        chosen = self.foreseen.taken_over_rows.with_only_columns(Invitation.id)
        self.db.execute(
            update(Invitation)
            .where(Invitation.id.in_(chosen))
            .values(invited_by=actor_id or None, by_operator=not actor_id)
            .execution_options(synchronize_session=False)
        )

    def _audit_withdrawn(self) -> None:
        details = literal({"old": OPEN, "new": WITHDRAWN}, AuditEvent.details.type)
        self._audit("invitation.withdrawn", "invitation", self.foreseen.withdrawn_rows.add_columns(details))

    def _drop_mails(self) -> None:
        chosen = self.foreseen.withdrawn_rows.with_only_columns(Invitation.id)
        self.db.execute(
            update(OutboxMail)
            .where(OutboxMail.state == WAITING, OutboxMail.invitation_id.in_(chosen))
            .values(state=DROPPED)
            .execution_options(synchronize_session=False)
        )

    def _withdraw(self) -> None:
        chosen = self.foreseen.withdrawn_rows.with_only_columns(Invitation.id)
        self.db.execute(
            update(Invitation)
            .where(Invitation.id.in_(chosen))
            .values(state=WITHDRAWN, closed_at=self.plan.work.now)
            .execution_options(synchronize_session=False)
        )

    # --- the trail (R60) --------------------------------------------------------------------------------------

    def _audit_people(self) -> None:
        rows = select(P.id, self._label(), self._details(self._changes())).where(DOABLE).order_by(P.id)
        self._audit(self.action, "user", rows)

    def _label(self) -> ColumnElement[str]:
        return new("address") if "address" in self.plan.fields else P.address

    def _changes(self) -> dict[str, dict[str, Any]]:
        """Return the name of each field in the trail and what it holds."""
        told: dict[str, dict[str, Any]] = {}
        for field in self.plan.fields:
            if field == ROLE:
                slugs = {"old": case(_SLUGS, value=old(ROLE)), "new": case(_SLUGS, value=new(ROLE))}
                told[ROLE] = slugs
            elif field == DEPARTMENT:
                told[named(DEPARTMENT)] = {
                    "old": _department(old(DEPARTMENT)),
                    "new": _department(new(DEPARTMENT)),
                    "old_id": old(DEPARTMENT),
                    "new_id": new(DEPARTMENT),
                }
            elif field not in _DERIVED:
                told[field] = {"old": old(field), "new": new(field)}
        return told

    def _details(self, changes: dict[str, dict[str, Any]]) -> ColumnElement[Any]:
        """Return the details of an event as JSON: only what differs in that row."""
        parts = []
        for name, values in changes.items():
            part = literal(f'"{name}": ', String) + json_object(self.db, **values) + ","
            field = DEPARTMENT if name == named(DEPARTMENT) else name
            whole = field not in self.plan.fields or (len(changes) == 1 and not self.plan.run.groups)
            parts.append(part if whole else case((differs(field), part), else_=""))
        if self.plan.run.groups:
            parts.append(self._group_changes())
        told = parts[0]
        for part in parts[1:]:
            told = told + part
        return json_document(self.db, literal("{", String) + func.rtrim(told, ",") + "}")

    def _group_changes(self) -> ColumnElement[str]:
        """Return the learning groups joined and left: ids to take it back by, names to read."""
        told: ColumnElement[str] = literal('"groups": {', String)
        sign = ""
        for word, joins in (("joined", 1), ("left", 0)):
            for ending, column in (("", Group.id), ("_names", Group.name)):
                listed = json_list(self.db, column, Group.id, PLANNED_GROUPS.c.joins == joins)
                told = told + f'{sign}"{word}{ending}": ' + listed
                sign = ", "
        changes = (
            select(told + "},")
            .select_from(PLANNED_GROUPS)
            .join(Group, Group.id == PLANNED_GROUPS.c.group_id)
            .where(PLANNED_GROUPS.c.user_id == P.id)
            .having(func.count() > 0)
            .correlate(PLANNED)
        )
        return func.coalesce(changes.scalar_subquery(), "")

    def _audit(self, action: str, kind: str, rows: Select[*tuple[Any, ...]]) -> None:
        write_events(self.plan.work, self.batch, action, kind=kind, rows=rows)


def _department(column: ColumnElement[int]) -> ColumnElement[str]:
    name = select(Department.name).where(Department.id == column).correlate(PLANNED).scalar_subquery()
    return func.coalesce(name, "")
