"""What the learning platform reports: counted once however often and in whatever order it is told, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import delete

from core.errors import Invalid, InvalidAddress, Missing, PermissionNeeded, Problem
from core.models import Certificate, Course, CourseProgress, LessonCompletion
from core.reading.learning import CertificateRow, CourseRecord, LessonRow, learned
from core.selection import lock_company
from core.services.learning import (
    issue_certificate,
    record_lesson,
    record_progress,
    register_course,
)
from core.services.people import Archive
from core.work import Work
from tests.databases import postgresql_only
from tests.people import House
from tests.services import rows
from tests.services.changes import change

COURSE = "Closing deals"
MONDAY = datetime(2026, 2, 2, 8, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
Report = Callable[[Work, int], bool]


@pytest.fixture
def bo(company: House) -> int:
    """Return a learner in a company whose platform has one course."""
    with company.core.system("platform") as work:
        register_course(work, COURSE)
    return company.register("bo@example.com")


def report(house: House, *reports: Callable[[Work], Any]) -> list[Any]:
    """Report as the platform does, everything in one transaction."""
    with house.core.system("platform") as work:
        return [each(work) for each in reports]


def records(house: House, user_id: int) -> list[CourseRecord]:
    """Return what somebody has learned, as the admin sees it."""
    with house.core.look(house.admin) as look:
        return learned(look, user_id)


REPORTS: tuple[Report, ...] = (
    lambda work, who: record_lesson(work, who, COURSE, "Lesson 1", at=TUESDAY),
    lambda work, who: record_lesson(work, who, "CLOSING  deals", " Lesson 1 ", at=MONDAY),
    lambda work, who: record_progress(work, who, COURSE, 60, at=WEDNESDAY),
    lambda work, who: record_progress(work, who, COURSE, 40, at=MONDAY),
    lambda work, who: issue_certificate(work, who, COURSE, "2026-1", at=WEDNESDAY),
)


def test_reports_count_once_in_whatever_order_they_come(company: House, bo: int) -> None:
    """Sent twice and in any order, the earliest moment of a lesson and the newest progress stay, by id and by address."""
    for order in list(permutations(REPORTS))[::7]:
        with company.core.system("platform") as work:
            for each in (*order, *order):
                each(work, bo)
        [record] = records(company, bo)
        assert (record.course, record.kind) == (COURSE, "course")
        assert (record.percent, record.started, record.updated) == (60, MONDAY, WEDNESDAY)
        assert record.lessons == (LessonRow("Lesson 1", MONDAY),)
        assert record.certificates == (CertificateRow("2026-1", WEDNESDAY),)
        with company.core.operator() as work:
            for model in (LessonCompletion, CourseProgress, Certificate):
                work.db.execute(delete(model))
    assert report(company, lambda work: record_lesson(work, " BO@Example.com ", COURSE, "Lesson 2")) == [True]
    assert records(company, bo)[0].lessons[0].at == company.core.ports.clock.now()


def test_progress_may_fall_and_of_one_moment_the_higher_counts(company: House, bo: int) -> None:
    """A course that has grown lowers the percentage; a report that was overtaken changes nothing but the beginning."""
    told = report(
        company,
        lambda work: record_progress(work, bo, COURSE, 100, at=TUESDAY),
        lambda work: record_progress(work, bo, COURSE, 80, at=WEDNESDAY),
        lambda work: record_progress(work, bo, COURSE, 70, at=WEDNESDAY),
        lambda work: record_progress(work, bo, COURSE, 20, at=MONDAY),
    )
    [record] = records(company, bo)
    assert told == [True, True, False, False]
    assert (record.percent, record.started, record.updated) == (80, MONDAY, WEDNESDAY)


def test_records_outlive_archiving_and_go_with_the_account(company: House, bo: int) -> None:
    """R40, R42: a late report about an archived person is recorded, and deleting the person takes everything away."""
    rows.archive(company.core, bo)
    assert report(company, *(lambda work, each=each: each(work, bo) for each in REPORTS)) == [
        True, False, True, False, True,
    ]  # fmt: skip
    assert records(company, bo)[0].percent == 60
    rows.delete_person(company.core, bo)
    tables = (LessonCompletion, CourseProgress, Certificate)
    assert [rows.count(company.core, each) for each in tables] == [0, 0, 0]
    with pytest.raises(Missing, match="There is no user"):
        report(company, lambda work: record_lesson(work, bo, COURSE, "Lesson 3"))


def test_what_cannot_be_meant_is_refused_and_nothing_of_the_block_is_kept(company: House, bo: int) -> None:
    """Each wrong report names its field or what exists instead, and takes back what was reported beside it."""
    ada = company.admin_id
    report(company, lambda work: issue_certificate(work, ada, COURSE, "2026-7"))
    wrong: list[tuple[Callable[[Work], object], type[Problem], str]] = [
        (lambda work: record_lesson(work, bo, "Opening", "1"), Missing, f"There is: {COURSE}."),
        (lambda work: record_lesson(work, "nobody@example.com", COURSE, "1"), Missing, "nobody@example.com"),
        (lambda work: record_lesson(work, "nobody", COURSE, "1"), InvalidAddress, "address"),
        (lambda work: record_lesson(work, bo, COURSE, " "), Invalid, "lesson"),
        (lambda work: record_lesson(work, bo, COURSE, "x" * 201), Invalid, "lesson"),
        (lambda work: record_lesson(work, bo, COURSE, "1", at=datetime(2026, 1, 1)), Invalid, "at"),  # noqa: DTZ001 - the point
        (lambda work: record_lesson(work, bo, COURSE, "1", at=work.now + timedelta(days=2)), Invalid, "at"),
        (lambda work: record_progress(work, bo, COURSE, 101), Invalid, "percent"),
        (lambda work: record_progress(work, bo, COURSE, True), Invalid, "percent"),
        (lambda work: issue_certificate(work, bo, COURSE, "2026-7"), Invalid, "number"),
        (lambda work: register_course(work, "closing DEALS", "path"), Invalid, "kind"),
        (lambda work: register_course(work, "New", "book"), Invalid, "kind"),
        (lambda work: register_course(work, " "), Invalid, "name"),
    ]
    for mistake, problem, told in wrong:
        with pytest.raises(problem) as raised:
            report(company, lambda work: record_lesson(work, bo, COURSE, "beside it"), mistake)
        assert told in (str(raised.value) if problem is Missing else raised.value.fields)  # type: ignore[attr-defined]
    assert records(company, bo) == []


def test_only_the_host_reports(company: House, bo: int) -> None:
    """A Company Admin cannot make up what somebody learned, nor a course; a course is made once, with an audit event."""
    verbs: tuple[Callable[[Work], object], ...] = (
        lambda work: record_lesson(work, bo, COURSE, "1"),
        lambda work: record_progress(work, bo, COURSE, 1),
        lambda work: issue_certificate(work, bo, COURSE, "1"),
        lambda work: register_course(work, "Other"),
    )
    for verb in verbs:
        with pytest.raises(PermissionNeeded), company.core.work(company.admin) as work:
            verb(work)
    once, twice, path = report(
        company,
        lambda work: register_course(work, "closing deals"),
        lambda work: register_course(work, COURSE),
        lambda work: register_course(work, "Selling", "path"),
    )
    assert (once == twice, once == path, rows.count(company.core, Course)) == (True, False, 2)
    assert [
        (each.subject_label, each.details, each.actor_label)
        for each in rows.events(company.core, "course.added")
    ] == [
        (COURSE, {"kind": "course"}, "system platform"),
        ("Selling", {"kind": "path"}, "system platform"),
    ]


def test_the_same_reports_at_once_count_once(company: House, bo: int) -> None:
    """Several workers of the platform that tell the same neither meet in a unique key nor lose the newest progress (R57)."""

    def tell(percent: int) -> tuple[bool, bool]:
        with company.core.system("platform") as work:
            done = record_lesson(work, bo, COURSE, "Lesson 1")
            record_progress(work, bo, COURSE, percent)
            return done, issue_certificate(work, bo, COURSE, "2026-1")

    with ThreadPoolExecutor(4) as workers:
        told = list(workers.map(tell, range(20)))
    assert [sum(each) for each in zip(*told, strict=True)] == [1, 1]
    [record] = records(company, bo)
    assert (record.percent, len(record.lessons), len(record.certificates)) == (19, 1, 1)


@postgresql_only
def test_reports_and_an_archiving_never_wait_for_each_other(company: House, bo: int) -> None:
    """The platform may report about many in one block: it holds nothing that a run of an admin needs, nor the other way round."""
    with company.core.system("platform") as work:
        record_lesson(work, bo, COURSE, "Lesson 1")
        assert change(company, [bo], Archive()).done == 1
    with company.core.operator() as host:
        lock_company(host.db)
        report(company, lambda work: issue_certificate(work, bo, COURSE, "2026-1"))
        report(company, lambda work: register_course(work, "Other"))
    assert [len(each.certificates) for each in records(company, bo)] == [1]
