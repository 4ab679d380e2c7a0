"""Everything the screen of one person shows, read in one go, and what may be changed about them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from core.errors import Missing
from core.models.people import ARCHIVED
from core.reading import invitations, users
from core.reading.history import HistoryRow, SignInRow, history, sign_ins
from core.reading.invitations import InvitationRow
from core.reading.learning import CourseRecord, learned
from core.reading.seats import FormerSeat, HeldSeat, former_seats, seats_of
from core.reading.users import UserDetail
from core.services.texts import texts
from core.work import Look
from tui.screens.offer_fields import read_options
from tui.screens.sheet_reading import Loaded, SheetJudge, refusals_of

_MOST_EVENTS, _MOST_SIGN_INS = 100, 5


@dataclass(frozen=True)
class Person:
    """One person as they are.

    Attributes:
        texts: by field, as `Edit.seen` wants them.
        seats: those they hold.
        former_seats: those that archived people held.
        learned: lessons, progress and certificates, course by course.
        invitation: the newest of their address, where it is open.
        refusal: why the actor may not edit them, as a sentence; empty where they may.
        barred: why single fields may not be changed, by field.
    """

    detail: UserDetail
    texts: Mapping[str, str]
    history: list[HistoryRow]
    sign_ins: list[SignInRow]
    seats: list[HeldSeat]
    former_seats: list[FormerSeat]
    learned: list[CourseRecord]
    invitation: InvitationRow | None
    refusal: str = ""
    barred: Mapping[str, str] = field(default_factory=dict)


def read_person(look: Look, user_id: int) -> Person:
    """Return one person.

    Raises:
        Missing: no such person.
    """
    detail = users.one(look, user_id)
    [person] = texts(look, [user_id])
    refusal, barred = refusals_of(look.actor, person)
    invitation = None
    with suppress(Missing):
        invitation = invitations.newest_of(look, person.address)
    return Person(
        detail,
        person.values,
        history(look, user_id, limit=_MOST_EVENTS),
        sign_ins(look, user_id, limit=_MOST_SIGN_INS),
        seats_of(look, user_id),
        former_seats(look, [user_id]) if detail.row.status == ARCHIVED else [],
        learned(look, user_id),
        invitation if invitation is not None and invitation.state == "open" else None,
        refusal,
        barred,
    )


def read_judge(look: Look) -> SheetJudge:
    """Return what there is to choose from."""
    return SheetJudge(Loaded([], read_options(look), look.now.date()))
