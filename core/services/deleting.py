"""Deleting a person for good (R42): what they hold is freed, what is personal is gone, bare events stay.

Nothing takes it back. Archiving is the normal way (R41); exporting comes first (`core.services.exporting`).
"""

from __future__ import annotations

from sqlalchemy import delete, select

from core.dialects import lock_row, lock_rows
from core.errors import Invalid, Missing
from core.losses import Loss, loss_of
from core.models import Invitation, License, Seat, SeatWaiter, SignIn, User
from core.models.invitations import OPEN
from core.roles import Permission
from core.selection import live_invitation, lock_company
from core.services.erasing import Traces, erase, find_traces, label_of
from core.services.trail import seat_details, write_events
from core.services.waiting import end_waits, serve_waiting
from core.services.writing_invitations import write_withdrawn
from core.values import Address
from core.work import Look, Work

DELETED = "user.deleted"


def check_deletion(look: Look, user_id: int, *, confirm: str) -> Loss:
    """Return what would be lost, where the actor may delete the person and has typed their address.

    Args:
        look: an open transaction.
        user_id: whom.
        confirm: the address as typed; how it is written does not matter (R58).

    Raises:
        Missing: no such person. LastAdmin, OwnAccount, TargetNotBelowOwn (D7, R34). Invalid: field `confirm`.
    """
    look.require(Permission.MANAGE_PEOPLE)
    loss = loss_of(look, user_id)
    if loss.refused is not None:
        raise loss.refused
    if _key(confirm) != _key(loss.address):
        raise Invalid(
            {"confirm": f"That is not the address. Type {loss.address} to delete this person for good."}
        )
    return loss


def delete_person(work: Work, user_id: int, *, confirm: str) -> Loss:
    """Delete a person for good, and everything personal about them everywhere; return what was lost.

    Open invitations they sent are withdrawn (D6), their seats go to whoever waits for one, what they learned is gone.
    Events stay with a number in the place of the name, so that the trail still adds up.

    What it costs grows with what was ever done to and by this person, not with the company: milliseconds as a rule; an
    admin who once invited a million has a million events to be blanked.

    Raises:
        As `check_deletion`; nothing was written then.
    """
    work.require(Permission.MANAGE_PEOPLE)
    lock_company(work.db)
    # Before the person, whom whoever holds a sign-in may still have to look up. What they are doing at this moment ends
    # with their sign-in: it is written down before its traces are looked for, or not at all.
    lock_rows(work.db, select(SignIn.id).where(SignIn.user_id == user_id, SignIn.closed_at.is_(None)))
    if lock_row(work.db, select(User.id).where(User.id == user_id)) is None:
        raise Missing("user", str(user_id))
    loss = check_deletion(work, user_id, confirm=confirm)
    traces = find_traces(work, work.db.get_one(User, user_id))
    _withdraw(work, traces)
    licenses = _free_seats(work, user_id)
    erase(work, traces)
    work.db.execute(delete(User).where(User.id == user_id).execution_options(synchronize_session=False))
    work.record(DELETED, "user", user_id, label_of(user_id), role=loss.role.slug, status=loss.status)
    serve_waiting(work, licenses)
    return loss


def _withdraw(work: Work, traces: Traces) -> None:
    """Withdraw what the person sent and could send no longer, as archiving does, and what is open to them."""
    sent = select(Invitation.id).where(Invitation.invited_by == traces.user.id, live_invitation(work.now))
    to_them = select(Invitation.id).where(Invitation.id.in_(traces.invitations), Invitation.state == OPEN)
    found = {*work.db.scalars(sent), *work.db.scalars(to_them)}
    if found:
        write_withdrawn(sorted(found), work, None)


def _free_seats(work: Work, user_id: int) -> list[int]:
    """Free the person's seats, each with its event, end their waiting for others, and return the licenses."""
    theirs = Seat.user_id == user_id
    held = (
        select(License.id).where(License.id.in_(select(Seat.license_id).where(theirs))).order_by(License.id)
    )
    lock_rows(work.db, held)
    licenses = list(work.db.scalars(held))
    rows = (
        select(User.id, User.address, seat_details(work.db, held_since=Seat.held_since))
        .select_from(Seat)
        .join(User, User.id == Seat.user_id)
        .join(License, License.id == Seat.license_id)
        .where(theirs)
    )
    write_events(work, None, "seat.revoked", kind="user", rows=rows)
    work.db.execute(delete(Seat).where(theirs).execution_options(synchronize_session=False))
    end_waits(work, SeatWaiter.user_id == user_id, None)
    return licenses


def _key(address: str) -> str:
    try:
        return Address.parse(address).key
    except Invalid:
        return ""
