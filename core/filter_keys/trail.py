"""What the filter words mean for the audit trail and for the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_

from core.filter_keys.words import Condition, combine, one_of, when
from core.filters import Filter, Term
from core.models import AuditEvent, OutboxMail
from core.models.outbox import DROPPED, FAILED, SENDING, SENT, WAITING

OUTBOX_STATES = (WAITING, SENDING, SENT, FAILED, DROPPED)


def audit_conditions(chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `AuditEvent`; labels are searched as they were written, without regard to case.

    Raises:
        InvalidFilter: a value that makes no sense.
    """
    return combine(chosen, lambda term: _audit_condition(term, now))


def _audit_condition(term: Term, now: datetime) -> Condition:
    match term.key:
        case "action":
            return AuditEvent.action.icontains(term.value, autoescape=True)
        case "by":
            return AuditEvent.actor_label.icontains(term.value, autoescape=True)
        case "batch":
            return AuditEvent.batch == term.value.lower()
        case "at":
            return when(AuditEvent.at, term, now)
        case _:
            return AuditEvent.subject_label.icontains(term.value, autoescape=True)


def mail_conditions(chosen: Filter, now: datetime) -> Condition:
    """Return the SQL condition on `OutboxMail`; bare words and `to:` look into the recipient's address and name.

    Raises:
        InvalidFilter: a value that makes no sense.
    """
    return combine(chosen, lambda term: _mail_condition(term, now))


def _mail_condition(term: Term, now: datetime) -> Condition:
    match term.key:
        case "state":
            return OutboxMail.state == one_of(term, OUTBOX_STATES)
        case "kind":
            return OutboxMail.kind.icontains(term.value, autoescape=True)
        case "batch":
            return OutboxMail.batch == term.value.lower()
        case "created":
            return when(OutboxMail.created_at, term, now)
        case _:
            return or_(
                OutboxMail.to_address.icontains(term.value, autoescape=True),
                OutboxMail.to_name.icontains(term.value, autoescape=True),
            )
