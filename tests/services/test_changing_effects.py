"""What a change of people brings along: sign-ins, invitations, seats (R38, R39, R43, R46, D6), on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from core.core import Core
from core.errors import LinkWithdrawn, SignedOut
from core.models import Certificate, Course, LessonCompletion, OutboxMail, User
from core.models.outbox import DROPPED, SENT, WAITING
from core.roles import Role
from core.services.accepting import read_link
from core.services.carrying_out import How, carry_out
from core.services.inviting import Offer, invite
from core.services.judging_people import Run
from core.services.people import Archive, Change, GiveRole, Reactivate
from core.services.planning import PLANNED_SEATS, stage_people
from core.services.seat_runs import BACK_WITH_PEOPLE
from core.tally import Effects, Tally
from core.targets import Source
from tests.clock import MovableClock
from tests.people import House
from tests.services import rows
from tests.services.changes import (
    add_license,
    add_people,
    assert_sound,
    change,
    change_as,
    change_on_host,
    effects_of,
    give_seat,
    seats_of,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def peer(company: House) -> int:
    """Return a second Company Admin, signed in, who has invited three addresses."""
    peer_id = rows.add_admin(company.core, "peer@example.com", "x")
    sign_in_id = rows.open_sign_in(company.core, "peer@example.com")
    with company.core.work(sign_in_id) as work:
        for name, role in (("bo", Role.LEARNER), ("cy", Role.TRAINER), ("di", Role.CONTENT_MANAGER)):
            invite(work, f"{name}@example.com", Offer(role))
    return peer_id


# --- sign-ins ---------------------------------------------------------------------------------------------------


def test_losing_a_role_counts_at_once_and_gaining_one_from_the_next_sign_in(company: House) -> None:
    """A loss lowers what is signed in, a gain leaves it as it is (R38)."""
    bo = company.register("bo@example.com", Role.CONTENT_MANAGER)
    cy = company.register("cy@example.com", Role.LEARNER)
    high, low = (rows.open_sign_in(company.core, f"{name}@example.com") for name in ("bo", "cy"))
    tally = change(company, [bo, cy], GiveRole(Role.TRAINER))
    assert effects_of(tally).sign_ins_lowered == 1
    assert rows.sign_in_of(company.core, high).role == Role.TRAINER
    assert rows.sign_in_of(company.core, low).role == Role.LEARNER
    assert_sound(company.core)


def test_archiving_ends_every_sign_in_at_once(company: House, clock: MovableClock) -> None:
    """All that the archived have open is closed with the run, what was closed before keeps its moment (R39)."""
    company.register("bo@example.com")
    closed = rows.open_sign_in(company.core, "bo@example.com")
    bo = rows.sign_in_of(company.core, closed).user_id
    rows.close_sign_ins(company.core, bo)
    before = clock.now()
    clock.move(minutes=5)
    opened = [rows.open_sign_in(company.core, "bo@example.com") for _ in range(2)]
    tally = change(company, [bo], Archive())
    assert effects_of(tally).sign_ins_closed == 2
    assert [rows.sign_in_of(company.core, each).closed_at for each in opened] == [clock.now()] * 2
    assert rows.sign_in_of(company.core, closed).closed_at == before
    with pytest.raises(SignedOut), company.core.work(opened[0]):
        pass


def test_only_those_who_change_lose_their_sign_ins(company: House) -> None:
    """A refused row keeps its sign-ins, its seats and its invitations."""
    license_id = add_license(company.core)
    peer = rows.add_admin(company.core, "peer@example.com", "x")
    give_seat(company.core, license_id, peer)
    opened = rows.open_sign_in(company.core, "peer@example.com")
    tally = change(company, [peer], Archive())
    assert tally.done == 0
    assert effects_of(tally) == Effects()
    assert rows.sign_in_of(company.core, opened).closed_at is None
    assert seats_of(company.core, peer) == {license_id}


# --- invitations (D6) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [Archive(), GiveRole(Role.CONTENT_MANAGER)], ids=["archive", "role"])
def test_invitations_that_could_no_longer_be_sent_are_withdrawn(
    company: House, peer: int, wanted: Change
) -> None:
    """Archived or demoted below inviting: the plan says how many, their links die, unsent mails are dropped (D6)."""
    mine = company.invite("own@example.com")
    plan = change_on_host(company.core, [peer], wanted, preview=True)
    assert effects_of(plan).invitations_withdrawn == 3
    assert any("could no longer send: 3" in note for note in effects_of(plan).notes)
    tally = change_on_host(company.core, [peer], wanted)
    assert effects_of(tally) == effects_of(plan)
    assert rows.states(company.core)[mine] == "open"
    withdrawn = [each for each, state in rows.states(company.core).items() if state == "withdrawn"]
    assert len(withdrawn) == 3
    assert sorted(mail.state for mail in rows.mails(company.core)) == [DROPPED] * 3 + [WAITING]
    written = rows.events(company.core, "invitation.withdrawn")
    assert {event.subject_id for event in written} == set(withdrawn)
    assert {event.batch for event in written} == {tally.batch}
    token = company.token_of(withdrawn[0])
    with pytest.raises(LinkWithdrawn), company.core.glance() as visit:
        read_link(visit, token)
    assert_sound(company.core)


@pytest.mark.parametrize("wanted", [Archive(take_over=True), GiveRole(Role.LEARNER, take_over=True)])
def test_invitations_can_be_taken_over_instead(company: House, peer: int, wanted: Change) -> None:
    """Taken over they are the operator's, their links live on and their mails leave (D6)."""
    tally = change_on_host(company.core, [peer], wanted)
    assert effects_of(tally).invitations_taken_over == 3
    assert effects_of(tally).invitations_withdrawn == 0
    for each in rows.states(company.core):
        one = rows.invitation(company.core, each)
        assert (one.state, one.invited_by, one.by_operator) == ("open", None, True)
    assert {mail.state for mail in rows.mails(company.core)} == {WAITING}
    written = rows.events(company.core, "invitation.taken_over")
    assert len(written) == 3
    assert written[0].details["inviter"]["old"] == "peer@example.com"
    assert written[0].details["inviter"]["old_id"] == peer
    with company.core.glance() as visit:
        read_link(visit, company.token_of(written[0].subject_id or 0))


