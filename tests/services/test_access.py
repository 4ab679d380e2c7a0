"""What the learning platform asks, and why somebody cannot see a course: one judgment, on both databases."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import event, insert, select

from core.errors import Missing
from core.models import Course, SeatWaiter
from core.reading.reasons import Fact
from core.reading.why import why_person
from core.reading.why_courses import CourseAccess, courses_of, why_course, why_courses
from core.services.learning import issue_certificate, record_lesson, record_progress, register_course
from core.services.signing_in import Access, may_open, may_sign_in
from tests.house.sources import ROOT
from tests.learners import bought, hold, let_go
from tests.people import House
from tests.services import rows

BO, COURSE, PATH = "bo@example.com", "Closing deals", "First weeks"
LAST_DAY = date(2026, 3, 4)


def opens(house: House, course: str = COURSE, address: str = BO) -> Access:
    """Ask as the platform does."""
    with house.core.glance() as visit:
        return may_open(visit, address, course)


def asked(house: House, user_id: int) -> dict[str, str]:
    """Return for each course the code of what the admin is told; empty where it opens."""
    with house.core.look(house.admin) as look:
        return {each.course: each.refusal.code if each.refusal else "" for each in courses_of(look, user_id)}


def why(house: House, user_id: int, course: str = COURSE) -> list[Fact]:
    """Ask why somebody can or cannot see a course, as the admin."""
    with house.core.look(house.admin) as look:
        course_id = look.db.scalars(select(Course.id).where(Course.name == course)).one()
        facts = why_course(look, user_id, course_id)
        every: dict[CourseAccess, list[Fact]] = dict(why_courses(look, user_id))
        assert next(found for each, found in every.items() if each.course == course) == facts
    return facts


def mended(facts: list[Fact]) -> list[tuple[str, str, str]]:
    """Return label, mend and subject of what is in the way."""
    return [(fact.label, fact.mend, fact.subject) for fact in facts if fact.state == "no"]


def test_each_thing_in_the_way_is_told_in_order_until_the_course_opens(company: House) -> None:
    """License, seat, end of the license and account are asked in this order; platform, list and panel say the same."""
    bo = company.register(BO)
    with company.core.system("platform") as work:
        register_course(work, COURSE)
    assert opens(company).code == "course_not_licensed"
    assert mended(why(company, bo)) == [("Course", "license_courses", COURSE)]

    sales = bought(company, "Premium Sales", [COURSE], paths=[PATH], until=LAST_DAY)
    assert opens(company) == Access(
        False,
        "seat_needed",
        f"{BO} holds no seat of a license that includes {COURSE}. A Company Admin can give one.",
    )
    assert mended(why(company, bo)) == [("Seat", "seats", "Premium Sales")]
    assert "5 of 5 seats are free, until 2026-03-04" in why(company, bo)[-2].value

    hold(company, sales, bo)
    assert opens(company, " closing  DEALS ", " BO@Example.com ") == opens(company, PATH) == Access(True)
    assert asked(company, bo) == {COURSE: "", PATH: ""}
    assert [fact.state for fact in why(company, bo, PATH)] == ["ok"] * 5 + ["note"]

    clock = company.core.ports.clock
    clock.move(days=2, hours=14, minutes=59)  # type: ignore[attr-defined]  # 23:59 on the last day
    assert opens(company).allowed
    clock.move(minutes=1)  # type: ignore[attr-defined]
    assert opens(company).code == "no_license_in_force"
    company.admin = company.sign_in()
    assert mended(why(company, bo)) == [
        ("In force", "", "Premium Sales"),
        ("License Premium Sales", "license_until", "Premium Sales"),
    ]

    hold(company, bought(company, "Forever", [COURSE]), bo)
    assert opens(company).allowed
    assert mended(why(company, bo)) == []
    rows.archive(company.core, bo)
    assert (opens(company).code, asked(company, bo)) == (
        "account_archived",
        {COURSE: "account_archived", PATH: "account_archived"},
    )
    assert mended(why(company, bo))[:2] == [("Account", "reactivate", ""), ("Sign-in", "reactivate", "")]


def test_a_revoked_seat_counts_at_once_and_what_was_learned_stays(company: House) -> None:
    """S20, S22: the next question is answered with no, and lessons, progress and certificate are still told."""
    bo = company.register(BO)
    hold(company, bought(company, "Premium Sales", [COURSE]), bo)
    with company.core.system("platform") as work:
        record_lesson(work, bo, COURSE, "Lesson 1")
        record_progress(work, bo, COURSE, 40)
        issue_certificate(work, bo, COURSE, "2026-1")
    assert opens(company).allowed
    let_go(company, bo)
    assert opens(company).code == "seat_needed"
    assert why(company, bo)[-1].value.startswith("40 %, 1 lesson done, certificate 2026-1; kept")
    with company.core.look(company.admin) as look:
        told = {fact.label: fact for fact in why_person(look, bo)}
    assert (told["Seats"].mend, told["Records"].value) == ("seats", "1 lesson done, 1 certificate")
    assert (told["Courses"].value, told["Courses"].mend) == ("0 of 1 can be opened", "courses")


def test_a_full_license_and_a_waiting_list_are_told(company: House) -> None:
    """Where no seat can be given core's own sentence stands, and whoever waits is told to."""
    bo, cy = company.register(BO), company.register("cy@example.com")
    small = bought(company, "Small", [COURSE], seats=1)
    hold(company, small, cy)
    full = why(company, bo)[-2]
    assert (full.label, full.mend) == ("License Small", "")
    assert full.value.startswith("No seat of Small is left.")
    with company.core.operator() as work:
        waiter = {"license_id": small, "user_id": bo, "since": work.now, "batch": None}
        work.db.execute(insert(SeatWaiter).values(**waiter))
    assert why(company, bo)[-2].value == "waits for a seat since 2026-03-02 09:00 UTC"


