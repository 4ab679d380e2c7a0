"""Bulk runs by name: begun before the big transaction and finished inside it, so that a killed one can be told (R60).

    with core.work(sign_in_id) as work:
        name = begin_run(work, "role", "role: Trainer")
    with core.work(sign_in_id) as work:
        tally = change_people(work, target, change, batch=name)

A run that was begun and never finished changed nothing: the big transaction holds both its rows and its end.
"""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from core.errors import AlreadyRun, Missing
from core.models import Batch
from core.roles import Permission
from core.work import Work, new_batch


def begin_run(work: Work, verb: str, summary: str) -> str:
    """Write down that a bulk run begins, in a transaction of its own, and return its name.

    Args:
        work: the small transaction.
        verb: what is to be done, such as `role`.
        summary: the change in a few words that name nobody, such as "role: Trainer".
    """
    work.require(Permission.MANAGE_PEOPLE)
    name = new_batch()
    _insert(work, name, verb, summary)
    return name


def finish_run(
    work: Work, name: str, *, verb: str, summary: str, done: int, refused: int, undoes: str | None = None
) -> None:
    """Write down what a run did, in its big transaction; makes the row where nobody has begun it.

    Args:
        work: the big transaction.
        name: from `begin_run`, or a new one.
        verb: as in `begin_run`.
        summary: likewise.
        done: how many rows were changed.
        refused: how many were not.
        undoes: the name of the run that this one took back; where it could take back nothing, that one still can be.

    Raises:
        AlreadyRun: the name stands for a run that is over. Missing: for somebody else's.
    """
    work.require(Permission.MANAGE_PEOPLE)
    found = work.db.execute(select(Batch.actor_id, Batch.finished_at).where(Batch.name == name)).one_or_none()
    if found is None:
        _insert(work, name, verb, summary)
    elif found.actor_id != (work.actor.user_id or None):
        raise Missing("bulk change of yours", name)
    elif found.finished_at is not None:
        raise AlreadyRun(name)
    outcome = {"finished_at": work.now, "done": done, "refused": refused, "undoes": undoes}
    work.db.execute(update(Batch).where(Batch.name == name).values(verb=verb, summary=summary, **outcome))
    if undoes is not None and done:
        work.db.execute(update(Batch).where(Batch.name == undoes).values(undone_by=name))


def drop_run(work: Work, name: str) -> None:
    """Forget a run of the actor's that was begun and will not go on: canceled, refused, or seen after a crash.

    A run that is over stays, and so does somebody else's.
    """
    work.require(Permission.MANAGE_PEOPLE)
    work.db.execute(
        delete(Batch).where(
            Batch.name == name,
            Batch.finished_at.is_(None),
            Batch.actor_id.is_not_distinct_from(work.actor.user_id or None),
        )
    )


def _insert(work: Work, name: str, verb: str, summary: str) -> None:
    work.db.execute(
        insert(Batch).values(
            name=name,
            verb=verb,
            summary=summary,
            actor_id=work.actor.user_id or None,
            actor_label=work.actor.label,
            begun_at=work.now,
        )
    )
