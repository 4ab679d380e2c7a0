"""Changing people, from the lock to the answer: stage, judge, foresee, write, tell. One is a set of one.

The number of statements does not depend on the number of people. A preview is the same run without its end, so what
it tells is what happens.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.dialects import lock_rows
from core.errors import PlanChanged
from core.models import License
from core.roles import Permission
from core.selection import lock_company, temporary
from core.services.foreseeing import Foreseen, foresee
from core.services.judging_people import (
    Plan,
    Run,
    counts,
    doable,
    done_ids,
    first_of_each,
    label_rows,
    refused_ids,
    verdicts,
)
from core.services.judging_seats import judge_seats
from core.services.limiting_people import apply_limits
from core.services.planning import PLANNED, PLANNED_GROUPS, PLANNED_SEATS
from core.services.runs import finish_run
from core.services.staging_invitations import Tell
from core.services.writing_people import Writer
from core.tally import Tally, Verdict
from core.work import Work, new_batch

__all__ = ["EXAMPLES", "How", "Run", "carry_out"]

EXAMPLES = 100
Fill = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class How:
    """How a run is carried out.

    Attributes:
        preview: judge only.
        expect: the number of people that was confirmed; another one stops the run.
        batch: the name from `begin_run`; None for a new one.
        each_refused: gets every refused row in order; the tally holds the first hundred.
        progress: hears before each step, such as "write 3/9", with the number of people; whatever it raises stops the
            run, and with the transaction nothing is left of it.
    """

    preview: bool = False
    expect: int | None = None
    batch: str | None = None
    each_refused: Callable[[Verdict], None] | None = None
    progress: Tell | None = None


def carry_out(work: Work, run: Run, fill: Fill, how: How) -> Tally:
    """Change the people that `fill` stages, as far as the rules allow.

    Args:
        work: the open transaction.
        run: what is the same for every row.
        fill: puts the rows into `planning.PLANNED` and what goes with it; called under the company's lock.
        how: preview or not, and who hears of it.

    Raises:
        PlanChanged: another number than `how.expect` would be changed; nothing was written.
    """
    work.require(Permission.MANAGE_PEOPLE)
    steps = _Steps(how.progress, _LOOKING)
    company = lock_company(work.db)
    if run.seats:
        lock_rows(work.db, select(License.id).order_by(License.id))
    plan = Plan(work, company, run)
    with temporary(work.db, PLANNED, PLANNED_GROUPS, PLANNED_SEATS):
        steps.next("stage")
        fill(work.db)
        steps.rows = work.db.scalar(select(func.count()).select_from(PLANNED)) or 0
        steps.next("judge")
        label_rows(plan)
        steps.next("judge")
        limits = apply_limits(plan)
        judge_seats(plan)
        steps.rows = done = doable(plan)
        if how.expect is not None and how.expect != done:
            raise PlanChanged(how.expect, done)
        steps.next("count")
        foreseen = foresee(plan, limits)
        told = _told(plan, how)
        batch = None if how.preview else _write(plan, run, how, foreseen, steps, told)
        return Tally(
            done,
            told.verdicts,
            how.preview,
            batch,
            _places_left(foreseen),
            told.counts,
            done_ids=done_ids(plan),
            refused_ids=told.refused_ids,
            sentences=told.sentences,
            effects=foreseen.effects,
        )


_LOOKING = 4


class _Steps:
    """Says which step of how many is next; the writing steps are known once the rows are judged."""

    def __init__(self, tell: Tell | None, total: int) -> None:
        self._tell = tell
        self._place = 0
        self.total = total
        self.rows = 0

    def next(self, word: str) -> None:
        self._place += 1
        if self._tell is not None:
            self._tell(f"{word} {self._place}/{self.total}", self.rows)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of the rows that are not changed."""

    counts: Mapping[str, tuple[int, bool]]
    verdicts: tuple[Verdict, ...]
    refused_ids: Mapping[str, array[int]]
    sentences: Mapping[str, str]


def _told(plan: Plan, how: How) -> _Told:
    numbers = counts(plan)
    if not numbers:
        return _Told({}, (), {}, {})
    firsts = first_of_each(plan)
    examples: list[Verdict] = []
    most = EXAMPLES if how.each_refused is None else None
    for verdict in verdicts(plan, most=most):
        if len(examples) < EXAMPLES:
            examples.append(verdict)
        if how.each_refused is not None:
            how.each_refused(verdict)
    return _Told(
        {code: (number, firsts[code].skips) for code, number in numbers.items()},
        tuple(examples),
        refused_ids(plan, list(numbers)),
        {code: problem.message for code, problem in firsts.items()},
    )


def _write(plan: Plan, run: Run, how: How, foreseen: Foreseen, steps: _Steps, told: _Told) -> str | None:
    """Write what may be written and return the run's name; None where there was nothing and nobody began it."""
    name = how.batch
    changes = bool(steps.rows or foreseen.effects.seats_waiting or foreseen.seats.waits_ended)
    if changes:
        name = name or new_batch()
        statements = Writer(plan, foreseen, run.action, name).statements()
        steps.total = _LOOKING + len(statements)
        for statement in statements:
            steps.next("write")
            statement()
    if name is not None:
        refused = sum(number for number, _ in told.counts.values())
        finish_run(
            plan.work,
            name,
            verb=run.verb,
            summary=run.summary,
            done=steps.rows,
            refused=refused,
            undoes=run.undoes,
        )
    return name if changes else None


def _places_left(foreseen: Foreseen) -> int | None:
    """Return the room under the cap after the run, where it plays a part."""
    caps = [room for room in foreseen.effects.rooms if room.kind == "users"]
    return max(0, caps[0].limit - caps[0].after) if caps else None
