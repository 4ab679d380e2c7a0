"""What each thing is in JSON; the keys are a promise to scripts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from core.reading.audit import AuditRow
from core.reading.courses import CourseAccess
from core.reading.invitations import InvitationRow
from core.reading.learning import CourseRecord
from core.reading.mail import MailRow
from core.reading.reasons import NO, Fact
from core.reading.seats import FormerSeat, HeldSeat
from core.reading.users import UserDetail, UserRow
from core.reading.why_people import room_to_return
from tui.cli.output import iso

# What the console mends with a key, a host mends with a command; a full company is no reason to archive somebody.
_MENDS = {
    "reactivate": "academy reactivate {address}",
    "role": "academy role {address} --to ROLE",
    "department": "academy place {address} --department NAME",
    "teams": "academy place {address} --group NAME",
    "edit": "academy edit {address} --set FIELD=VALUE",
    "archive": "academy archive {address}",
    "renew": "academy renew {address}",
    "withdraw": "academy withdraw {address}",
    "mail_resume": "academy mail resume",
    "leave": "academy archive {address} --on DATE",
    "seats": "academy seats allocate {subject} {address}",
    "license_until": "academy license edit {subject} --until DATE",
    "license_courses": "academy license edit LICENSE --course {subject}",
}
_CAP = "academy company set cap=NUMBER"


def user_facts(row: UserRow) -> dict[str, Any]:
    """Return a person of a list."""
    return {
        "id": row.id,
        "address": row.address,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "role": row.role.slug,
        "status": row.status,
        "department": row.department,
        "groups": list(row.groups),
        "seats": list(row.seats),
        "language": row.language,
        "joined": iso(row.joined),
        "last_sign_in": iso(row.last_sign_in),
    }


def detail_facts(one: UserDetail) -> dict[str, Any]:
    """Return one person with everything known about them."""
    return user_facts(one.row) | {
        "phone": one.phone,
        "postal_address": one.postal_address,
        "born_on": one.born_on.isoformat() if one.born_on else None,
        "job_title": one.job_title,
        "archived": iso(one.archived_at),
        "open_sign_ins": one.open_sign_ins,
        "lessons": one.lessons,
        "certificates": one.certificates,
        "leaves_on": one.row.leaves_on.isoformat() if one.row.leaves_on else None,
    }


def held_facts(seat: HeldSeat) -> dict[str, Any]:
    """Return a seat that a person holds."""
    return {
        "license": seat.name,
        "held_since": iso(seat.held_since),
        "until": seat.until.isoformat() if seat.until else None,
        "in_force": seat.in_force,
    }


def former_facts(seat: FormerSeat) -> dict[str, Any]:
    """Return a seat that an archived person held."""
    return {
        "license": seat.name,
        "free": seat.free,
        "in_force": seat.in_force,
        "room": room_to_return(seat),
    }


def record_facts(records: Sequence[CourseRecord]) -> dict[str, list[dict[str, Any]]]:
    """Return what somebody has learned: lessons, progress and certificates, each a list of its own."""
    return {
        "lessons": [
            {"course": each.course, "lesson": done.lesson, "at": iso(done.at)}
            for each in records
            for done in each.lessons
        ],
        "progress": [
            {
                "course": each.course,
                "percent": each.percent,
                "started": iso(each.started),
                "updated": iso(each.updated),
            }
            for each in records
            if each.percent is not None
        ],
        "certificates": [
            {"course": each.course, "number": earned.number, "issued": iso(earned.at)}
            for each in records
            for earned in each.certificates
        ],
    }


def course_facts(access: CourseAccess, why: Sequence[Fact]) -> dict[str, Any]:
    """Return a course or learning path, whether somebody can open it, and the reasons."""
    refusal = access.refusal
    return {
        "id": access.course_id,
        "course": access.course,
        "kind": access.kind,
        "opens": access.opens,
        "code": refusal.code if refusal else "",
        "message": refusal.message if refusal else "",
        "why": [reason_facts(fact, access.facts.address) for fact in why],
    }


def invitation_facts(row: InvitationRow) -> dict[str, Any]:
    """Return an invitation."""
    return {
        "id": row.id,
        "address": row.address,
        "role": row.role.slug,
        "state": row.state,
        "mail": row.mail,
        "mail_answer": row.mail_answer,
        "invited_by": row.invited_by,
        "created": iso(row.created),
        "expires": iso(row.expires),
        "department": row.department,
        "groups": list(row.groups),
    }


def reason_facts(fact: Fact, address: str) -> dict[str, str]:
    """Return one reason of a "why?", with the command that changes it; empty where none does."""
    command = _CAP if (fact.mend, fact.state) == ("archive", NO) else _MENDS.get(fact.mend, "")
    return {
        "about": fact.label,
        "state": fact.state,
        "reason": fact.value,
        "command": command.format(
            address=address, subject=shlex.quote(fact.subject) if fact.subject else "LICENSE"
        ),
    }


def mail_facts(row: MailRow) -> dict[str, Any]:
    """Return a mail of the outbox."""
    return {
        "id": row.id,
        "kind": row.kind,
        "to": row.to,
        "state": row.state,
        "attempts": row.attempts,
        "created": iso(row.created),
        "due": iso(row.due_at),
        "sent": iso(row.sent_at),
        "last_error": row.last_error,
        "invitation_id": row.invitation_id,
        "batch": row.batch,
    }


def event_facts(row: AuditRow) -> dict[str, Any]:
    """Return an event of the audit trail."""
    return {
        "id": row.id,
        "at": iso(row.at),
        "action": row.action,
        "actor": row.actor,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "subject": row.subject,
        "details": row.details,
        "batch": row.batch,
    }
