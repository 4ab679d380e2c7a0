"""What the learning platform tells about people: lessons done, progress, certificates (R40, R42). This is its contract.

The platform opens `core.system("platform")`; everything reported inside one such block is written together or not at
all. A person is named by their id or their mail address, a course or learning path by its name; neither case nor
blanks matter. Moments have a time zone, percentages are whole numbers from 0 to 100.

Every report may be sent again, and reports may arrive in any order: what is recorded in the end is the same. So after
`Busy`, which may pass, or a broken connection the platform simply reports once more. `Missing` and `Invalid` do not
pass: somebody has deleted the person, or the report is wrong. What somebody learned is recorded whether they are
archived or not and whether they hold a seat or not: a late report tells of what was learned before (R40, S22).
Deleting a person takes all of it away (R42).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, or_, select, update

from core.dialects import add_row
from core.errors import Invalid, Missing
from core.models import Certificate, Course, CourseProgress, LessonCompletion, User
from core.roles import Permission
from core.services.places import clean_name
from core.values import Address, name_key, short_text
from core.work import Work

Who = int | str
COURSE, PATH = "course", "path"
_CALLED = {COURSE: "course", PATH: "learning path"}
_LESSON_MOST, _NUMBER_MOST = 200, 60
_WHOLE = 100
_MOST_LISTED = 12
_AHEAD = timedelta(days=1)


def register_course(work: Work, name: str, kind: str = COURSE) -> int:
    """Make a course or learning path known, by name only (R2); one that is known already stays as it is.

    Args:
        work: the open transaction.
        name: up to 200 characters.
        kind: `course` or `path`.

    Returns:
        Its id.

    Raises:
        Invalid: fields `name`, `kind`; also where the name belongs to one of the other kind.
    """
    work.require(Permission.RUN_HOST)
    if kind not in _CALLED:
        raise Invalid({"kind": f"“{kind}” is neither {COURSE} nor {PATH}."})
    clean = clean_name(name, _CALLED[kind])
    here = Course.name_key == name_key(clean)
    known = work.db.execute(select(Course.id, Course.name, Course.kind).where(here)).one_or_none()
    if known is None:
        values = {"name": clean, "name_key": name_key(clean), "kind": kind}
        made: int | None = add_row(work.db, Course, values, Course.id)
        if made is not None:
            work.record("course.added", "course", made, clean, kind=kind)
            return made
        known = work.db.execute(select(Course.id, Course.name, Course.kind).where(here)).one()
    if known.kind != kind:
        raise Invalid({"kind": f"{known.name} is known as a {_CALLED[known.kind]}. Choose another name."})
    return int(known.id)


def record_lesson(work: Work, who: Who, course: str, lesson: str, *, at: datetime | None = None) -> bool:
    """Record that somebody has done a lesson; reported twice it counts once, with the earlier moment.

    Args:
        work: the open transaction.
        who: the person's id or address.
        course: name of the course.
        lesson: its name or number within the course, up to 200 characters; letters count as they are.
        at: when; now where it is not told.

    Returns:
        Whether the lesson was not recorded before.

    Raises:
        Missing: no such person, no such course. InvalidAddress. Invalid: fields `lesson`, `at`. Busy.
    """
    work.require(Permission.RUN_HOST)
    clean, done = _text(lesson, "lesson", "The lesson", _LESSON_MOST), _moment(work, at)
    course_id = _course(work, course)
    user_id = _held(work, who)
    key = {"user_id": user_id, "course_id": course_id, "lesson": clean}
    values = {**key, "completed_at": done}
    if add_row(work.db, LessonCompletion, values, LessonCompletion.id) is not None:
        return True
    later = update(LessonCompletion).filter_by(**key).where(LessonCompletion.completed_at > done)
    work.db.execute(later.values(completed_at=done))
    return False


def record_progress(work: Work, who: Who, course: str, percent: int, *, at: datetime | None = None) -> bool:
    """Record how far somebody is; the newest moment counts, so a report that was overtaken changes nothing.

    A course may grow, so progress may fall. Of two reports of the same moment the higher percentage counts. The first
    moment told is when the course was begun.

    Args:
        work: the open transaction.
        who: the person's id or address.
        course: name of the course or learning path.
        percent: from 0 to 100.
        at: when it was so; now where it is not told.

    Returns:
        Whether it is the newest there is.

    Raises:
        Missing: no such person, no such course. InvalidAddress. Invalid: fields `percent`, `at`. Busy.
    """
    work.require(Permission.RUN_HOST)
    if type(percent) is not int or not 0 <= percent <= _WHOLE:
        raise Invalid({"percent": "Progress must be a whole number from 0 to 100."})
    told = _moment(work, at)
    course_id = _course(work, course)
    user_id = _held(work, who)
    key = {"user_id": user_id, "course_id": course_id}
    values = {**key, "percent": percent, "started_at": told, "updated_at": told}
    if add_row(work.db, CourseProgress, values, CourseProgress.user_id) is not None:
        return True
    known = CourseProgress
    own = update(known).filter_by(**key).execution_options(synchronize_session=False)
    work.db.execute(own.where(known.started_at > told).values(started_at=told))
    newest = or_(known.updated_at < told, and_(known.updated_at == told, known.percent <= percent))
    written = own.where(newest).values(updated_at=told, percent=percent).returning(known.user_id)
    return work.db.scalar(written) is not None


def issue_certificate(work: Work, who: Who, course: str, number: str, *, at: datetime | None = None) -> bool:
    """Record that somebody has earned a certificate; its number tells it from all others, so it counts once.

    Somebody may earn several certificates of one course, each with a number of its own.

    Args:
        work: the open transaction.
        who: the person's id or address.
        course: name of the course or learning path.
        number: as printed on the certificate, up to 60 characters; letters count as they are.
        at: when; now where it is not told. Reported twice, the earlier moment counts.

    Returns:
        Whether the certificate was not recorded before.

    Raises:
        Missing: no such person, no such course. InvalidAddress. Invalid: fields `number`, also where it belongs to
        somebody else's certificate or to another course, and `at`. Busy.
    """
    work.require(Permission.RUN_HOST)
    clean, issued = _text(number, "number", "The number", _NUMBER_MOST), _moment(work, at)
    course_id = _course(work, course)
    user_id = _held(work, who)
    owner = {"user_id": user_id, "course_id": course_id}
    values = {**owner, "number": clean, "issued_at": issued}
    if add_row(work.db, Certificate, values, Certificate.id) is not None:
        return True
    if work.db.scalar(select(Certificate.id).filter_by(**owner, number=clean)) is None:
        raise Invalid(
            {"number": f"The certificate {clean} was issued to somebody else or for another course."}
        )
    later = update(Certificate).where(Certificate.number == clean, Certificate.issued_at > issued)
    work.db.execute(later.values(issued_at=issued))
    return False


# --- inside -----------------------------------------------------------------------------------------------------


def _held(work: Work, who: Who) -> int:
    """Return the id of a person who cannot be deleted until the transaction ends.

    Nothing else waits for it: an archiving that meets a block of reports crosswise would have to fail.
    """
    if isinstance(who, int):
        condition, name = User.id == who, str(who)
    else:
        address = Address.parse(who)
        condition, name = User.address_key == address.key, address.typed
    found = work.db.scalar(select(User.id).where(condition).with_for_update(read=True, key_share=True))
    if found is None:
        raise Missing("user", name)
    return found


def _course(work: Work, name: str) -> int:
    found = work.db.scalar(select(Course.id).where(Course.name_key == name_key(name)))
    if found is None:
        known = work.db.scalars(select(Course.name).order_by(Course.name_key).limit(_MOST_LISTED)).all()
        raise Missing("course", name, tuple(known))
    return found


def _moment(work: Work, at: datetime | None) -> datetime:
    if at is None:
        return work.now
    if at.tzinfo is None:
        raise Invalid({"at": "The moment must have a time zone."})
    if at > work.now + _AHEAD:
        raise Invalid({"at": f"{at.isoformat()} lies in the future. Check the clock it was taken from."})
    return at.astimezone(UTC)


def _text(text: str, field: str, label: str, most: int) -> str:
    clean = short_text(text, field=field, label=label, most=most)
    if not clean:
        raise Invalid({field: f"{label} is missing."})
    return clean
