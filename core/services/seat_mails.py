"""The mail that tells of new seats, one for each person and run (S17)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Select, String, func, insert, literal, select, true, update

from core.dialects import json_document, json_list, json_object
from core.mail.parts import SEAT_GRANTED
from core.models import License, OutboxMail, User
from core.models.outbox import BULK, DROPPED, SINGLE, WAITING
from core.roles import Permission
from core.services.writing_invitations import BULK_HOLD
from core.work import Work


def queue_seat_mails(work: Work, given: FromClause, batch: str | None, *, many: bool) -> None:
    """Put one mail for each person into the outbox; it waits a little, so that undo beats the send.

    Args:
        work: the open transaction.
        given: the new seats, with the columns `license_id` and `user_id`.
        batch: the run's name.
        many: whether singles go before these.
    """
    work.require(Permission.ALLOCATE_SEATS)
    license_told = json_document(work.db, json_object(work.db, id=License.id, name=License.name))
    licenses = json_list(work.db, license_told, License.id, true())
    columns: dict[str, Any] = {
        "kind": literal(SEAT_GRANTED),
        "to_address": User.address,
        "to_name": func.trim(User.first_name + " " + User.last_name),
        "language": User.language,
        "user_id": User.id,
        "details": json_document(work.db, literal('{"licenses": ', String) + licenses + "}"),
        "priority": literal(BULK if many else SINGLE),
        "batch": literal(batch, OutboxMail.batch.type),
        "state": literal(WAITING),
        "created_at": literal(work.now, OutboxMail.created_at.type),
        "due_at": literal(work.now + BULK_HOLD, OutboxMail.due_at.type),
        "attempts": literal(0),
        "last_error": literal(""),
    }
    rows = (
        select(*columns.values())
        .select_from(given)
        .join(User, User.id == given.c.user_id)
        .join(License, License.id == given.c.license_id)
        .group_by(User.id)
        .order_by(User.id)
    )
    work.db.execute(insert(OutboxMail).from_select(list(columns), rows))


def drop_seat_mails(work: Work, batch: str, people: Select[int]) -> None:
    """Drop what a run would still tell these people."""
    work.require(Permission.ALLOCATE_SEATS)
    work.db.execute(
        update(OutboxMail)
        .where(OutboxMail.batch == batch, OutboxMail.kind == SEAT_GRANTED, OutboxMail.state == WAITING)
        .where(OutboxMail.user_id.in_(people))
        .values(state=DROPPED)
        .execution_options(synchronize_session=False)
    )