def test_signing_in_is_for_active_people_and_strangers_learn_nothing(company: House) -> None:
    """An archived person is told so; an unknown address and a text that is none get the answer of a wrong password."""
    bo = company.register(BO)

    def may(address: str) -> Access:
        with company.core.glance() as visit:
            return may_sign_in(visit, address)

    assert may(" BO@example.com") == Access(True)
    rows.archive(company.core, bo)
    assert may(BO).code == "account_archived"
    stranger = may("nobody@example.com")
    assert stranger == may("my secret") == opens(company, address="nobody@example.com")
    assert (stranger.code, stranger.allowed) == ("wrong_credentials", False)
    assert "nobody" not in stranger.message


def test_each_question_of_the_platform_is_one_query(company: House) -> None:
    """Asking costs a single statement, however many licenses include the course."""
    bo = company.register(BO)
    for number in range(3):
        hold(company, bought(company, f"License {number}", [COURSE]), bo)
    with company.core.glance() as visit:
        seen: list[str] = []
        engine = visit.db.connection().engine

        def count(*told: object) -> None:
            seen.append(str(told[2]))

        event.listen(engine, "before_cursor_execute", count)
        try:
            assert may_sign_in(visit, BO).allowed
            assert may_open(visit, BO, COURSE).allowed
        finally:
            event.remove(engine, "before_cursor_execute", count)
    assert len(seen) == 2


def test_nobody_and_no_course_are_missing(company: House) -> None:
    """Asking about a person or a course that does not exist says so."""
    with company.core.look(company.admin) as look:
        for question in (lambda: courses_of(look, 999), lambda: why_course(look, company.admin_id, 999)):
            with pytest.raises(Missing):
                question()


def test_the_example_of_the_readme_runs(company: House, capsys: pytest.CaptureFixture[str]) -> None:
    """What core/README.md shows to those who write the platform works as it stands."""
    bo = company.register(BO)
    hold(company, bought(company, "Premium Sales", [COURSE]), bo)
    text = (ROOT / "core" / "README.md").read_text("utf-8").partition("## The learning platform")[2]
    [example] = re.findall("```python\n(.*?)```", text.partition("\n## ")[0], re.DOTALL)
    exec(example, {"core": company.core})  # noqa: S102 - it is our own documentation
    assert capsys.readouterr().out == "Welcome.\n"
    assert rows.all_of(company.core, select(Course.name)) == [(COURSE,)]
    assert why(company, bo)[-1].value.startswith("100 %, 1 lesson done, certificate 2026-0042")