def test_an_operator_with_an_account_takes_over_in_their_own_name(company: House, peer: int) -> None:
    """The invitations become those of the person who acts, as far as they could send them."""
    boss = rows.add_admin(company.core, "boss@example.com", "x")
    rows.set_role(company.core, boss, Role.OPERATOR)
    signed_in = rows.open_sign_in(company.core, "boss@example.com")
    change_as(company.core, signed_in, [peer], Archive(take_over=True))
    found = {rows.invitation(company.core, each).invited_by for each in rows.states(company.core)}
    assert found == {boss}


def test_what_became_of_a_mail_that_left_is_kept(company: House, peer: int) -> None:
    """Withdrawing drops mails that wait; one that was sent stays as it is (D6)."""
    first = rows.mails(company.core)[0].id
    with company.core.operator() as work:
        work.db.execute(update(OutboxMail).where(OutboxMail.id == first).values(state=SENT))
    change_on_host(company.core, [peer], Archive())
    assert [mail.state for mail in rows.mails(company.core)] == [SENT, DROPPED, DROPPED]


def test_dead_invitations_are_left_alone(company: House, peer: int, clock: MovableClock) -> None:
    """Expired and accepted invitations of somebody who goes are history and stay as they are."""
    clock.move(days=8)
    before = rows.states(company.core)
    tally = change_on_host(company.core, [peer], Archive())
    assert effects_of(tally).invitations_withdrawn == 0
    assert rows.states(company.core) == before


# --- seats ------------------------------------------------------------------------------------------------------


