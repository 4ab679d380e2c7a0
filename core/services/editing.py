"""Editing people field by field: a sheet of many, or one (R34-R37). A value of its own for each person and field.

What somebody else has changed since it was looked at is told field by field and never overwritten: the row is left
alone until it comes again with what stands there now as `seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, func, select
from sqlalchemy.orm import Session

from core.dialects import load_rows
from core.errors import AddressTaken, EditConflict, Invalid, Unchanged
from core.models import AuditEvent, Base, User
from core.roles import Actor, Permission
from core.rules import refusal_named
from core.selection import picked, temporary
from core.services.carrying_out import How, Run, carry_out
from core.services.edited_rows import Edit, EditedRow, Judge
from core.services.judging_people import RULES, Told
from core.services.planning import PLANNED_GROUPS, stage
from core.services.staging_invitations import Tell
from core.services.texts import COLUMNS, FIELDS, LABELS, Places, Texts, columns_of, judge, read_texts, texts
from core.tally import Conflict, Tally, Verdict
from core.work import Work

__all__ = ["FIELDS", "Edit", "Texts", "edit", "edit_people", "judge", "texts"]

_USERS = Base.metadata.tables[User.__tablename__]
# Made once: a statement on the same table object is compiled once and then found in SQLAlchemy's cache.
_EDITED = Table(
    "edited",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("position", BigInteger),
    Column("code", String),
    *(Column(name, _USERS.c[name].type, nullable=True) for name in COLUMNS),
    prefixes=["TEMPORARY"],
)
_LOOKED_BACK = 20
_CHANGES = ("user.edited", "user.role_changed", "user.placed")


def edit_people(
    work: Work,
    edits: Iterable[Edit],
    *,
    preview: bool = False,
    expect: int | None = None,
    batch: str | None = None,
    each_refused: Callable[[Verdict], None] | None = None,
    progress: Tell | None = None,
) -> Tally:
    """Change each person as their own edit says, as far as the rules allow.

    A row with a wrong text or a conflict is left alone as a whole and told; role, department and learning groups obey
    the rules of their bulk verbs.

    Args:
        work: the open transaction.
        edits: at most one for each person.
        preview: judge only.
        expect: the number of people that was confirmed.
        batch: the run's name from `begin_run`; without one a new one is made.
        each_refused: gets every refused row in order; the tally then holds the first hundred as examples.
        progress: as in `change_people`.

    Raises:
        Invalid: a field that does not exist here, such as `address`, or a person twice. PlanChanged: not `expect` people.
    """
    work.require(Permission.MANAGE_PEOPLE)
    sheet = _Sheet(work, list(edits), allowed=FIELDS[:-1])
    return sheet.carry_out(How(preview, expect, batch, each_refused, progress))


def edit(work: Work, one: Edit, *, preview: bool = False) -> Tally:
    """Change one person, whose address may be changed too; nothing to change is no mistake.

    Raises:
        Invalid: each wrong field with its sentence. EditConflict: with every field that somebody changed meanwhile.
        Refused: TargetNotBelowOwn, OwnAccount, LastAdmin, RoleNotBelowOwn, GroupFull, AddressTaken, PersonGone.
    """
    work.require(Permission.MANAGE_PEOPLE)
    sheet = _Sheet(work, [one], allowed=FIELDS)
    tally = sheet.carry_out(How(preview))
    if sheet.told and not isinstance(sheet.told[0], Unchanged):
        raise sheet.told[0]
    return tally


# --- inside -----------------------------------------------------------------------------------------------------


class _Sheet:
    """The edits of one run; `told` holds the first refusals whole, where a tally knows their sentences only."""

    def __init__(self, work: Work, edits: Sequence[Edit], *, allowed: Sequence[str]) -> None:
        """Check what can be checked without a look at the people."""
        self.told: list[Told] = []
        self._work = work
        self._edits = edits
        self._named = _named_fields(edits, allowed)
        self._columns = columns_of(self._named)
        self._problems: dict[int, Told] = {}
        self._conflicts: tuple[Conflict, ...] = ()

    def carry_out(self, how: How) -> Tally:
        """Stage, judge and write."""
        labels = ", ".join(LABELS.get(name, name.replace("_", " ")) for name in self._named)
        ruled = {rule.refusal.code: self._ruled(rule.refusal.code) for rule in RULES}
        own = dict.fromkeys((EditConflict.code, AddressTaken.code, Invalid.code), self._own)
        run = Run(
            verb="edit",
            summary=f"edit: {labels}",
            action="user.edited",
            fields=self._columns,
            groups="groups" in self._named,
            refusals=ruled | own,
        )
        tally = carry_out(self._work, run, self._fill, how)
        return replace(tally, conflicts=self._conflicts)

    def _own(self, _actor: Actor, facts: Any) -> Told:
        return self._kept(self._problems[facts.id])

    def _ruled(self, code: str) -> Callable[[Actor, Any], Told]:
        return lambda actor, facts: self._kept(refusal_named(RULES, code, actor, facts))

    def _kept(self, problem: Told) -> Told:
        if not self.told:
            self.told.append(problem)
        return problem

    def _fill(self, db: Session) -> None:
        with picked(db, (each.id for each in self._edits)) as chosen:
            people = read_texts(db, User.id.in_(select(chosen.c.id)))
        judging = Judge(db, self._work.actor, self._work.now.date(), Places(db))
        rows = {each.id: judging.row(each, people.get(each.id)) for each in self._edits}
        self._problems = {user_id: row.problem for user_id, row in rows.items() if row.problem}
        self._name_conflicts(db, rows)
        with temporary(db, _EDITED):
            load_rows(db, _EDITED, self._staged(rows))
            stage(db, _EDITED, self._columns, {name: _EDITED.c[name] for name in self._columns})
        if "groups" in self._named:
            load_rows(db, PLANNED_GROUPS, _memberships(rows))

    def _staged(self, rows: Mapping[int, EditedRow]) -> Iterator[Sequence[Any]]:
        for position, (user_id, row) in enumerate(rows.items(), 1):
            problem = self._problems.get(user_id)
            code = "" if problem is None else _code_of(problem)
            yield user_id, position, code, *(_plain(row.columns.get(name)) for name in COLUMNS)

    def _name_conflicts(self, db: Session, rows: Mapping[int, EditedRow]) -> None:
        """Add who made the change between and when, from the trail."""
        crossed = {user_id: row.conflicts for user_id, row in rows.items() if row.conflicts}
        if not crossed:
            return
        newest = _newest_changes(db, crossed)
        told: list[Conflict] = []
        for user_id, conflicts in crossed.items():
            named = tuple(
                replace(each, who=who, at=at)
                for each in conflicts
                for who, at in [newest.get((user_id, each.field), ("", None))]
            )
            told += named
            self._problems[user_id] = EditConflict(named)
        self._conflicts = tuple(told)


def _named_fields(edits: Sequence[Edit], allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that the edits name, in the order of a sheet.

    Raises:
        Invalid: one that is not allowed, a person who stands there twice, or nothing at all.
    """
    named = {name for each in edits for name in each.values}
    unknown = sorted(named - set(allowed))
    if unknown:
        there = ", ".join(allowed)
        raise Invalid(
            {name: f"There is no field {name} to edit here. There is: {there}." for name in unknown}
        )
    if len({each.id for each in edits}) < len(edits):
        raise Invalid({"id": "Somebody stands there twice. Leave one row for each person."})
    if not named:
        raise Invalid({"fields": f"Say what to change. There is: {', '.join(allowed)}."})
    return tuple(name for name in FIELDS if name in named)


