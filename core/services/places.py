"""Departments and learning groups (S24, S30): add, edit, delete when empty; merging is in `core.services.merging`."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from core.errors import Invalid, Missing, NameTaken
from core.errors.places import DEPARTMENT, GROUP
from core.facts import GroupSizeFacts, PlaceUseFacts
from core.models import Department, Group, GroupMember, Invitation, InvitationGroup, User
from core.models.invitations import OPEN
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Permission
from core.rules import DELETE_PLACE, GROUP_SIZE, check
from core.selection import live_invitation, lock_company
from core.services.fields import Fields, Subject, differing, judged
from core.values import long_text, name_key, short_text, strip_edges
from core.work import Work

NAME_MOST, KEY_MOST, DESCRIPTION_MOST = 200, 400, 2000
NOWHERE = "none"  # what filters and commands call no department and no learning group
P = TypeVar("P", Department, Group)


def add_department(work: Work, name: str) -> int:
    """Add a department (S24).

    Raises:
        NameTaken, Invalid: field `name`.
    """
    work.require(Permission.MANAGE_COMPANY)
    clean = department_name(name)
    lock_company(work.db)
    _check_free(work.db, Department, clean)
    department = Department(name=clean, name_key=name_key(clean), created_at=work.now)
    work.db.add(department)
    work.db.flush()
    work.record("department.added", "department", department.id, clean)
    return department.id


def add_group(work: Work, name: str, *, description: str = "", max_size: int | str | None = None) -> int:
    """Add a learning group (S30).

    Args:
        work: the open transaction.
        name: as typed.
        description: likewise.
        max_size: a number, or likewise; None or empty for any number.

    Raises:
        NameTaken, Invalid: fields `name`, `description`, `max_size`.
    """
    work.require(Permission.MANAGE_COMPANY)
    values = {"name": name, "description": description, "max_size": "" if max_size is None else str(max_size)}
    clean = judged(values, _GROUP_FIELDS)
    lock_company(work.db)
    _check_free(work.db, Group, clean["name"])
    group = Group(
        name=clean["name"],
        name_key=name_key(clean["name"]),
        description=clean["description"],
        max_size=int(clean["max_size"]) if clean["max_size"] else None,
        created_at=work.now,
    )
    work.db.add(group)
    work.db.flush()
    work.record("group.added", "group", group.id, group.name, max_size=group.max_size)
    return group.id


def edit_department(work: Work, department_id: int, values: Fields, *, seen: Fields | None = None) -> bool:
    """Give a department another name; its people and invitations stay in it (S24).

    Args:
        work: the open transaction.
        department_id: which.
        values: `name` as typed.
        seen: `name` as it was when looked at.

    Returns:
        Whether anything was changed.

    Raises:
        Missing, NameTaken, EditConflict, Invalid: field `name`.
    """
    work.require(Permission.MANAGE_COMPANY)
    clean = judged(values, _DEPARTMENT_FIELDS)
    lock_company(work.db)
    department = place_of(work.db, Department, department_id)
    subject = Subject("department", department.id, department.name)
    changes = differing(work.db, subject, {"name": department.name}, clean, seen)
    if not changes:
        return False
    _check_free(work.db, Department, clean["name"], own_id=department.id)
    department.name, department.name_key = clean["name"], name_key(clean["name"])
    work.db.flush()
    work.record("department.edited", "department", department.id, department.name, **changes)
    return True


def edit_group(work: Work, group_id: int, values: Fields, *, seen: Fields | None = None) -> bool:
    """Change name, description or maximum size of a learning group (S30).

    Args:
        work: the open transaction.
        group_id: which.
        values: of `name`, `description` and `max_size` those to change, as typed; an empty maximum lifts it.
        seen: the same fields as they were when looked at.

    Returns:
        Whether anything was changed.

    Raises:
        Missing, NameTaken, GroupTooSmall, EditConflict, Invalid: the field that is wrong.
    """
    work.require(Permission.MANAGE_COMPANY)
    clean = judged(values, _GROUP_FIELDS)
    lock_company(work.db)
    group = place_of(work.db, Group, group_id)
    changes = differing(work.db, Subject("group", group.id, group.name), group_fields(group), clean, seen)
    if not changes:
        return False
    if "name" in changes:
        _check_free(work.db, Group, clean["name"], own_id=group.id)
        group.name, group.name_key = clean["name"], name_key(clean["name"])
    if clean.get("max_size"):
        facts = GroupSizeFacts(group.name, held_by(work, (group.id,)), int(clean["max_size"]))
        check(GROUP_SIZE, work.actor, facts)
    if "max_size" in changes:
        group.max_size = int(clean["max_size"]) if clean["max_size"] else None
    group.description = clean.get("description", group.description)
    work.db.flush()
    work.record("group.edited", "group", group.id, group.name, **changes)
    return True


def delete_department(work: Work, department_id: int) -> None:
    """Delete an empty department (S24); invitations that are over let go of it.

    Raises:
        Missing, PlaceInUse.
    """
    work.require(Permission.MANAGE_COMPANY)
    lock_company(work.db)
    department = place_of(work.db, Department, department_id)
    people = select(User.status, func.count()).where(User.department_id == department.id)
    invited = select(func.count()).where(Invitation.department_id == department.id, Invitation.state == OPEN)
    _check_empty(work, DEPARTMENT, department.name, people, invited)
    work.db.execute(
        update(Invitation)
        .where(Invitation.department_id == department.id)
        .values(department_id=None)
        .execution_options(synchronize_session=False)
    )
    work.db.delete(department)
    work.db.flush()
    work.record("department.deleted", "department", department.id, department.name)


def delete_group(work: Work, group_id: int) -> None:
    """Delete an empty learning group (S30); invitations that are over let go of it.

    Raises:
        Missing, PlaceInUse.
    """
    work.require(Permission.MANAGE_COMPANY)
    lock_company(work.db)
    group = place_of(work.db, Group, group_id)
    people = (
        select(User.status, func.count())
        .join(GroupMember, GroupMember.user_id == User.id)
        .where(GroupMember.group_id == group.id)
    )
    invited = (
        select(func.count())
        .select_from(InvitationGroup)
        .join(Invitation)
        .where(InvitationGroup.group_id == group.id, Invitation.state == OPEN)
    )
    _check_empty(work, GROUP, group.name, people, invited)
    work.db.execute(delete(InvitationGroup).where(InvitationGroup.group_id == group.id))
    work.db.delete(group)
    work.db.flush()
    old: dict[str, Any] = {
        field: {"old": text} for field, text in group_fields(group).items() if field != "name"
    }
    work.record("group.deleted", "group", group.id, group.name, **old)


# --- shared with merging ----------------------------------------------------------------------------------------


def department_name(text: str) -> str:
    """Return a department's name as it may be stored.

    Raises:
        Invalid: field `name`.
    """
    return clean_name(text, DEPARTMENT)


def clean_name(text: str, kind: str) -> str:
    """Return the name of something that filters find by its name, as it may be stored.

    Args:
        text: as typed.
        kind: what it is called in sentences, such as "learning group".

    Raises:
        Invalid: field `name`.
    """
    clean = short_text(text, field="name", label="The name", most=NAME_MOST)
    if not name_key(clean):
        raise Invalid({"name": f"Enter the {kind}'s name."})
    if name_key(clean) == NOWHERE:
        raise Invalid({"name": f"“{clean}” means no {kind} at all. Choose another name."})
    if len(name_key(clean)) > KEY_MOST:  # some letters are eighteen in their compatibility form
        raise Invalid({"name": f"The {kind}'s name is too long."})
    return clean


def group_fields(group: Group) -> dict[str, str]:
    """Return the fields of a learning group as texts."""
    size = "" if group.max_size is None else str(group.max_size)
    return {"name": group.name, "description": group.description, "max_size": size}


def held_by(work: Work, group_ids: tuple[int, ...]) -> int:
    """Return how many places of some learning groups are held: active members and live invitations, each once."""
    work.require(Permission.MANAGE_COMPANY)
    members = (
        select(func.count(GroupMember.user_id.distinct()))
        .join(User, User.id == GroupMember.user_id)
        .where(GroupMember.group_id.in_(group_ids), User.status == ACTIVE)
    )
    invited = (
        select(func.count(InvitationGroup.invitation_id.distinct()))
        .join(Invitation, Invitation.id == InvitationGroup.invitation_id)
        .where(InvitationGroup.group_id.in_(group_ids), live_invitation(work.now))
    )
    return (work.db.scalar(members) or 0) + (work.db.scalar(invited) or 0)


def place_of(db: Session, model: type[P], place_id: int) -> P:
    """Return a department or learning group.

    Raises:
        Missing: it was deleted.
    """
    found = db.get(model, place_id)
    if found is None:
        raise Missing(kind_of(model), f"with the number {place_id}; it was deleted meanwhile")
    return found


def kind_of(model: type[Department | Group]) -> str:
    """Return what a department or learning group is called in sentences."""
    return DEPARTMENT if model is Department else GROUP


# --- inside -----------------------------------------------------------------------------------------------------


def _check_free(db: Session, model: type[Department | Group], name: str, *, own_id: int = 0) -> None:
    """Go on only where nobody else has the name; ask under the company's lock."""
    taken = db.scalar(select(model.id).where(model.name_key == name_key(name), model.id != own_id))
    if taken is not None:
        raise NameTaken(kind_of(model), name)


def _check_empty(work: Work, kind: str, name: str, people: Select[str, int], invited: Select[int]) -> None:
    numbers = dict(work.db.execute(people.group_by(User.status)).all())
    invitations = work.db.scalar(invited) or 0
    facts = PlaceUseFacts(kind, name, numbers.get(ACTIVE, 0), numbers.get(ARCHIVED, 0), invitations)
    check(DELETE_PLACE, work.actor, facts)


def _description(text: str) -> str:
    return long_text(text, field="description", label="The description", most=DESCRIPTION_MOST)


def _size(text: str) -> str:
    """Return a maximum size in plain digits; the empty string for none."""
    clean = strip_edges(text)
    if clean and not (re.fullmatch(r"[0-9]{1,9}", clean) and int(clean)):
        raise Invalid({"max_size": "The maximum size must be a whole number, 1 or more, or left empty."})
    return str(int(clean)) if clean else ""


_DEPARTMENT_FIELDS = {"name": department_name}
_GROUP_FIELDS = {"name": lambda text: clean_name(text, GROUP), "description": _description, "max_size": _size}