def test_archiving_frees_seats_with_a_trace(company: House, clock: MovableClock) -> None:
    """Each freed seat leaves an event with the license, so that it can be offered again (R43, R60)."""
    bo, cy = company.register("bo@example.com"), company.register("cy@example.com")
    first, second = add_license(company.core), add_license(company.core, "Safety “at” work")
    for license_id, user_id in ((first, bo), (second, bo), (first, cy)):
        give_seat(company.core, license_id, user_id)
    tally = change(company, [bo], Archive())
    assert effects_of(tally).seats_freed == 2
    assert (seats_of(company.core, bo), seats_of(company.core, cy)) == (set(), {first})
    written = rows.events(company.core, "seat.revoked")
    assert {(each.subject_kind, each.subject_id, each.batch) for each in written} == {
        ("user", bo, tally.batch)
    }
    assert {(each.details["license"]["id"], each.details["license"]["name"]) for each in written} == {
        (first, "Premium Sales"),
        (second, "Safety “at” work"),
    }
    assert all(each.details["license"]["held_since"][:10] == "2026-03-02" for each in written)
    back = effects_of(change(company, [bo], Reactivate()))
    assert back.notes == ("Seats do not come back by themselves: give them anew where they are needed.",)
    assert (back.seats_back, seats_of(company.core, bo)) == (0, set())


def test_records_of_learning_stay(company: House) -> None:
    """Lessons done and certificates survive archiving and coming back (R40)."""
    bo = company.register("bo@example.com")
    with company.core.operator() as work:
        course = Course(name="Safety", name_key="safety")
        work.db.add(course)
        work.db.flush()
        work.db.add(LessonCompletion(user_id=bo, course_id=course.id, lesson="1", completed_at=work.now))
        work.db.add(Certificate(user_id=bo, course_id=course.id, number="A1", issued_at=work.now))
    change(company, [bo], Archive())
    assert (rows.count(company.core, LessonCompletion), rows.count(company.core, Certificate)) == (1, 1)
    change(company, [bo], Reactivate())
    assert (rows.count(company.core, LessonCompletion), rows.count(company.core, Certificate)) == (1, 1)


def bring_back_with_seats(core: Core, ids: list[int], license_id: int) -> Tally:
    """Take an archiving back, with a seat of the license for everybody."""

    def fill(db: Session) -> None:
        those = User.id.in_(ids)
        stage_people(db, Source(condition=those), ("status",), {"status": literal("active")})
        seats = select(literal(license_id), User.id, User.created_at).where(those)
        db.execute(PLANNED_SEATS.insert().from_select(["license_id", "user_id", "held_since"], seats))

    run = Run("undo", "archive", "user.reactivated", ("status",), seats=BACK_WITH_PEOPLE)
    with core.operator() as work:
        return carry_out(work, run, fill, How())


def test_seats_are_given_back_as_far_as_there_is_room(company: House, core: Core) -> None:
    """A run that takes an archiving back gives seats in the order of the rows until the license is full (D8)."""
    ids = add_people(core, 4)
    license_id = add_license(core, seats=3)
    change(company, ids[:3], Archive())
    give_seat(core, license_id, ids[3])
    tally = bring_back_with_seats(core, ids[:3], license_id)
    assert (tally.done, effects_of(tally).seats_back) == (3, 2)
    assert [seats_of(core, each) for each in ids] == [{license_id}, {license_id}, set(), {license_id}]
    assert sorted(each.subject_id or 0 for each in rows.events(core, "seat.given")) == ids[:2]
    assert_sound(core)


def test_whoever_cannot_come_back_gets_no_seat_back(company: House, core: Core) -> None:
    """A person for whom there is no place under the cap stays without a seat (R43, R50)."""
    ids = add_people(core, 2)
    license_id = add_license(core)
    change(company, ids, Archive())
    rows.set_cap(core, 2)
    tally = bring_back_with_seats(core, ids, license_id)
    assert (tally.done, effects_of(tally).seats_back, dict(tally.failed)) == (1, 1, {"cap_reached": 1})
    assert [seats_of(core, each) for each in ids] == [{license_id}, set()]
    assert_sound(core)
