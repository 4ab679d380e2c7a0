"""The lists of departments and of learning groups: their columns, and where their rows come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors.places import DEPARTMENT, GROUP
from core.filter_keys import parse_places
from core.reading import company
from core.reading import places as reading
from core.reading.company import Place
from core.reading.places import DepartmentRow, GroupRow
from core.services import places
from core.services.merging import merge_departments, merge_groups
from core.work import Look, Work
from tui import keys
from tui.screens.actions import ActingList
from tui.screens.listing import ListKind
from tui.screens.place_actions import PlaceList
from tui.screens.place_form import Asked, Texts
from tui.screens.place_merge import Verb
from tui.widgets.columns import Cell, Column


def _room(row: GroupRow) -> Cell:
    if row.room is None:
        return Cell("no limit")
    return Cell(f"{row.room:,}" if row.room else "full", "" if row.room else "warn")


def _size(row: GroupRow) -> str:
    return "none" if row.max_size is None else f"{row.max_size:,}"


DEPARTMENT_COLUMNS: tuple[Column[DepartmentRow], ...] = (
    Column(key="name", title="Department", show=lambda row: row.name, width=26, least=20, most=50, priority=1),
    Column(key="active", title="People", show=lambda row: f"{row.active:,}", width=9, least=8, most=11, priority=2, align="right"),
    Column(key="archived", title="Archived", show=lambda row: f"{row.archived:,}", width=9, least=9, most=11, priority=3, align="right"),
    Column(key="invited", title="Invited", show=lambda row: f"{row.invited:,}", width=9, least=8, most=11, priority=4, align="right"),
    Column(key="expired", title="Expired", show=lambda row: f"{row.expired:,}", width=9, least=8, most=11, priority=5, align="right"),
)  # fmt: skip

GROUP_COLUMNS: tuple[Column[GroupRow], ...] = (
    Column(key="name", title="Learning group", show=lambda row: row.name, width=26, least=20, most=44, priority=1),
    Column(key="active", title="People", show=lambda row: f"{row.active:,}", width=9, least=8, most=11, priority=2, align="right"),
    Column(key="max_size", title="Most", show=_size, width=7, least=6, most=11, priority=3, align="right"),
    Column(key="room", title="Room", show=_room, width=8, least=8, most=11, priority=4, align="right"),
    Column(key="invited", title="Invited", show=lambda row: f"{row.invited:,}", width=8, least=8, most=11, priority=5, align="right"),
    Column(key="archived", title="Archived", show=lambda row: f"{row.archived:,}", width=9, least=9, most=11, priority=6, align="right"),
    Column(key="expired", title="Expired", show=lambda row: f"{row.expired:,}", width=8, least=8, most=11, priority=8, align="right"),
    Column(key="description", title="Description", show=lambda row: row.description.replace("\n", " "), width=20, least=12, most=60, priority=7),
)  # fmt: skip

DEPARTMENTS = ListKind(
    name=keys.DEPARTMENTS,
    title="Departments",
    columns=DEPARTMENT_COLUMNS,
    parse=parse_places,
    ids=reading.department_ids,
    rows=reading.department_rows,
    sort=reading.BY_NAME,
    empty="No departments yet. Press n to add one.",
    filter_words=("is:empty",),
)

GROUPS = ListKind(
    name=keys.GROUPS,
    title="Groups",
    columns=GROUP_COLUMNS,
    parse=parse_places,
    ids=reading.group_ids,
    rows=reading.group_rows,
    sort=reading.BY_NAME,
    empty="No learning groups yet. Press n to add one.",
    filter_words=("is:empty", "is:full", "is:limited"),
)


class DepartmentList(PlaceList[DepartmentRow], inherit_bindings=True):
    """The departments (S24)."""

    what, key = DEPARTMENT, "dept"

    @property
    def merge(self) -> Verb:
        """Core's verb that merges two."""
        return merge_departments

    def known(self, look: Look) -> Sequence[Place]:
        """Return all of them by name."""
        return company.departments(look)

    def add(self, work: Work, texts: Texts) -> int:
        """Let core add one and return its id."""
        return places.add_department(work, texts["name"])

    def change(self, work: Work, place_id: int, texts: Texts, seen: Texts) -> bool:
        """Let core change one; return whether anything was changed."""
        return places.edit_department(work, place_id, texts, seen=seen)

    def drop(self, work: Work, place_id: int) -> None:
        """Let core delete an empty one."""
        places.delete_department(work, place_id)

    def fields(self, row: DepartmentRow | None) -> tuple[Asked, ...]:
        """Return the fields to edit; those of a new one for None."""
        return (Asked("name", "Name", row.name if row else ""),)


class GroupList(PlaceList[GroupRow], inherit_bindings=True):
    """The learning groups (S30)."""

    what, key = GROUP, "group"

    @property
    def merge(self) -> Verb:
        """Core's verb that merges two."""
        return merge_groups

    def known(self, look: Look) -> Sequence[Place]:
        """Return all of them by name."""
        return company.groups(look)

    def add(self, work: Work, texts: Texts) -> int:
        """Let core add one and return its id."""
        return places.add_group(
            work, texts["name"], description=texts["description"], max_size=texts["max_size"]
        )

    def change(self, work: Work, place_id: int, texts: Texts, seen: Texts) -> bool:
        """Let core change one; return whether anything was changed."""
        return places.edit_group(work, place_id, texts, seen=seen)

    def drop(self, work: Work, place_id: int) -> None:
        """Let core delete an empty one."""
        places.delete_group(work, place_id)

    def fields(self, row: GroupRow | None) -> tuple[Asked, ...]:
        """Return the fields to edit; those of a new one for None."""
        size = str(row.max_size) if row is not None and row.max_size is not None else ""
        return (
            Asked("name", "Name", row.name if row else ""),
            Asked("description", "Description", row.description if row else "", lines=True),
            Asked("max_size", "Maximum size, or empty", size),
        )


def department_list() -> ActingList[Any]:
    """Return a new list of departments."""
    return DepartmentList(DEPARTMENTS)


def group_list() -> ActingList[Any]:
    """Return a new list of learning groups."""
    return GroupList(GROUPS)
