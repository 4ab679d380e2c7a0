"""What is done by itself: when it was done last, when it is due again, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.models import Task
from core.roles import Permission
from core.schedule import SCHEDULE
from core.work import Look


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as lists show it.

    Attributes:
        does: what it is for.
        last_run, next_run: None where it never ran.
        result: what it did last, empty for nothing; or what went wrong.
        failed: whether the last run did.
        overdue: whether it has missed a whole turn, so that nothing seems to run it.
    """

    name: str
    does: str
    last_run: datetime | None
    next_run: datetime | None
    result: str
    failed: bool
    overdue: bool


def tasks(look: Look) -> list[TaskRow]:
    """Return every task there is, whether it has run or not."""
    look.require(Permission.RUN_HOST)
    known = {row.name: row for row in look.db.scalars(select(Task))}
    found = []
    for each in SCHEDULE:
        row = known.get(each.name)
        if row is None:
            found.append(TaskRow(each.name, each.does, None, None, "", failed=False, overdue=False))
            continue
        overdue = row.next_run_at is not None and row.next_run_at + each.every < look.now
        found.append(
            TaskRow(
                each.name,
                each.does,
                row.last_run_at,
                row.next_run_at,
                row.result,
                failed=row.failed,
                overdue=overdue,
            )
        )
    return found
