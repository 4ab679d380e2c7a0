"""What a run on many people tells: refused rows, steps, effects, its name; and what it costs (R60, D4), on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from core.core import Core
from core.errors import PlanChanged
from core.filter_keys import parse_users
from core.models import AuditEvent, Batch
from core.roles import Role
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    change_people,
    summary_of,
)
from core.services.runs import begin_run
from core.tally import Move, Verdict
from core.targets import Target
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows
from tests.services.changes import (
    VERBS,
    add_people,
    assert_sound,
    change,
    change_target,
    people,
)

pytestmark = pytest.mark.slow

HIGHER = "A higher role counts from the next sign-in: tell those people to sign out and in again."
LOWER = "A lower role counts at once."


@pytest.fixture
def statements(company: House) -> Iterator[list[str]]:
    """Collect every SQL statement that goes to the driver."""
    seen: list[str] = []
    engine = company.core._engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


class Impatience:
    """A listener who cancels before the step with the given place."""

    def __init__(self, place: int) -> None:
        self._left = place

    def hear(self, _step: str, _people: int) -> None:
        """Count down, then cancel."""
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1


def test_each_refused_row_is_told_once(company: House) -> None:
    """The tally holds a hundred examples, a listener hears all of them in order, and the counts are whole."""
    gone = list(range(1000, 1250))
    heard: list[Verdict] = []
    tally = change(company, [*gone, company.admin_id], Archive(), each_refused=heard.append)
    assert [verdict.id for verdict in heard] == [*gone, company.admin_id]
    assert tally.verdicts == tuple(heard[:100])
    assert dict(tally.failed) == {"last_admin": 1, "person_gone": 250}
    assert {code: len(ids) for code, ids in tally.refused_ids.items()} == dict(tally.failed)
    assert set(tally.sentences) == set(tally.failed)


def test_steps_are_counted_and_whatever_the_listener_raises_stops_the_run(company: House) -> None:
    """Each step says which of how many it is; an error in the listener leaves nothing of the run (D4)."""
    ids = people(company, Role.LEARNER, Role.TRAINER)
    heard: list[str] = []
    change(company, ids, SetLanguage("de"), progress=lambda step, _people: heard.append(step))
    places = [step.split()[1] for step in heard]
    total = len(heard)
    assert places[4:] == [f"{place}/{total}" for place in range(5, total + 1)]
    assert [step.split()[0] for step in heard[:4]] == ["stage", "judge", "judge", "count"]

    for stop in range(total):
        before = rows.dump(company.core)

        with pytest.raises(KeyboardInterrupt):
            change(company, ids, SetLanguage("fr"), progress=Impatience(stop).hear)
        after = rows.dump(company.core)
        assert {name for name in after if after[name] != before[name]} <= {"sign_ins"}


def test_another_number_than_confirmed_writes_nothing(company: House) -> None:
    """When the plan no longer fits what was confirmed, the run is refused and says both numbers."""
    ids = people(company, Role.LEARNER, Role.LEARNER)
    with pytest.raises(PlanChanged, match="3 people were confirmed, now it would be 2"):
        change(company, ids, GiveRole(Role.TRAINER), expect=3)
    with pytest.raises(PlanChanged, match="1 person was confirmed, now it would be 2"):
        change(company, ids, GiveRole(Role.TRAINER), expect=1)
    assert rows.actions(company.core)["user.role_changed"] == 0
    assert change(company, ids, GiveRole(Role.TRAINER), expect=2).done == 2


def test_a_run_has_its_row_among_the_batches(company: House, core: Core) -> None:
    """A run that was begun is finished under its name, with its summary and its numbers; a preview leaves none."""
    ids = people(company, Role.LEARNER, Role.TRAINER)
    wanted = Place(company.departments["Sales"], join=(company.groups["Night shift"],))
    change(company, ids, wanted, preview=True)
    assert rows.count(core, Batch) == 0
    with core.work(company.admin) as work:
        summary = summary_of(work, wanted)
        name = begin_run(work, wanted.verb, summary)
    tally = change(company, [*ids, 999], wanted, batch=name)
    with core.operator_look() as look:
        [row] = look.db.query(Batch).all()
    assert tally.batch == name == row.name
    assert (row.verb, row.summary) == ("place", "department: Sales; join: Night shift")
    assert (row.done, row.refused, row.finished_at) == (2, 1, core.ports.clock.now())
    assert {each.batch for each in rows.events(core, "user.placed")} == {name}


@sqlite_only
def test_the_list_of_changes_holds_nothing_that_was_typed_about_people(company: House) -> None:
    """A job title is a person's own data; the list of changes outlives people, so it tells the field alone (R42)."""
    with company.core.look(company.admin) as look:
        assert summary_of(look, SetJobTitle("Aide to Bo Berg")) == "job title"
        assert summary_of(look, SetJobTitle("")) == "job title: none"


