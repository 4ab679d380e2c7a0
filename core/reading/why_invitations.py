"""Why an invitation works or does not, what became of its mail, and what may be done with it (R29, R53, R54)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from core.errors import Missing
from core.facts import NEVER, AcceptFacts, InvitationFacts, InviteFacts, RoleFacts
from core.mail.line import line_of
from core.models import AuditEvent, Company, Invitation, User
from core.models.invitations import OPEN
from core.models.outbox import FAILED, WAITING
from core.models.people import ACTIVE, ARCHIVED
from core.reading import invitations
from core.reading.invitations import InvitationRow
from core.reading.reasons import NO, NOTE, YES, Fact, asked, moment, refused
from core.roles import Permission, Role
from core.rules import ACCEPT, BELOW_OWN, COPY_LINK, INVITE, LINK, NO_LIMIT, WITHDRAW, refusal_of
from core.selection import active_users, inviter_role_of
from core.work import Look


def why_invitation(look: Look, invitation_id: int) -> list[Fact]:
    """Return the reasons about one invitation in order: link, registration, mail, what it gives, what the actor may do.

    Raises:
        Missing: no such invitation.
    """
    look.require(Permission.SEE_PEOPLE)
    one = look.db.get(Invitation, invitation_id)
    if one is None:
        raise Missing("invitation", str(invitation_id))
    [row] = invitations.rows(look, [invitation_id])
    return [
        Fact("Invited", f"on {moment(row.created)} by {row.invited_by or 'somebody whose account is gone'}"),
        *_link(look, one),
        *_registration(look, one),
        *_mail(look, row),
        Fact("Will be", Role(one.role).label),
        Fact("Department", row.department or "none"),
        Fact("Learning groups", ", ".join(row.groups) or "none"),
        *_may(look, one),
    ]


def _link(look: Look, one: Invitation) -> Iterator[Fact]:
    closed_at = one.closed_at or NEVER
    facts = InvitationFacts(one.address, one.role, one.state, one.expires_at, look.now, closed_at)
    dead = refusal_of(LINK, look.actor, facts)
    if dead is None:
        yield Fact("Link", f"works until {moment(one.expires_at)}", YES, "copy_link")
        return
    told = refused("Link", dead)
    yield Fact("Link", f"{_end(look, one)} Whoever opens it reads: “{told.value}”", NO, told.mend)
    if one.state == OPEN:
        return
    newer = (
        select(Invitation.id)
        .where(Invitation.address_key == one.address_key, Invitation.state == OPEN)
        .limit(1)
    )
    if look.db.scalar(newer) is not None:
        yield Fact("Newer invitation", "one of this address is open; it has a link of its own")


def _end(look: Look, one: Invitation) -> str:
    if one.state == OPEN:
        return f"expired on {moment(one.expires_at)}."
    event = look.db.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.subject_kind == "invitation",
            AuditEvent.subject_id == one.id,
            AuditEvent.action == f"invitation.{one.state}",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    at = f" on {moment(one.closed_at)}" if one.closed_at else ""
    return f"{one.state}{at}{f' by {event.actor_label}' if event else ''}."


def _registration(look: Look, one: Invitation) -> Iterator[Fact]:
    """Yield what the form would say now, by the rule that judges it then (P31, D5)."""
    if one.state != OPEN:
        if one.user_id is not None:
            yield Fact("Account", "made with this invitation; it is under Users", YES)
        return
    company = look.db.get(Company, 1)
    cap = company.user_cap if company and company.user_cap is not None else NO_LIMIT
    accounts = select(func.count()).select_from(User).where(User.address_key == one.address_key)
    facts = AcceptFacts(
        role=one.role,
        inviter_role=inviter_role_of(look.db, one),
        accounts=look.db.scalar(accounts) or 0,
        active_users=look.db.scalar(active_users()) or 0,
        room=cap,
    )
    barred = refusal_of(ACCEPT, look.actor, facts)
    if barred is None:
        yield Fact("Registration", "nothing stands in its way", YES)
    else:
        yield refused("Registration", barred)


def _mail(look: Look, row: InvitationRow) -> Iterator[Fact]:
    answer = f": {row.mail_answer}" if row.mail_answer else ""
    state, mend = NOTE, ""
    if row.mail == FAILED:
        state, mend = NO, "renew"
    sent = f" on {moment(row.mail_sent)}" if row.mail_sent else ""
    yield Fact("Mail", f"{row.mail}{sent}{answer}", state, mend)
    if row.mail_late is not None:
        yield Fact(
            "Left late", "more than a day after the invitation, whose days count from then", NO, "renew"
        )
    line = line_of(look.db)
    if row.mail == WAITING and line.paused:
        yield Fact("Mails are paused", line.why_paused, NO, "mail_resume")


def _may(look: Look, one: Invitation) -> Iterator[Fact]:
    actor = look.actor
    facts = InvitationFacts(one.address, one.role, one.state, one.expires_at, look.now)
    yield asked("You may withdraw", "its link would die at once", actor, (WITHDRAW, facts), mend="withdraw")
    yield asked(
        "You may copy the link", "to hand it over by another way", actor, (COPY_LINK, facts), mend="copy_link"
    )
    if refusal_of(BELOW_OWN, actor, RoleFacts(one.role)) is not None:
        yield asked("You may renew", "", actor, (BELOW_OWN, RoleFacts(one.role)))
        return
    status = look.db.scalar(select(User.status).where(User.address_key == one.address_key))
    invite = InviteFacts(
        address=one.address,
        role=one.role,
        occurrence=1,
        active_user=int(status == ACTIVE),
        archived_user=int(status == ARCHIVED),
        live_invitation=0,
        renew=1,
    )
    yield asked("You may renew", "a new link, mailed at once", actor, (INVITE, invite), mend="renew")
