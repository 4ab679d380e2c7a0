"""What is left of a person who is deleted: bare events that say what happened and when, and no longer to whom (R42, R60).

Everything personal is found while the person is still there, by the addresses they have and had, and goes in the same
transaction. Each statement uses an index but one: mails without an account or an invitation behind them are found by
walking through the outbox, a quarter of a second for a million mails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update

from core.errors import Invalid
from core.models import AuditEvent, Batch, Invitation, OutboxMail, SignInFailure, User
from core.models.invitations import OPEN
from core.roles import Permission
from core.services.forgetting import Mentions, forget_what_was_typed
from core.values import Address
from core.work import Work

# All that stays of what an event tells of a person: what the counts and "as of a date" need, and numbers. Whatever
# comes to be written besides is personal until it stands here.
_STAYS = frozenset({"role", "status", "license", "invitation", "invited_by"})
_STAYS_OF_INVITATION = frozenset({"role", "old", "new", "expires", "renews", "inviter"})
_AT_ONCE = 1000
_HANDED_OVER = ("invitation.taken_over", "invitation.given_back")
_SENT_OR_TAKEN = ("invitation.created", "invitation.taken_over")


def label_of(user_id: int) -> str:
    """Return what the trail calls a person who is gone."""
    return f"deleted person {user_id}"


@dataclass(frozen=True, slots=True)
class Held:
    """An address that is or was theirs.

    Attributes:
        spelled: in which ways it was written.
        until: when it was given up, where somebody else has it since; None where it is still about them alone.
    """

    spelled: set[str]
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Tell whether the address was theirs at a moment."""
        return self.until is None or moment <= self.until


@dataclass(frozen=True, slots=True)
class Traces:
    """Where the person is to be found.

    Attributes:
        addresses: by key.
        mentions: what tells that a text is about them.
        invitations, mails: ids of those to them; the mails are locked.
    """

    user: User
    addresses: Mapping[str, Held]
    mentions: Mentions
    invitations: tuple[int, ...]
    mails: tuple[int, ...]

    @property
    def own_keys(self) -> set[str]:
        """The keys of the addresses that nobody else has."""
        return {key for key, held in self.addresses.items() if held.until is None}


def find_traces(work: Work, user: User) -> Traces:
    """Return where a person is to be found; their row must be locked, so that nobody adds to it meanwhile."""
    work.require(Permission.MANAGE_PEOPLE)
    events = work.db.execute(
        select(AuditEvent.at, AuditEvent.subject_label, AuditEvent.details)
        .where(AuditEvent.subject_kind == "user", AuditEvent.subject_id == user.id)
        .order_by(AuditEvent.id)
    ).all()
    addresses = _addresses(work, user, events)
    invitations = tuple(_invitations(work, user.id, addresses))
    mails = tuple(_mails(work, user.id, addresses, invitations))
    return Traces(user, addresses, _mentions(user, addresses, events), invitations, mails)


def erase(work: Work, traces: Traces) -> None:
    """Take everything personal out of what stays, and delete what was written to them; the person's own row is left."""
    work.require(Permission.MANAGE_PEOPLE)
    db, user_id, label = work.db, traces.user.id, label_of(traces.user.id)
    of_user = and_(AuditEvent.subject_kind == "user", AuditEvent.subject_id == user_id)
    _blank(work, of_user, label, _STAYS)
    for chunk in _chunks(traces.invitations):
        of_invitations = and_(AuditEvent.subject_kind == "invitation", AuditEvent.subject_id.in_(chunk))
        _blank(work, of_invitations, label, _STAYS_OF_INVITATION)
    for chunk in _chunks(traces.mails):
        of_mails = and_(AuditEvent.subject_kind == "mail", AuditEvent.subject_id.in_(chunk))
        db.execute(_change(AuditEvent, of_mails, subject_label=label))
    _blank_inviters(work, user_id, label)
    db.execute(_change(AuditEvent, AuditEvent.actor_id == user_id, actor_label=label))
    db.execute(_change(Batch, Batch.actor_id == user_id, actor_label=label))
    forget_what_was_typed(work, traces.mentions, label)
    for chunk in _chunks(traces.mails):
        db.execute(_deletion(OutboxMail, OutboxMail.id.in_(chunk)))
    for chunk in _chunks(traces.invitations):
        db.execute(_deletion(Invitation, Invitation.id.in_(chunk)))
    db.execute(_deletion(SignInFailure, SignInFailure.account.in_(traces.own_keys)))


# --- finding ----------------------------------------------------------------------------------------------------


def _addresses(work: Work, user: User, events: Sequence[Any]) -> dict[str, Held]:
    """Return every address the trail knows of the person, by key."""
    spelled: dict[str, set[str]] = {user.address_key: {user.address}}
    last: dict[str, datetime] = {}
    for at, subject_label, details in events:
        for text in (subject_label, *_told(details, "address")):
            key = _key(text)
            if key:
                spelled.setdefault(key, set()).add(text)
                last[key] = at
    last.pop(user.address_key, None)
    went_on = _went_on(work, user.id, last)
    return {key: Held(texts, last[key] if key in went_on else None) for key, texts in spelled.items()}


def _went_on(work: Work, user_id: int, given_up: Mapping[str, datetime]) -> set[str]:
    """Return which addresses somebody else has, or was invited at, since the person gave them up."""
    accounts = select(User.address_key).where(User.address_key.in_(given_up), User.id != user_id)
    invited = select(Invitation.address_key, Invitation.created_at).where(
        Invitation.address_key.in_(given_up),
        or_(Invitation.user_id != user_id, Invitation.state == OPEN),
    )
    later = {
        row.address_key for row in work.db.execute(invited) if row.created_at > given_up[row.address_key]
    }
    return later | set(work.db.scalars(accounts))


