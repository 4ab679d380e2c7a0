"""Taking back a merge (R60): the place comes back under its old number, and so does who came from it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, update

from core.dialects import read_ids
from core.errors import ChangedSince, Missing, PlanChanged
from core.facts import GroupSizeFacts, UnmergeFacts
from core.models import AuditEvent, Department, Group, GroupMember, Invitation, InvitationGroup, User
from core.models.invitations import OPEN
from core.roles import Permission
from core.rules import GROUP_SIZE, NO_LIMIT, UNMERGE, check
from core.selection import lock_company
from core.services.carrying_out import EXAMPLES, How
from core.services.merging import (
    AT_ONCE,
    VERB,
    audit_each,
    merge_departments,
    merge_groups,
    moves_of_group,
    tell,
    touch,
)
from core.services.places import held_by, kind_of, place_of
from core.services.runs import finish_run
from core.tally import Effects, Move, Tally, Verdict
from core.values import name_key
from core.work import Work, new_batch

_MERGED: dict[str, type[Department | Group]] = {
    "department.merged": Department,
    "group.merged": Group,
}
_UNMERGED = ("department.unmerged", "group.unmerged")


def unmerge(work: Work, batch: str, how: How = AT_ONCE) -> Tally:
    """Make a merged department or learning group anew and move back who came from it.

    Whoever was moved on since stays where they are, and is told as refused. Taking that back merges once more.

    Args:
        work: the open transaction.
        batch: the name of the merge.
        how: preview, and what bulk verbs take.

    Returns:
        How many people and open or expired invitations move back; `done_ids` are the people.

    Raises:
        Missing: no such merge. NotUnmergeable, GroupTooSmall. PlanChanged: not `expect` rows; nothing was written.
    """
    work.require(Permission.MANAGE_COMPANY)
    lock_company(work.db)
    event = _event(work, batch, (*_MERGED, *_UNMERGED))
    if event.action in _UNMERGED:
        merged = _event(work, event.details["undoes"], tuple(_MERGED))
        merge = merge_departments if merged.action == "department.merged" else merge_groups
        return merge(work, merged.subject_id or 0, merged.details["into_id"], how, undoes=batch)
    model = _MERGED[event.action]
    check(UNMERGE, work.actor, _facts(work, model, event))
    tell(how, "count")
    people, invitations = _to_move_back(event)
    tally = _plan(work, event, people, invitations, how)
    name = tally.batch
    if name is None:
        return tally
    tell(how, "write 1/2")
    if model is Department:
        _part_departments(work, event, people, invitations, name)
    else:
        _part_groups(work, event, people, invitations, name)
    tell(how, "write 2/2")
    kind = event.action.partition(".")[0]
    work.record(f"{kind}.unmerged", kind, event.subject_id, event.subject_label, batch=name, undoes=batch)
    summary = f"undo {event.subject_label} into {event.details['into']}"
    finish_run(work, name, verb="undo", summary=summary, done=tally.done, refused=tally.refused, undoes=batch)
    return tally


def _event(work: Work, batch: str, actions: tuple[str, ...]) -> AuditEvent:
    found = work.db.scalars(
        select(AuditEvent).where(AuditEvent.batch == batch, AuditEvent.action.in_(actions))
    ).one_or_none()
    if found is None:
        raise Missing(VERB, batch)
    return found


def _facts(work: Work, model: type[Department | Group], event: AuditEvent) -> UnmergeFacts:
    into = work.db.get(model, event.details["into_id"])
    taken = work.db.scalar(
        select(model.name).where(
            (model.name_key == name_key(event.subject_label)) | (model.id == event.subject_id)
        )
    )
    return UnmergeFacts(kind_of(model), "" if into else str(event.details["into"]), taken or "")


def _moved(event: AuditEvent, action: str) -> Select[int | None]:
    return select(AuditEvent.subject_id).where(AuditEvent.batch == event.batch, AuditEvent.action == action)


def _to_move_back(event: AuditEvent) -> tuple[Select[int, str], Select[int, str]]:
    """Return the people and the open invitations that are still where the merge put them."""
    into_id = event.details["into_id"]
    people = select(User.id, User.address).where(User.id.in_(_moved(event, "user.placed")))
    invitations = select(Invitation.id, Invitation.address).where(
        Invitation.id.in_(_moved(event, "invitation.placed")), Invitation.state == OPEN
    )
    if event.action == "department.merged":
        return (
            people.where(User.department_id == into_id),
            invitations.where(Invitation.department_id == into_id),
        )
    members = select(GroupMember.user_id).where(GroupMember.group_id == into_id)
    asked = select(InvitationGroup.invitation_id).where(InvitationGroup.group_id == into_id)
    return people.where(User.id.in_(members)), invitations.where(Invitation.id.in_(asked))


def _plan(
    work: Work, event: AuditEvent, people: Select[int, str], invitations: Select[int, str], how: How
) -> Tally:
    """Count who moves back, and who was moved on since; who was deleted is not missed."""
    elsewhere = select(User.id, User.address).where(
        User.id.in_(_moved(event, "user.placed")), User.id.not_in(people.with_only_columns(User.id))
    )
    in_order = (User.sort_key, User.id)
    ids = read_ids(work.db, people.with_only_columns(User.id).order_by(*in_order))
    left = work.db.execute(elsewhere.order_by(*in_order)).all()
    refused = (Verdict.of(ChangedSince(row.address), row.address, id=row.id) for row in left)
    verdicts = tuple(islice(_told(refused, how), EXAMPLES if how.each_refused is None else None))[:EXAMPLES]
    code = ChangedSince.code
    asked = _number(work, invitations)
    there, moved = ("will be", "will move") if how.preview else ("is", "moved")
    notes: tuple[str, ...] = (f"{event.subject_label} {there} there again.",)
    if asked:
        notes += (f"{asked:,} open or expired invitation{'' if asked == 1 else 's'} {moved} back too.",)
    done = len(ids) + asked
    if how.expect not in {None, done}:
        raise PlanChanged(how.expect or 0, done)
    return Tally(
        done,
        verdicts,
        preview=how.preview,
        batch=None if how.preview else how.batch or new_batch(),
        counts={code: (len(left), ChangedSince.skips)} if left else {},
        done_ids=ids,
        refused_ids={code: array("q", (row.id for row in left))} if left else {},
        sentences={code: verdicts[0].message} if left else {},
        effects=Effects(moves=(_move(event, len(ids)),) if ids else (), notes=notes),
    )


def _told(refused: Iterator[Verdict], how: How) -> Iterator[Verdict]:
    for verdict in refused:
        if how.each_refused is not None:
            how.each_refused(verdict)
        yield verdict


def _move(event: AuditEvent, people: int) -> Move:
    if event.action == "department.merged":
        return Move("department", str(event.details["into"]), event.subject_label, people)
    return Move("groups", "", event.subject_label, people)


def _number(work: Work, rows: Select[int, str]) -> int:
    return work.db.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _part_departments(
    work: Work, event: AuditEvent, people: Select[int, str], invitations: Select[int, str], name: str
) -> None:
    into = place_of(work.db, Department, event.details["into_id"])
    again = Department(**_identity(event))
    work.db.add(again)
    work.db.flush()
    moved = {"department": {"old": into.name, "new": again.name, "old_id": into.id, "new_id": again.id}}
    audit_each(work, "user.placed", people, name, moved)
    audit_each(work, "invitation.placed", invitations, name, moved)
    touch(work.db, people, department_id=again.id)
    work.db.execute(
        update(Invitation)
        .where(Invitation.id.in_(invitations.with_only_columns(Invitation.id)))
        .values(department_id=again.id)
        .execution_options(synchronize_session=False)
    )


def _part_groups(
    work: Work, event: AuditEvent, people: Select[int, str], invitations: Select[int, str], name: str
) -> None:
    """Let everybody back in; who had joined the other group only by the merge leaves it again."""
    into = place_of(work.db, Group, event.details["into_id"])
    size = event.details["max_size"]
    again = Group(
        **_identity(event),
        description=event.details["description"],
        max_size=int(size) if size else None,
    )
    work.db.add(again)
    work.db.flush()
    touch(work.db, people)
    for rows, of, table, owner in (
        (people, User.id, GroupMember, GroupMember.user_id),
        (invitations, Invitation.id, InvitationGroup, InvitationGroup.invitation_id),
    ):
        action = "user.placed" if of is User.id else "invitation.placed"
        came = rows.where(of.in_(_joined(event, action, into.id)))
        ids = rows.with_only_columns(of)
        audit_each(work, action, came, name, moves_of_group(again, into))
        audit_each(
            work,
            action,
            rows.where(of.not_in(_joined(event, action, into.id))),
            name,
            moves_of_group(again, None),
        )
        work.db.execute(
            insert(table).from_select([owner.key, "group_id"], ids.add_columns(literal(again.id)))
        )
        work.db.execute(
            delete(table)
            .where(table.group_id == into.id, owner.in_(came.with_only_columns(of)))
            .execution_options(synchronize_session=False)
        )
    held = held_by(work, (again.id,))
    check(GROUP_SIZE, work.actor, GroupSizeFacts(again.name, held, again.max_size or NO_LIMIT))


def _joined(event: AuditEvent, action: str, into_id: int) -> Select[int | None]:
    """Return who was not in the other group before the merge."""
    first = AuditEvent.details[("groups", "joined", 0)].as_integer()
    return _moved(event, action).where(first == into_id)


def _identity(event: AuditEvent) -> dict[str, Any]:
    return {
        "id": event.subject_id,
        "name": event.subject_label,
        "name_key": name_key(event.subject_label),
        "created_at": datetime.fromisoformat(event.details["created"]),
    }
