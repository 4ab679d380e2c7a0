"""The part of the story that is about people who are there: a bulk change, a seat, an archiving, and undo of each."""

from __future__ import annotations

from core.errors import Problem, SignedOut, WrongCredentials
from core.filter_keys import parse_audit, parse_users
from core.reading import audit, company, users
from core.reading.users import UserRow
from core.roles import Role
from core.services.people import Archive, GiveRole, change_people
from core.services.signing_in import sign_in
from core.services.undoing import last_undoable, undo
from core.targets import Target
from tui.cli.story_parts import PASSWORD, SOURCE, Step, StepFailed, Story, expect
from tui.cli.story_seats import AFTER_UNDO, BEFORE_ARCHIVING, WHILE_ARCHIVED


def _plan_roles(story: Story) -> str:
    before = _learners(story)
    with story.core.plan(story.signed_in) as work:
        plan = change_people(work, _learners_there(story), GiveRole(Role.TRAINER), preview=True)
    expect(plan.done, "nobody would get the role")
    expect(_learners(story) == before, "the plan changed something")
    story.planned = plan.done
    story.learners = before
    return f"{plan.done:,} of {before:,} learners are in {story.department} and would be trainers; nothing was changed"


def _change_roles(story: Story) -> str:
    with story.core.work(story.signed_in) as work:
        tally = change_people(work, _learners_there(story), GiveRole(Role.TRAINER), expect=story.planned)
    batch = tally.batch or ""
    with story.core.look(story.signed_in) as look:
        events = audit.count(look, parse_audit(f"batch:{batch}"))
    expect(_learners(story) == story.learners - tally.done, "the number of learners is another one")
    expect(events == tally.done, f"{events} rows in the audit trail for {tally.done} people")
    return f"{tally.done:,} learners are trainers, a row in the audit trail for each, all under {batch}"


def _undo_roles(story: Story) -> str:
    tally = _undo_last(story)
    expect(tally == story.planned, f"{tally} of {story.planned} were taken back")
    expect(_learners(story) == story.learners, "the number of learners is another one than before")
    return f"{tally:,} people are learners again"


def _archive_self(story: Story) -> str:
    with story.core.look(story.signed_in) as look:
        own = look.actor.user_id
    with story.core.work(story.signed_in) as work:
        tally = change_people(work, Target(ids=[own]), Archive())
    expect(tally.done == 0 and tally.failed, "an admin could archive the own account")
    return f"refused: {' '.join(tally.sentences.values())}"


def _archive(story: Story) -> str:
    before = _guest(story)
    story.guest_sign_in = sign_in(
        story.core, story.guest, PASSWORD, source=SOURCE, surface="platform"
    ).sign_in_id
    with story.core.work(story.signed_in) as work:
        change_people(work, Target(ids=[before.id]), Archive())
    after = _guest(story)
    expect(after.status == "archived", f"the person is {after.status}")
    expect((after.role, after.department) == (before.role, before.department), "role or department is gone")
    return f"{after.name} is archived; role and department are kept"


def _archived_stays_out(story: Story) -> str:
    try:
        with story.core.look(story.guest_sign_in) as look:
            company.company(look)
    except SignedOut as ended:
        told: Problem = ended
    else:
        raise StepFailed("the open sign-in still works")
    try:
        sign_in(story.core, story.guest, PASSWORD, source=SOURCE, surface="platform")
    except WrongCredentials:
        return f"the open sign-in ended at once ({told.message}), and a new one is refused"
    raise StepFailed("an archived person could sign in")


def _undo_archive(story: Story) -> str:
    expect(_undo_last(story) == 1, "the archiving was not taken back")
    person = _guest(story)
    expect(person.status == "active", f"the person is {person.status}")
    signed_in = sign_in(story.core, story.guest, PASSWORD, source=SOURCE, surface="platform")
    expect(signed_in.role is person.role, f"signed in as {signed_in.role.label}")
    return f"{person.name} is active and can sign in as {person.role.label}"


STEPS: tuple[tuple[str, Step], ...] = (
    ("plan a change of many roles", _plan_roles),
    ("change them", _change_roles),
    ("take the change back", _undo_roles),
    ("archive oneself", _archive_self),
    *BEFORE_ARCHIVING,
    ("archive the new person", _archive),
    ("try to get in archived", _archived_stays_out),
    *WHILE_ARCHIVED,
    ("take the archiving back", _undo_archive),
    *AFTER_UNDO,
)


def _learners_there(story: Story) -> Target:
    return Target(chosen=parse_users(f'dept:"{story.department}" role:learner'))


def _learners(story: Story) -> int:
    with story.core.look(story.signed_in) as look:
        return users.count(look, parse_users("role:learner"))


def _undo_last(story: Story) -> int:
    with story.core.work(story.signed_in) as work:
        return undo(work, last_undoable(work)).done


def _guest(story: Story) -> UserRow:
    with story.core.look(story.signed_in) as look:
        found = users.rows(look, [users.by_address(look, story.guest)])
    expect(len(found) == 1, "the new person is not there")
    return found[0]
