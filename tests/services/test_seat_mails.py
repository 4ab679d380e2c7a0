"""Mails about licenses: who gets one, what is looked up right before it leaves, and what is dropped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, event, insert, select, update

from core.core import Core
from core.mail.about import about
from core.mail.outbox import claim
from core.mail.parts import SEAT_GRANTED
from core.models import Course, License, LicenseCourse, OutboxMail, Seat, User
from core.models.outbox import SINGLE
from core.roles import Role
from core.services.mailing import Delivery, deliver_due
from core.services.people import GiveSeat, change_people
from core.targets import Target
from tests.clock import MovableClock
from tests.people import House
from tests.posts import ScriptedPost, mails_of
from tests.services import rows

LAST_DAY = date(2026, 3, 12)  # ten days after the clock's first


@pytest.fixture
def post() -> ScriptedPost:
    """Return the mail server of the test's core."""
    return ScriptedPost()


def license_of(
    core: Core, name: str, *, seats: int = 10, until: date | None = None, courses: Iterable[str] = ()
) -> int:
    """Record a license that opens courses."""
    with core.operator() as work:
        bought = License(
            name=name, name_key=name.lower(), seats_total=seats, expires_on=until, created_at=work.now
        )
        opened = [Course(name=each, name_key=each.lower(), kind="course") for each in courses]
        work.db.add_all([bought, *opened])
        work.db.flush()
        for each in opened:
            work.db.add(LicenseCourse(license_id=bought.id, course_id=each.id))
        return bought.id


def hold(core: Core, license_id: int, *people: int) -> None:
    """Give people seats without a mail."""
    with core.operator() as work:
        given = [{"license_id": license_id, "user_id": each, "held_since": work.now} for each in people]
        work.db.execute(insert(Seat), given)


def crowd(core: Core, number: int) -> list[int]:
    """Make so many active learners at once."""
    with core.operator() as work:
        made = [
            {
                "address": f"p{each}@example.com", "address_key": f"p{each}@example.com", "role": int(Role.LEARNER),
                "password_hash": "none", "search_key": f"p{each}", "sort_key": f"p{each}", "created_at": work.now,
            }
            for each in range(number)
        ]  # fmt: skip
        return list(work.db.scalars(insert(User).returning(User.id), made))


def queue(core: Core, people: Iterable[int], *licenses: tuple[int, str]) -> None:
    """Queue the mails that a run which gives seats queues."""
    named = [{"id": each, "name": name} for each, name in licenses]
    with core.operator() as work:
        for each in work.db.execute(select(User.id, User.address).where(User.id.in_(list(people)))):
            work.db.add(
                OutboxMail(
                    kind=SEAT_GRANTED, to_address=each.address, details={"licenses": named}, user_id=each.id,
                    priority=SINGLE, created_at=work.now, due_at=work.now,
                )
            )  # fmt: skip


def subjects(post: ScriptedPost) -> list[str]:
    """Return the subjects of what was sent."""
    return [str(each["Subject"]) for each in post.taken]


def text_of(message: EmailMessage) -> str:
    """Return the words of the text part."""
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


# --- access granted -----------------------------------------------------------------------------------------------


def test_whoever_was_given_a_seat_hears_what_it_opens(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A moment after the seat the mail names the license and what it includes, as they are when it leaves."""
    core, bo = company.core, company.register("bo@example.com")
    premium = license_of(core, "Premium Sales", until=LAST_DAY, courses=["Closing", "Asking"])
    deliver_due(core)
    with core.work(company.admin) as work:
        assert change_people(work, Target(ids=[bo]), GiveSeat(premium)).done == 1
    assert deliver_due(core) == Delivery()
    with core.operator() as work:
        work.db.execute(update(License).where(License.id == premium).values(name="Premium Sales EMEA"))
    clock.move(seconds=11)
    assert deliver_due(core) == Delivery(sent=1)
    assert subjects(post)[-1] == "You've been granted access to Premium Sales EMEA"
    told = text_of(post.taken[-1])
    assert (
        "Premium Sales EMEA: access until Thursday, 12 March 2026. Courses included: Asking, Closing." in told
    )


def test_only_what_is_still_held_is_told(company: House, post: ScriptedPost) -> None:
    """Of several licenses that a mail was to name, those whose seat is gone are left out."""
    core = company.core
    premium, basics = license_of(core, "Premium Sales"), license_of(core, "Basics")
    hold(core, premium, company.admin_id)
    queue(core, [company.admin_id], (basics, "Basics"), (premium, "Premium Sales"))
    assert deliver_due(core) == Delivery(sent=1)
    assert subjects(post) == ["You've been granted access to Premium Sales"]
    assert "Basics" not in text_of(post.taken[-1])


@pytest.mark.parametrize("gone", ["archived", "deleted", "revoked", "expired"])
def test_a_mail_about_a_seat_that_opens_nothing_any_more_is_dropped(
    company: House, post: ScriptedPost, clock: MovableClock, gone: str
) -> None:
    """Whoever was archived, deleted, lost the seat or holds one of an expired license gets no mail, with the reason."""
    core, bo = company.core, company.register("bo@example.com")
    premium = license_of(core, "Premium Sales", until=clock.now().date())
    deliver_due(core)
    hold(core, premium, bo)
    queue(core, [bo], (premium, "Premium Sales"))
    if gone == "archived":
        rows.archive(core, bo)
    elif gone == "deleted":
        rows.delete_person(core, bo)
    elif gone == "revoked":
        with core.operator() as work:
            work.db.execute(delete(Seat))
    else:
        clock.move(days=1)
    assert deliver_due(core) == Delivery(dropped=1)
    wanted = "has expired" if gone == "expired" else "account or the seat is gone"
    assert wanted in mails_of(company)[-1].last_error
    assert len(post.taken) == 1


def test_a_mail_to_many_costs_no_question_each(company: House, clock: MovableClock) -> None:
    """What two hundred mails about one license need is found with three statements."""
    core = company.core
    people = crowd(core, 200)
    premium = license_of(core, "Premium Sales", seats=500, courses=["Closing"])
    hold(core, premium, *people)
    queue(core, people, (premium, "Premium Sales"))
    with core.system("outbox") as work:
        claims = claim(work.db, work.now, 500)
        asked: list[str] = []
        engine = work.db.get_bind().engine
        event.listen(engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        found = about(work.db, claims, work.now)
    assert len(found) == 200
    assert not [each for each in found.values() if isinstance(each, str)]
    assert len([each for each in asked if each.startswith("SELECT")]) <= 3
