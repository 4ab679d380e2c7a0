"""The part of the story that is about a seat: given, used, free at once when its holder leaves, and back by undo."""

from __future__ import annotations

from core.filter_keys import parse_audit, parse_licenses, parse_mail
from core.reading import audit, licenses, mail, users
from core.reading.licenses import LicenseRow
from core.services.people import GiveSeat, change_people
from core.services.signing_in import Access, may_open
from core.targets import Target
from tui.cli.story_parts import Step, Story, expect


def _knock(story: Story) -> str:
    with story.core.look(story.signed_in) as look:
        offered = licenses.first(look, parse_licenses("is:free -is:expired"))
    roomy = [each for each in offered if each.free and each.courses]
    expect(roomy, "no license has a free seat and a course")
    story.license_id, story.course = roomy[0].id, roomy[0].courses[0]
    answer = _may_open(story)
    expect(answer.code == "seat_needed", f"the course is open without a seat: {answer.code}")
    return f"refused: {answer.message}"


def _give(story: Story) -> str:
    before, guest = _license(story), _guest_id(story)
    with story.core.plan(story.signed_in) as work:
        plan = change_people(work, Target(ids=[guest]), GiveSeat(story.license_id), preview=True)
    expect(_license(story) == before, "the plan changed something")
    with story.core.work(story.signed_in) as work:
        change_people(work, Target(ids=[guest]), GiveSeat(story.license_id), expect=plan.done)
    after = _license(story)
    expect((after.used, after.free) == (before.used + 1, before.free - 1), f"{after.used} seats are in use")
    expect(_may_open(story).allowed, "the course stays closed")
    with story.core.look(story.signed_in) as look:
        waiting = mail.count(look, parse_mail(f"kind:seat_granted to:{story.guest}"))
    expect(waiting == 1, f"{waiting} mails tell of the seat")
    told = plan.effects.notes[0] if plan.effects and plan.effects.notes else ""
    return f"{after.name}: {told} The course “{story.course}” opens, and a mail says so"


def _find_free(story: Story) -> str:
    row, answer = _license(story), _may_open(story)
    expect(not _holds(story), "the archived person holds a seat")
    expect(answer.code == "account_archived", f"the course answers {answer.code or 'that it is open'}")
    return f"{row.name} has {row.free:,} seats free again; the course is closed ({answer.message})"


def _find_back(story: Story) -> str:
    expect(_holds(story), "the seat is gone")
    expect(_may_open(story).allowed, "the course stays closed")
    with story.core.look(story.signed_in) as look:
        actions = ("seat.given", "seat.revoked")
        given, revoked = (
            audit.count(look, parse_audit(f"action:{action} subject:{story.guest}")) for action in actions
        )
    expect((given, revoked) == (2, 1), f"the trail tells of {given} given and {revoked} revoked")
    return f"{_license(story).name} is held again and “{story.course}” opens; the trail tells of given, revoked, given"


BEFORE_ARCHIVING: tuple[tuple[str, Step], ...] = (
    ("open a course without a seat", _knock),
    ("give a seat", _give),
)
WHILE_ARCHIVED: tuple[tuple[str, Step], ...] = (("find the seat free", _find_free),)
AFTER_UNDO: tuple[tuple[str, Step], ...] = (("find the seat held again", _find_back),)


def _license(story: Story) -> LicenseRow:
    with story.core.look(story.signed_in) as look:
        [row] = licenses.rows(look, [story.license_id])
    return row


def _guest_id(story: Story) -> int:
    with story.core.look(story.signed_in) as look:
        return users.by_address(look, story.guest)


def _holds(story: Story) -> bool:
    with story.core.look(story.signed_in) as look:
        held = licenses.seats_of(look, users.by_address(look, story.guest))
    return any(seat.license_id == story.license_id for seat in held)


def _may_open(story: Story) -> Access:
    with story.core.glance() as visit:
        return may_open(visit, story.guest, story.course)
