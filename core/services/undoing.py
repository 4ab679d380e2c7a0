"""Taking back a bulk change (R60): the inverse, as one more bulk change with a name of its own.

Everything but a deletion can be taken back, once, also after a restart. What somebody has changed since is told and left
alone. The way back goes through the rules of its own verb: who may not archive cannot take back a reactivation.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, exists, or_, select

from core.errors import Missing
from core.facts import BatchFacts
from core.models import Batch, SeatWaiter
from core.roles import Permission
from core.rules import UNDO, check
from core.selection import lock_company
from core.services.carrying_out import How
from core.services.changes import GiveSeat, TakeSeat
from core.services.merging import VERB as MERGE
from core.services.runs import finish_run
from core.services.staging_invitations import Tell
from core.services.undoing_invitations import take_back_invitations, take_back_withdrawal
from core.services.undoing_people import take_back_people
from core.services.undoing_seats import take_back_seats
from core.services.unmerging import unmerge
from core.tally import Tally, Verdict
from core.work import Look, Work

UNDO_VERB = "undo"
PEOPLE = ("role", "place", "archive", "reactivate", "leave", "language", "job_title", "edit")
SEATS = (GiveSeat.verb, TakeSeat.verb)
INVITING = ("invite", "renew")
WITHDRAWING = ("withdraw",)
UNDOABLE = (*PEOPLE, *SEATS, *INVITING, *WITHDRAWING, MERGE)


def last_undoable(look: Look) -> str:
    """Return the name of the newest bulk change that can still be taken back; an undo itself goes by name only.

    Raises:
        Missing: there is none.
    """
    look.require(Permission.SEE_PEOPLE)
    found = look.db.scalar(
        select(Batch.name)
        .where(or_(Batch.done > 0, _waited_for()), Batch.undone_by.is_(None), Batch.verb.in_(UNDOABLE))
        .order_by(Batch.id.desc())
        .limit(1)
    )
    if found is None:
        raise Missing("bulk change", "that could be undone")
    return found


def undo(
    work: Work,
    batch: str,
    *,
    preview: bool = False,
    expect: int | None = None,
    name: str | None = None,
    each_refused: Callable[[Verdict], None] | None = None,
    progress: Tell | None = None,
) -> Tally:
    """Take back a bulk change, as far as the rules allow and nobody has changed the rows since.

    Args:
        work: the open transaction.
        batch: the change to take back.
        preview: judge only.
        expect: the number of rows that was confirmed.
        name: of this run, from `begin_run`; without one a new one is made.
        each_refused: gets every refused row in order; the tally then holds the first hundred as examples.
        progress: as in `change_people`.

    Raises:
        Missing: no such change. AlreadyUndone, NotUndoable. PlanChanged: not `expect` rows; nothing was written.
    """
    work.require(Permission.MANAGE_PEOPLE)
    lock_company(work.db)
    row = _row(work, batch)
    how = How(preview, expect, name, each_refused, progress)
    first, steps = _origin(work, row)
    check(
        UNDO,
        work.actor,
        BatchFacts(batch, int(_can_go_back(work, row, first)), int(row.undone_by is not None)),
    )
    if first in PEOPLE:
        tally = take_back_people(work, row, _summary(row), how)
    elif first in SEATS:
        gave = (first == GiveSeat.verb) == (steps % 2 == 0)
        tally = take_back_seats(work, row, _summary(row), how, gave=gave)
    elif first == MERGE:
        tally = unmerge(work, batch, how)
    else:
        take_back = take_back_withdrawal if first in WITHDRAWING else take_back_invitations
        tally = take_back(work, row, how)
        if not preview:
            _finish(work, row, tally, name)
    if tally.batch is not None:
        work.record("batch.undone", "batch", None, batch, batch=tally.batch, done=tally.done)
    return tally


def _row(work: Work, batch: str) -> Batch:
    row = work.db.scalars(select(Batch).where(Batch.name == batch)).one_or_none()
    if row is None:
        raise Missing("bulk change", batch)
    return row


def _origin(work: Work, row: Batch) -> tuple[str, int]:
    """Return the verb at the beginning of a chain of undos, and how many of them follow."""
    steps = 0
    while row.verb == UNDO_VERB and row.undoes:
        row = _row(work, row.undoes)
        steps += 1
    return row.verb, steps


def _waited_for() -> ColumnElement[bool]:
    """Return the condition of runs that let people wait for a seat who still do."""
    return exists().where(SeatWaiter.batch == Batch.name).correlate(Batch)


def _can_go_back(work: Work, row: Batch, first: str) -> bool:
    """Tell whether a run did something that can be taken back; an undo of an undo works for people, seats and merges only."""
    did = row.done > 0 or bool(work.db.scalar(select(_waited_for()).where(Batch.id == row.id)))
    return did and first in ((*PEOPLE, *SEATS, MERGE) if row.verb == UNDO_VERB else UNDOABLE)


def _summary(row: Batch) -> str:
    what = row.summary or row.verb
    if row.verb == UNDO_VERB:
        return (
            f"redo {what.removeprefix('undo ')}"
            if what.startswith("undo ")
            else f"undo {what.removeprefix('redo ')}"
        )
    return f"undo {what}"


def _finish(work: Work, row: Batch, tally: Tally, name: str | None) -> None:
    if tally.batch is None and name is None:
        return
    finish_run(
        work,
        tally.batch or name or "",
        verb=UNDO_VERB,
        summary=_summary(row),
        done=tally.done,
        refused=tally.refused,
        undoes=row.name,
    )
