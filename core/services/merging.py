"""Merging departments and learning groups (S24, S30); taking it back is in `core.services.unmerging`.

Everybody moves, archived people and every invitation too, then the empty place is dropped. The number of statements
does not depend on how many people move. A merge changes no one's rights, so it asks for the company, not for each
person (R34 is about a person's own data): it is one decision about the company, like giving a new name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from core.dialects import read_ids
from core.errors import Invalid, PlanChanged
from core.facts import GroupSizeFacts
from core.models import AuditEvent, Department, Group, GroupMember, Invitation, InvitationGroup, User
from core.models.invitations import OPEN
from core.models.people import ARCHIVED
from core.roles import Permission
from core.rules import GROUP_SIZE, NO_LIMIT, check
from core.selection import lock_company
from core.services.carrying_out import How
from core.services.places import P, group_fields, held_by, kind_of, place_of
from core.services.runs import finish_run
from core.tally import Effects, Move, Room, Tally
from core.work import Work, new_batch

VERB = "merge"
Place = Department | Group


AT_ONCE = How()


def merge_departments(
    work: Work, source_id: int, into_id: int, how: How = AT_ONCE, *, undoes: str | None = None
) -> Tally:
    """Move everybody and every invitation of a department into another one and drop it (S24).

    Args:
        work: the open transaction.
        source_id: the department that goes.
        into_id: the department that stays.
        how: preview, and what bulk verbs take.
        undoes: the name of the run that is taken back by merging again.

    Returns:
        How many people and open or expired invitations move; `done_ids` are the people.

    Raises:
        Missing: one of them was deleted. Invalid: field `into`. PlanChanged: not `expect` rows; nothing was written.
    """
    work.require(Permission.MANAGE_COMPANY)
    lock_company(work.db)
    source, into = _two(work, Department, source_id, into_id)
    tally = _plan(work, source, into, how)
    name = tally.batch
    if name is None:
        return tally
    moved = {"department": {"old": source.name, "new": into.name, "old_id": source.id, "new_id": into.id}}
    tell(how, "write 1/3")
    audit_each(work, "user.placed", _people_of(source), name, moved)
    audit_each(work, "invitation.placed", _invitations_of(source), name, moved)
    tell(how, "write 2/3")
    touch(work.db, _people_of(source), department_id=into.id)
    work.db.execute(
        update(Invitation)
        .where(Invitation.department_id == source.id)
        .values(department_id=into.id)
        .execution_options(synchronize_session=False)
    )
    tell(how, "write 3/3")
    _drop(work, source, into, tally, undoes)
    return tally


def merge_groups(
    work: Work, source_id: int, into_id: int, how: How = AT_ONCE, *, undoes: str | None = None
) -> Tally:
    """Let everybody and every invitation of a learning group join another one and drop it (S30).

    Args:
        work: the open transaction.
        source_id: the learning group that goes.
        into_id: the learning group that stays.
        how: preview, and what bulk verbs take.
        undoes: the name of the run that is taken back by merging again.

    Returns:
        As `merge_departments`; who is in both counts too, since they leave the one that goes.

    Raises:
        Missing: one of them was deleted. GroupTooSmall: the other one's maximum size. Invalid: field `into`.
        PlanChanged: not `expect` rows; nothing was written.
    """
    work.require(Permission.MANAGE_COMPANY)
    lock_company(work.db)
    source, into = _two(work, Group, source_id, into_id)
    before, after = held_by(work, (into.id,)), held_by(work, (source.id, into.id))
    if after > before:
        check(GROUP_SIZE, work.actor, GroupSizeFacts(into.name, after, into.max_size or NO_LIMIT))
    rooms = (Room(into.name, into.max_size, before, after),) if into.max_size else ()
    tally = _plan(work, source, into, how, rooms)
    name = tally.batch
    if name is None:
        return tally
    _move_members(work, source, into, name, how)
    tell(how, "write 3/3")
    _drop(work, source, into, tally, undoes)
    return tally


# --- shared with taking back ------------------------------------------------------------------------------------


def tell(how: How, step: str) -> None:
    """Say which step is next; whoever follows the run may stop it there, and nothing is left of it."""
    if how.progress is not None:
        how.progress(step, 0)


def audit_each(
    work: Work, action: str, subjects: Select[int, str], batch: str, details: Mapping[str, Any]
) -> None:
    """Write one audit event for each subject (id, address), in one statement."""
    work.require(Permission.MANAGE_COMPANY)
    chosen = subjects.subquery()
    columns = {
        "at": literal(work.now, AuditEvent.at.type),
        "action": literal(action),
        "actor_id": literal(work.actor.user_id or None, AuditEvent.actor_id.type),
        "actor_label": literal(work.actor.label),
        "subject_kind": literal(action.partition(".")[0]),
        "subject_id": chosen.c.id,
        "subject_label": chosen.c.address,
        "details": literal(details, AuditEvent.details.type),
        "batch": literal(batch, AuditEvent.batch.type),
    }
    work.db.execute(insert(AuditEvent).from_select(list(columns), select(*columns.values())))


def touch(db: Session, people: Select[int, str], **values: Any) -> None:
    """Write `values` to people in one statement; whoever is editing one of them is told of it."""
    db.execute(
        update(User)
        .where(User.id.in_(people.with_only_columns(User.id)))
        .values(version=User.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def moves_of_group(joined: Group | None, left: Group | None) -> dict[str, dict[str, list[Any]]]:
    """Return the details of an audit event that tells who joined and left which learning group."""
    came, went = [joined] if joined else [], [left] if left else []
    return {
        "groups": {
            "joined": [each.id for each in came],
            "left": [each.id for each in went],
            "joined_names": [each.name for each in came],
            "left_names": [each.name for each in went],
        }
    }


# --- inside -----------------------------------------------------------------------------------------------------


def _two(work: Work, model: type[P], source_id: int, into_id: int) -> tuple[P, P]:
    if source_id == into_id:
        raise Invalid({"into": f"Choose another {kind_of(model)} to merge it into."})
    return place_of(work.db, model, source_id), place_of(work.db, model, into_id)


def _people_of(place: Place) -> Select[int, str]:
    people = select(User.id, User.address)
    if isinstance(place, Department):
        return people.where(User.department_id == place.id)
    return people.where(User.id.in_(_members(place)))


def _members(group: Group) -> Select[int]:
    return select(GroupMember.user_id).where(GroupMember.group_id == group.id)


def _invitations_of(place: Place) -> Select[int, str]:
    """Return the open and expired invitations; those that are over move too, but nobody has to be told."""
    invitations = select(Invitation.id, Invitation.address).where(Invitation.state == OPEN)
    if isinstance(place, Department):
        return invitations.where(Invitation.department_id == place.id)
    return invitations.where(Invitation.id.in_(_invited(place)))


def _invited(group: Group) -> Select[int]:
    return select(InvitationGroup.invitation_id).where(InvitationGroup.group_id == group.id)


def _plan(work: Work, source: Place, into: Place, how: How, rooms: tuple[Room, ...] = ()) -> Tally:
    def number(rows: Select[int, str]) -> int:
        return work.db.scalar(select(func.count()).select_from(rows.subquery())) or 0

    tell(how, "count")
    people = _people_of(source)
    ids = read_ids(work.db, people.with_only_columns(User.id).order_by(User.sort_key, User.id))
    archived, invitations = number(people.where(User.status == ARCHIVED)), number(_invitations_of(source))
    both = number(people.where(User.id.in_(_members(into)))) if isinstance(into, Group) else 0
    if isinstance(source, Department):
        moves: tuple[Move, ...] = (Move("department", source.name, into.name, len(ids)),)
    else:
        moves = (
            Move("groups", "", into.name, len(ids) - both),
            Move("groups", source.name, "", len(ids)),
        )
    moved, dropped = ("will move", "will be") if how.preview else ("moved", "is")
    notes = (
        *([f"{archived:,} of them archived."] if archived else ()),
        *([f"{both:,} of them in both already."] if both else ()),
        *([f"{_counted(invitations, 'open or expired invitation')} {moved} too."] if invitations else ()),
        f"The {kind_of(type(source))} {source.name} {dropped} dropped.",
    )
    effects = Effects(moves=tuple(move for move in moves if move.people), rooms=rooms, notes=notes)
    done = len(ids) + invitations
    if how.expect not in {None, done}:
        raise PlanChanged(how.expect or 0, done)
    batch = None if how.preview else how.batch or new_batch()
    return Tally(done, preview=how.preview, batch=batch, done_ids=ids, effects=effects)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _move_members(work: Work, source: Group, into: Group, batch: str, how: How) -> None:
    """Let members and invitations of `source` join `into`; who is there already only leaves."""
    people, invitations = _people_of(source), _invitations_of(source)
    there, asked = User.id.in_(_members(into)), Invitation.id.in_(_invited(into))
    moved, left = moves_of_group(into, source), moves_of_group(None, source)
    tell(how, "write 1/3")
    audit_each(work, "user.placed", people.where(~there), batch, moved)
    audit_each(work, "user.placed", people.where(there), batch, left)
    audit_each(work, "invitation.placed", invitations.where(~asked), batch, moved)
    audit_each(work, "invitation.placed", invitations.where(asked), batch, left)
    tell(how, "write 2/3")
    touch(work.db, people)
    for table, owner in (
        (GroupMember, GroupMember.user_id),
        (InvitationGroup, InvitationGroup.invitation_id),
    ):
        held = select(owner).where(table.group_id == into.id)
        joins = select(owner, literal(into.id)).where(table.group_id == source.id, owner.not_in(held))
        work.db.execute(insert(table).from_select([owner.key, "group_id"], joins))
        work.db.execute(
            delete(table).where(table.group_id == source.id).execution_options(synchronize_session=False)
        )


def _drop(work: Work, source: Place, into: Place, tally: Tally, undoes: str | None) -> None:
    """Drop the place that is empty by now, and write down what it takes to make it anew."""
    action = "department.merged" if isinstance(source, Department) else "group.merged"
    more = group_fields(source) if isinstance(source, Group) else {}
    details = {
        "into": into.name,
        "into_id": into.id,
        "moved": tally.done,
        "created": source.created_at.isoformat(),
        **{field: text for field, text in more.items() if field != "name"},
    }
    work.db.delete(source)
    work.db.flush()
    work.record(action, action.partition(".")[0], source.id, source.name, batch=tally.batch, **details)
    if tally.batch is not None:
        finish_run(
            work,
            tally.batch,
            verb="undo" if undoes else VERB,
            summary=f"{'redo ' if undoes else ''}{source.name} into {into.name}",
            done=tally.done,
            refused=0,
            undoes=undoes,
        )
