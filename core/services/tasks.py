"""What is done by itself: looked for again and again, and done once, however many processes look.

A task's row is its lock: it is held for the length of the task's one transaction, in which its end is written down
too. Whoever dies in between has done nothing, and the task is still due. One that fails leaves nothing behind but its
sentence, and is tried again at its next time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.core import Core
from core.dialects import add_row, lock_row, put_row, skip_locked
from core.errors import Busy, Missing, Problem
from core.models import Task
from core.schedule import LEAVERS, SCHEDULE, WARNINGS, Scheduled
from core.services.leaving import archive_leavers
from core.services.warning import send_warnings
from core.work import Work

POLL_SECONDS = 30.0
_SEE_LEAVERS = "academy users leaves:any"


class Told(NamedTuple):
    """What a task has done, as a sentence that names nobody, empty for nothing; and whether all of it went well."""

    sentence: str = ""
    went_well: bool = True


Do = Callable[[Work], Told]


@dataclass(frozen=True, slots=True)
class TaskRun:
    """How one run of a task ended.

    Attributes:
        result: what it did, empty for nothing; or what went wrong.
    """

    name: str
    at: datetime
    result: str
    failed: bool


def run_due(core: Core, *, tasks: Sequence[tuple[Scheduled, Do]] | None = None) -> list[TaskRun]:
    """Run the tasks that are due and that nobody else is running; looks first, so that an idle one locks nothing.

    Args:
        core: each task opens its own door.
        tasks: instead of those of this program.

    Raises:
        Busy, DatabaseAway: it cannot be told what is due.
    """
    tasks = TASKS if tasks is None else tasks
    with core.glance() as visit:
        rows = visit.db.execute(select(Task.name, Task.next_run_at))
        later = {row.name for row in rows if row.next_run_at is not None and row.next_run_at > visit.now}
    ran = (_run(core, task, do, by_hand=False) for task, do in tasks if task.name not in later)
    return [run for run in ran if run is not None]


def run_one(core: Core, name: str) -> TaskRun:
    """Run a task now, whether it is due or not.

    Raises:
        Missing: there is none of that name. Busy: somebody else runs it right now.
    """
    found = next((each for each in TASKS if each[0].name == name), None)
    if found is None:
        raise Missing("task", name, tuple(task.name for task, _ in TASKS))
    run = _run(core, *found, by_hand=True)
    if run is None:
        raise Busy
    return run


def run_tasks_forever(
    core: Core,
    stop: threading.Event,
    *,
    poll: float = POLL_SECONDS,
    report: Callable[[TaskRun], None] = lambda _: None,
) -> None:
    """Run what is due until `stop` is set, whatever goes wrong; beside the delivery of mails, which it never holds up.

    Args:
        core: each task opens its own door.
        stop: wakes the loop at once; a task under way ends first.
        poll: seconds between two looks; a look that finds nothing takes no write lock.
        report: told of each run that did something or failed; called from this thread.
    """
    while not stop.is_set():
        try:
            runs = run_due(core)
        except Exception:  # noqa: BLE001 - the delivery of mails, on the same database, says what is wrong with it
            runs = []
        for run in runs:
            if run.failed or run.result:
                report(run)
        stop.wait(poll)


# --- inside -----------------------------------------------------------------------------------------------------


def _run(core: Core, task: Scheduled, do: Do, *, by_hand: bool) -> TaskRun | None:
    """Run a task in one transaction that holds its row; None where somebody else has it or has just done it."""
    try:
        with core.system(task.name) as work:
            if not _take(work, task, by_hand=by_hand):
                return None
            told = do(work)
            return _write(work, task, told.sentence, failed=not told.went_well)
    except Busy as problem:  # nothing is known of the task itself: it is still due
        if by_hand:
            raise
        return TaskRun(task.name, core.ports.clock.now(), problem.message, failed=True)
    except Problem as problem:
        return _fail(core, task, problem.message, by_hand=by_hand)
    except Exception as error:  # noqa: BLE001 - one broken task must not keep the others from running
        sentence = f"It stopped because of a mistake in the program ({type(error).__name__})."
        return _fail(core, task, sentence, by_hand=by_hand)


def _fail(core: Core, task: Scheduled, sentence: str, *, by_hand: bool) -> TaskRun:
    """Write down what went wrong, unless somebody else has done it since."""
    with suppress(Problem), core.system(task.name) as work:  # the sentence matters more than where it is kept
        if _take(work, task, by_hand=by_hand):
            return _write(work, task, sentence, failed=True)
    return TaskRun(task.name, core.ports.clock.now(), sentence, failed=True)


def _take(work: Work, task: Scheduled, *, by_hand: bool) -> bool:
    """Hold the task's row and say whether it is to be run; who does it by hand waits for whoever else has it."""
    statement = select(Task.next_run_at).where(Task.name == task.name)
    if by_hand:
        row = lock_row(work.db, statement)
    else:
        row = work.db.execute(skip_locked(statement, work.db)).one_or_none()
    if row is None:
        return _begin(work.db, task)
    return by_hand or row.next_run_at is None or row.next_run_at <= work.now


def _begin(db: Session, task: Scheduled) -> bool:
    """Make the row of a task that never ran; false where it is there, because somebody else holds it or has made it."""
    if db.scalar(select(Task.name).where(Task.name == task.name)) is not None:
        return False
    return add_row(db, Task, {"name": task.name, "result": "", "failed": False}, Task.name) is not None


def _write(work: Work, task: Scheduled, result: str, *, failed: bool) -> TaskRun:
    put_row(
        work.db,
        Task,
        {"name": task.name},
        {
            "last_run_at": work.now,
            "next_run_at": task.next_after(work.now),
            "result": result,
            "failed": failed,
        },
    )
    return TaskRun(task.name, work.now, result, failed)


def _archive_leavers(work: Work) -> Told:
    tally = archive_leavers(work)
    people = (
        "1 person was" if tally.done == 1 else f"{tally.done:,} people were" if tally.done else "Nobody was"
    )
    refused = {**tally.skipped, **tally.failed}
    if not refused:
        return Told(f"{people} archived." if tally.done else "")
    reasons = ", ".join(f"{number:,} ({code.replace('_', ' ')})" for code, number in refused.items())
    return Told(f"{people} archived. Left as they are: {reasons}. See them: {_SEE_LEAVERS}", went_well=False)


def _send_warnings(work: Work) -> Told:
    sent = send_warnings(work)
    if not sent.warned:
        return Told()
    mails = f"{sent.mails:,} {'mail' if sent.mails == 1 else 'mails'}"
    return Told(f"{sent.warned:,} {'warning' if sent.warned == 1 else 'warnings'}, {mails} queued.")


_DOES: dict[str, Do] = {LEAVERS: _archive_leavers, WARNINGS: _send_warnings}
TASKS = tuple((task, _DOES[task.name]) for task in SCHEDULE)