def _mentions(user: User, addresses: Mapping[str, Held], events: Sequence[Any]) -> Mentions:
    """Return what tells that a text is about the person: what they are called, and whatever the trail knows of before."""

    def called(field: str) -> frozenset[str]:
        former = (text for event in events for text in _told(event.details, field))
        return frozenset({getattr(user, field), *former} - {""})

    own = {key: held for key, held in addresses.items() if held.until is None}
    spelled = {text for held in own.values() for text in held.spelled}
    return Mentions(
        user.id,
        frozenset({*own, *spelled}),
        first_names=called("first_name"),
        last_names=called("last_name"),
        phones=called("phone"),
    )


def _told(details: Mapping[str, Any], field: str) -> Iterator[str]:
    """Yield the old and the new text of a field that an event tells of."""
    told = details.get(field)
    if isinstance(told, Mapping):
        yield from (text for text in (told.get("old"), told.get("new")) if isinstance(text, str))


def _key(text: str | None) -> str:
    try:
        return Address.parse(text or "").key
    except Invalid:
        return ""


def _invitations(work: Work, user_id: int, addresses: Mapping[str, Held]) -> Iterator[int]:
    """Yield the invitations to the person; not those of whoever else has had one of the addresses.

    One that nobody registered with belongs to whoever registered with the next one to that address.
    """
    found = work.db.execute(
        select(Invitation.id, Invitation.address_key, Invitation.user_id, Invitation.created_at)
        .where(or_(Invitation.user_id == user_id, Invitation.address_key.in_(addresses)))
        .order_by(Invitation.id.desc())
    ).all()
    owners: dict[str, int] = {}
    for row in found:
        if row.user_id is not None:
            owners[row.address_key] = row.user_id
        owner = owners.get(row.address_key)
        held = addresses.get(row.address_key)
        theirs = held is not None and held.covers(row.created_at) if owner is None else owner == user_id
        if theirs:
            yield row.id


def _mails(
    work: Work, user_id: int, addresses: Mapping[str, Held], invitations: Sequence[int]
) -> Iterator[int]:
    """Yield the mails to the person: about their account, with an invitation of theirs, or to their address alone."""
    # Locked, so that nobody who is about to write an event of one of them is overlooked.
    locked = select(OutboxMail.id).order_by(OutboxMail.id).with_for_update()
    yield from work.db.scalars(locked.where(OutboxMail.user_id == user_id))
    for chunk in _chunks(invitations):
        yield from work.db.scalars(locked.where(OutboxMail.invitation_id.in_(chunk)))
    # Written so that no index is used: walking through everything is faster than through most of it by an index.
    nobodys = (func.coalesce(OutboxMail.user_id, 0) == 0, func.coalesce(OutboxMail.invitation_id, 0) == 0)
    alike = or_(
        *(
            func.lower(OutboxMail.to_address).startswith(start, autoescape=True)
            for start in _starts(addresses)
        )
    )
    columns = (OutboxMail.id, OutboxMail.to_address, OutboxMail.created_at)
    for mail_id, address, created_at in work.db.execute(
        select(*columns).where(*nobodys, alike).with_for_update()
    ):
        held = addresses.get(_key(address))
        if held is not None and held.covers(created_at):
            yield mail_id


def _starts(addresses: Iterable[str]) -> set[str]:
    """Return how addresses begin; that part is ASCII, so both databases know its lower case."""
    return {f"{key.rpartition('@')[0]}@" for key in addresses}


# --- blanking ---------------------------------------------------------------------------------------------------


def _blank(work: Work, which: ColumnElement[bool], label: str, stays: frozenset[str]) -> None:
    """Give events the label of somebody who is gone, and leave of what they tell only what is not personal."""
    events = work.db.execute(select(AuditEvent.id, AuditEvent.details).where(which)).all()
    rows = [
        (event.id, {name: value for name, value in event.details.items() if name in stays})
        for event in events
        if not event.details.keys() <= stays
    ]
    _rewrite(work, rows)
    work.db.execute(_change(AuditEvent, which, subject_label=label))


def _blank_inviters(work: Work, user_id: int, label: str) -> None:
    """Blank the person where the trail says from whom an invitation was taken over, and who gave it back.

    They can only stand there with invitations that they had sent or taken over.
    """
    theirs = select(AuditEvent.subject_id).where(
        AuditEvent.actor_id == user_id,
        AuditEvent.subject_kind == "invitation",
        AuditEvent.action.in_(_SENT_OR_TAKEN),
    )
    events = work.db.execute(
        select(AuditEvent.id, AuditEvent.details).where(
            AuditEvent.subject_kind == "invitation",
            AuditEvent.subject_id.in_(theirs),
            AuditEvent.action.in_(_HANDED_OVER),
        )
    ).all()
    rows = []
    for event in events:
        inviter = event.details["inviter"]
        sides = {side: label for side in ("old", "new") if inviter[f"{side}_id"] == user_id}
        if sides:
            rows.append((event.id, event.details | {"inviter": inviter | sides}))
    _rewrite(work, rows)


def _rewrite(work: Work, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    if rows:
        table = AuditEvent.__table__
        statement = (
            update(AuditEvent).where(table.c.id == bindparam("of_id")).values(details=bindparam("left"))
        )
        parameters = [{"of_id": event_id, "left": details} for event_id, details in rows]
        work.db.connection().execute(statement, parameters)


def _change(model: type[AuditEvent | Batch], which: ColumnElement[bool], **values: str) -> Any:
    return update(model).where(which).values(values).execution_options(synchronize_session=False)


def _deletion(model: type[OutboxMail | Invitation | SignInFailure], which: ColumnElement[bool]) -> Any:
    return delete(model).where(which).execution_options(synchronize_session=False)


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
