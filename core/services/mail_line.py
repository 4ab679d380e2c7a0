"""Pausing, resuming and slowing down the line of mails; every sender and every console sees it at once."""

from __future__ import annotations

from typing import Any

from core.dialects import add_row
from core.errors import Invalid
from core.mail.line import Line
from core.models import MailLine
from core.roles import Permission
from core.values import short_text
from core.work import Work

REASON_MOST = 500
FASTEST = 100_000
_LABEL = "mail line"


def pause(work: Work, reason: str = "") -> None:
    """Let no mail leave until somebody resumes; the mail under way is finished. Pausing again replaces the reason.

    Raises:
        Invalid: field `reason`.
    """
    work.require(Permission.MANAGE_MAIL)
    clean = short_text(reason, field="reason", label="The reason", most=REASON_MOST)
    _change(work, "mail.paused", paused=True, reason=clean)


def resume(work: Work) -> None:
    """Let mails leave again."""
    work.require(Permission.MANAGE_MAIL)
    _change(work, "mail.resumed", paused=False, reason="")


def set_rate(work: Work, per_minute: int | None) -> None:
    """Let at most so many mails leave in a minute, all senders together; None for as many as the server takes.

    Raises:
        Invalid: field `per_minute`.
    """
    work.require(Permission.MANAGE_MAIL)
    if per_minute is not None and not 1 <= per_minute <= FASTEST:
        raise Invalid({"per_minute": f"The rate must be from 1 to {FASTEST:,} mails a minute, or none."})
    _change(work, "mail.rate_set", per_minute=per_minute)


# --- inside -----------------------------------------------------------------------------------------------------


def _change(work: Work, action: str, **new: Any) -> None:
    """Change the line and write it to the audit trail with old and new; what is so already is left alone."""
    line = _held(work)
    old = {name: getattr(line, name) for name in new}
    if old == new:
        return
    for name, value in new.items():
        setattr(line, name, value)
    line.next_slot_at = None if "per_minute" in new else line.next_slot_at
    line.changed_at = work.now
    work.db.flush()
    work.record(action, "mail_line", line.id, _LABEL, old=old, new=new)


def _held(work: Work) -> MailLine:
    """Return the row, made where it is missing, so that nobody else changes it before the transaction ends."""
    default = Line()
    values = {"id": 1, "paused": default.paused, "reason": default.reason, "changed_at": work.now}
    add_row(work.db, MailLine, values, MailLine.id)
    return work.db.get_one(MailLine, 1, with_for_update=True)