def test_moves_tell_from_what_to_what(company: House) -> None:
    """The plan counts people by the step they make, biggest first, with names and not numbers."""
    ids = people(company, Role.LEARNER, Role.LEARNER, Role.TRAINER)
    role = change(company, ids, GiveRole(Role.CONTENT_MANAGER), preview=True).effects
    assert role is not None
    assert role.moves == (
        Move("role", "Learner", "Content Manager", 2),
        Move("role", "Trainer", "Content Manager", 1),
    )
    assert role.notes == (HIGHER,)
    place = Place(company.departments["Sales"], join=(company.groups["Night shift"],))
    placed = change(company, ids, place, preview=True).effects
    assert placed is not None
    assert placed.moves == (Move("department", "", "Sales", 3), Move("groups", "", "Night shift", 3))


def test_a_new_role_says_only_what_applies_to_those_people(company: House) -> None:
    """A loss counts at once, a gain from the next sign-in; both are told where both happen, neither where none does."""
    ids = people(company, Role.LEARNER, Role.CONTENT_MANAGER, Role.TRAINER)
    for of, notes in ((ids[:1], (HIGHER,)), (ids[1:2], (LOWER,)), (ids[:2], (HIGHER, LOWER)), (ids[2:], ())):
        effects = change(company, of, GiveRole(Role.TRAINER), preview=True).effects
        assert effects is not None
        assert effects.notes == notes


@pytest.mark.parametrize("wanted", VERBS, ids=lambda wanted: wanted.verb)
def test_a_preview_writes_nothing_and_tells_what_happens(company: House, wanted: Change) -> None:
    """The plan is the run without its end: same numbers, same rows, same effects, nothing written (D4)."""
    ids = people(company, Role.LEARNER, Role.CONTENT_MANAGER)
    if isinstance(wanted, Place):
        wanted = Place(company.departments["Support"])
    if isinstance(wanted, Reactivate):
        change(company, ids[:1], Archive())
    before = rows.dump(company.core)
    plan = change(company, [*ids, 999], wanted, preview=True)
    after = rows.dump(company.core)
    assert {name for name, table in after.items() if table != before[name]} <= {"sign_ins"}
    assert (plan.preview, plan.batch) == (True, None)
    tally = change(company, [*ids, 999], wanted)
    assert tally.done == plan.done > 0
    assert (tally.verdicts, tally.effects, tally.done_ids) == (plan.verdicts, plan.effects, plan.done_ids)
    assert tally.to_json() | {"preview": True, "batch": None} == plan.to_json()
    assert_sound(company.core)


@pytest.mark.parametrize("wanted", VERBS, ids=lambda wanted: wanted.verb)
def test_a_thousand_take_as_many_statements_as_ten(
    company: House, statements: list[str], wanted: Change
) -> None:
    """The number of SQL statements of a run does not depend on how many people it changes."""
    found = add_people(company.core, 1010)
    if isinstance(wanted, Place):
        wanted = Place(company.departments["Sales"], join=(company.groups["Night shift"],))
    if isinstance(wanted, Reactivate):
        change_target(company, Target(chosen=parse_users("role:learner")), Archive())
    used = []
    for part in (found[:10], found[10:1010]):
        statements.clear()
        tally = change(company, part, wanted)
        assert tally.done == len(part)
        used.append(len(statements))
        assert rows.count(company.core, AuditEvent) >= tally.done
    assert used[0] == used[1]


def test_a_plan_waits_for_nobody(company: House, core: Core) -> None:
    """While somebody else is changing the company a preview is answered, from what was true before."""
    ids = people(company, Role.LEARNER, Role.LEARNER)
    with core.operator() as writing:
        assert change_people(writing, Target(ids=ids[:1]), Archive()).done == 1
        with core.plan(company.admin) as work:
            plan = change_people(work, Target(ids=ids), Archive(), preview=True)
        assert list(plan.done_ids) == ids
    assert list(change(company, ids, Archive()).done_ids) == ids[1:]