def _newest_changes(db: Session, people: Iterable[int]) -> dict[tuple[int, str], tuple[str, Any]]:
    """Return person and field -> who changed it last, and when, as far as the newest changes of each person tell."""
    newest_first = AuditEvent.id.desc()
    place = func.row_number().over(partition_by=AuditEvent.subject_id, order_by=newest_first).label("place")
    columns = (
        AuditEvent.id,
        AuditEvent.subject_id,
        AuditEvent.details,
        AuditEvent.actor_label,
        AuditEvent.at,
    )
    found: dict[tuple[int, str], tuple[str, Any]] = {}
    with picked(db, people) as chosen:
        numbered = (
            select(*columns, place)
            .where(
                AuditEvent.subject_kind == "user",
                AuditEvent.subject_id.in_(select(chosen.c.id)),
                AuditEvent.action.in_(_CHANGES),
            )
            .subquery()
        )
        recent = select(numbered).where(numbered.c.place <= _LOOKED_BACK).order_by(numbered.c.id.desc())
        for row in db.execute(recent):
            for name in row.details:
                found.setdefault((row.subject_id, name), (row.actor_label, row.at))
    return found


def _memberships(rows: Mapping[int, EditedRow]) -> Iterator[Sequence[int]]:
    """Yield who is to join and to leave which learning group."""
    for user_id, row in rows.items():
        after = row.columns.get("groups", row.groups_before)
        for group_id in sorted(after ^ row.groups_before):
            yield user_id, group_id, int(group_id in after)


def _code_of(problem: Told) -> str:
    """Return the code a row is staged with: every kind of wrong text counts as one reason."""
    return Invalid.code if isinstance(problem, Invalid) else problem.code


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
