"""A company as it stands, and whether the trail says what became another one between two looks (R60)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from core.core import Core
from core.mail.parts import SEAT_GRANTED
from core.models import AuditEvent, GroupMember, Invitation, OutboxMail, Seat, SeatWaiter, User
from core.models.invitations import ACCEPTED, OPEN

_TOLD = (
    User.address_key,
    User.role,
    User.status,
    User.department_id,
    User.first_name,
    User.language,
    User.job_title,
    User.leaves_on,
)
_ABOUT_THEMSELVES = frozenset({"user.signed_in", "user.signed_out", "user.sign_in_failed", "user.exported"})
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """People by id with what the trail tells of, seats, who waits, invitations; and how far trail and outbox go."""

    people: dict[int, tuple[Any, ...]]
    versions: dict[int, int]
    seats: frozenset[Pair]
    waiting: frozenset[Pair]
    invitations: dict[int, str]
    newest_event: int
    newest_mail: int

    @classmethod
    def of(cls, core: Core) -> Snapshot:
        """Look at everything."""
        with core.operator_look() as look:
            groups: dict[int, set[int]] = {}
            for group_id, user_id in look.db.execute(select(GroupMember.group_id, GroupMember.user_id)):
                groups.setdefault(user_id, set()).add(group_id)
            people = look.db.execute(select(User.id, User.version, *_TOLD)).all()
            seats = look.db.execute(select(Seat.license_id, Seat.user_id)).all()
            waiting = look.db.execute(select(SeatWaiter.license_id, SeatWaiter.user_id)).all()
            return cls(
                {row.id: (*row[2:], frozenset(groups.get(row.id, ()))) for row in people},
                {row.id: row.version for row in people},
                frozenset((row.license_id, row.user_id) for row in seats),
                frozenset((row.license_id, row.user_id) for row in waiting),
                {row.id: row.state for row in look.db.execute(select(Invitation.id, Invitation.state))},
                look.db.scalar(select(func.max(AuditEvent.id))) or 0,
                look.db.scalar(select(func.max(OutboxMail.id))) or 0,
            )


class Step:
    """One verb's work: what differs between two looks, and what was written into trail and outbox meanwhile."""

    def __init__(self, core: Core, before: Snapshot) -> None:
        """Look again."""
        self.before, self.after = before, Snapshot.of(core)
        with core.operator_look() as look:
            told = look.db.execute(
                select(
                    AuditEvent.action, AuditEvent.subject_kind, AuditEvent.subject_id, AuditEvent.details
                ).where(AuditEvent.id > before.newest_event)
            ).all()
            mails = look.db.scalars(
                select(OutboxMail.user_id).where(
                    OutboxMail.id > before.newest_mail, OutboxMail.kind == SEAT_GRANTED
                )
            ).all()
        self.number = Counter(row.action for row in told)
        self.of_people = Counter(
            row.subject_id
            for row in told
            if row.action.startswith("user.") and row.action not in _ABOUT_THEMSELVES
        )
        self.of_invitations = Counter(row.subject_id for row in told if row.subject_kind == "invitation")
        self.of_seats = {
            action: Counter(
                (row.details["license"]["id"], row.subject_id) for row in told if row.action == action
            )
            for action in ("seat.given", "seat.revoked", "seat.awaited", "seat.wait_ended")
        }
        self.mails = Counter(mails)

    def assert_nothing_happened(self) -> None:
        """A refusal leaves no trace."""
        assert self.before == self.after

    def assert_told(self) -> None:
        """Every change of a person, a seat, a place in line and an invitation has one event, and nothing else has."""
        self._people()
        self._seats()
        states = self.after.invitations.items()
        changed = {each: state for each, state in states if self.before.invitations.get(each) != state}
        accepted = [
            each
            for each, state in changed.items()
            if state == ACCEPTED and self.before.invitations[each] == OPEN
        ]
        assert changed.keys() - set(accepted) <= set(self.of_invitations)
        assert len(accepted) == self.number["user.registered"]
        assert not self.mails or max(self.mails.values()) == 1, "two mails about seats to one person"
        assert set(self.mails) <= {user_id for _, user_id in self.of_seats["seat.given"]}

    def _people(self) -> None:
        before, after = self.before.people, self.after.people
        changed = {each for each in {*before, *after} if before.get(each) != after.get(each)}
        assert self.of_people == Counter(changed)
        for each in before.keys() & after.keys():
            assert self.after.versions[each] == self.before.versions[each] + (each in changed), each

    def _seats(self) -> None:
        given, revoked = self.of_seats["seat.given"], self.of_seats["seat.revoked"]
        assert given == Counter(self.after.seats - self.before.seats)
        assert revoked == Counter(self.before.seats - self.after.seats)
        awaited, ended = self.of_seats["seat.awaited"], self.of_seats["seat.wait_ended"]
        begun = self.after.waiting - self.before.waiting
        served = awaited.keys() & given.keys()  # back in line by an undo, and served at once
        assert awaited == Counter(begun | served)
        left = self.before.waiting - self.after.waiting
        assert ended == Counter(each for each in left if each not in given)
