"""Changing many people at once: who may be changed, to what, and what is told (R33-R45, D7), on both databases."""

from __future__ import annotations

from array import array

import pytest

from core.errors import Invalid, InvalidFilter, Missing, PermissionNeeded, RoleNotBelowOwn
from core.filter_keys import parse_users
from core.models import Batch
from core.roles import Role
from core.services.people import (
    KEEP,
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
)
from core.tally import Room
from core.targets import Target
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows
from tests.services.changes import (
    VERBS,
    assert_sound,
    change,
    change_as,
    change_on_host,
    change_target,
    codes,
    effects_of,
    people,
)

# --- each verb --------------------------------------------------------------------------------------------------


def test_giving_a_role_changes_everybody_below_ones_own(company: House) -> None:
    """Each person gets the role, an event with old and new, and a higher version; all under one batch (R33, R60)."""
    ids = people(company, Role.LEARNER, Role.LEARNER, Role.CONTENT_MANAGER)
    tally = change(company, ids, GiveRole(Role.TRAINER))
    assert (tally.done, tally.verdicts, list(tally.done_ids)) == (3, (), ids)
    assert [rows.person(company.core, each).role for each in ids] == [Role.TRAINER] * 3
    assert [rows.person(company.core, each).version for each in ids] == [2] * 3
    written = rows.events(company.core, "user.role_changed")
    assert [(each.subject_id, each.details["role"]["old"]) for each in written] == [
        (ids[0], "learner"),
        (ids[1], "learner"),
        (ids[2], "content-manager"),
    ]
    assert {(each.details["role"]["new"], each.batch, each.actor_id) for each in written} == {
        ("trainer", tally.batch, company.admin_id)
    }
    assert_sound(company.core)


def test_placing_sets_the_department_and_the_groups(company: House) -> None:
    """Department and groups change together, in one event that holds ids to take it back by and names to read (R35)."""
    sales, support = company.departments["Sales"], company.departments["Support"]
    onboarding, night = company.groups["Q3 onboarding"], company.groups["Night shift"]
    bo = company.register("bo@example.com", department="Sales", groups=["Night shift"])
    cy = company.register("cy@example.com", groups=["Q3 onboarding"])
    tally = change(company, [bo, cy], Place(support, join=(onboarding,), leave=(night,)))
    assert tally.done == 2
    assert [rows.groups_of(company.core, each) for each in (bo, cy)] == [{"Q3 onboarding"}] * 2
    assert [rows.person(company.core, each).department_id for each in (bo, cy)] == [support] * 2
    first, second = [each.details for each in rows.events(company.core, "user.placed")]
    assert first == {
        "department": {"old": "Sales", "new": "Support", "old_id": sales, "new_id": support},
        "groups": {
            "joined": [onboarding],
            "joined_names": ["Q3 onboarding"],
            "left": [night],
            "left_names": ["Night shift"],
        },
    }
    assert second == {"department": {"old": "", "new": "Support", "old_id": None, "new_id": support}}


def test_joining_several_groups_is_told_in_one_event(company: House) -> None:
    """A person who joins two groups has one event with both, in the order of their ids."""
    bo = company.register("bo@example.com")
    both = tuple(sorted(company.groups.values()))
    change(company, [bo], Place(join=both))
    [written] = rows.events(company.core, "user.placed")
    assert written.details["groups"]["joined"] == list(both)
    assert written.details["groups"]["left"] == written.details["groups"]["left_names"] == []


def test_leaving_any_department_is_possible(company: House) -> None:
    """None takes people out of any department, and the trail shows where they were."""
    bo = company.register("bo@example.com", department="Sales")
    change(company, [bo], Place(None))
    assert rows.person(company.core, bo).department_id is None
    [written] = rows.events(company.core, "user.placed")
    assert written.details["department"] | {"old_id": 0} == {
        "old": "Sales",
        "new": "",
        "old_id": 0,
        "new_id": None,
    }


def test_archiving_and_back(company: House, clock: MovableClock) -> None:
    """Archiving sets the moment, reactivating clears it; each leaves an event (R39, R45)."""
    [bo] = people(company, Role.LEARNER)
    assert change(company, [bo], Archive()).done == 1
    person = rows.person(company.core, bo)
    assert (person.status, person.archived_at) == ("archived", clock.now())
    assert change(company, [bo], Reactivate()).done == 1
    person = rows.person(company.core, bo)
    assert (person.status, person.archived_at, person.version) == ("active", None, 3)
    assert rows.events(company.core, "user.archived")[0].details == {
        "status": {"old": "active", "new": "archived"}
    }
    assert rows.events(company.core, "user.reactivated")[0].details == {
        "status": {"old": "archived", "new": "active"}
    }


@pytest.mark.parametrize(
    ("wanted", "field", "value"),
    [(SetLanguage("de"), "language", "de"), (SetJobTitle("  Guide "), "job_title", "Guide")],
)
def test_language_and_job_title_are_set(company: House, wanted: Change, field: str, value: str) -> None:
    """The language and the job title of many are set at once, blanks around removed (R36)."""
    ids = people(company, Role.LEARNER, Role.TRAINER)
    assert change(company, ids, wanted).done == 2
    assert [getattr(rows.person(company.core, each), field) for each in ids] == [value] * 2
    assert [each.details for each in rows.events(company.core, "user.edited")] == [
        {field: {"old": "", "new": value}}
    ] * 2


@sqlite_only
def test_odd_characters_survive_in_the_trail(company: House) -> None:
    """Quotes, backslashes, markup and letters of any script stand in the event as they were typed."""
    title = 'a "b" \\ [c] {d} \x1b[31m دليل 指南 🧭 é'
    ids = people(company, Role.LEARNER)
    change(company, ids, SetJobTitle(title))
    [written] = rows.events(company.core, "user.edited")
    assert written.details == {"job_title": {"old": "", "new": title}}


# --- who may not be changed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", VERBS, ids=lambda wanted: wanted.verb)
def test_nobody_at_or_above_ones_own_role_is_changed(company: House, wanted: Change) -> None:
    """A Company Admin changes no other Company Admin and no Operator, whatever the verb (R34)."""
    peer = rows.add_admin(company.core, "peer@example.com", "x")
    boss = rows.add_admin(company.core, "boss@example.com", "x")
    rows.set_role(company.core, boss, Role.OPERATOR)
    if isinstance(wanted, Place):
        wanted = Place(company.departments["Sales"])
    if isinstance(wanted, Reactivate):
        rows.archive(company.core, peer)
        rows.archive(company.core, boss)
    before = rows.dump(company.core)["users"]
    tally = change(company, [peer, boss], wanted)
    assert (tally.done, tally.batch) == (0, None)
    assert codes(tally) == dict.fromkeys([peer, boss], "target_not_below_own")
    assert "peer@example.com is Company Admin" in tally.verdicts[0].message
    assert rows.dump(company.core)["users"] == before


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (GiveRole(Role.TRAINER), False),
        (Archive(), False),
        (Place(None, join=(1,)), False),
        (SetLanguage("de"), True),
        (SetJobTitle("Guide"), True),
    ],
    ids=lambda wanted: getattr(wanted, "verb", ""),
)
def test_ones_own_account(company: House, wanted: Change, *, allowed: bool) -> None:
    """One's own master data can be edited, one's own role, state and place not (R34)."""
    rows.add_admin(company.core, "peer@example.com", "x")
    tally = change(company, [company.admin_id], wanted)
    assert codes(tally) == ({} if allowed else {company.admin_id: "own_account"})


@pytest.mark.parametrize("role", [Role.COMPANY_ADMIN, Role.OPERATOR])
def test_a_role_at_or_above_ones_own_refuses_the_whole_run(company: House, role: Role) -> None:
    """The run is refused before anybody is looked at (R7, R19)."""
    with pytest.raises(RoleNotBelowOwn):
        change(company, people(company, Role.LEARNER), GiveRole(role))
    assert rows.count(company.core, Batch) == 0


@pytest.mark.parametrize("wanted", [Archive(), GiveRole(Role.LEARNER)], ids=lambda wanted: wanted.verb)
def test_the_last_admin_stays_unless_the_host_says_otherwise(company: House, wanted: Change) -> None:
    """The last active Company Admin is told so, and only the operator may go on, who is warned (D7)."""
    tally = change(company, [company.admin_id], wanted)
    assert codes(tally) == {company.admin_id: "last_admin"}
    tally = change_on_host(company.core, [company.admin_id], wanted)
    assert tally.done == 1
    assert tally.effects is not None
    assert any("No active Company Admin will be left" in note for note in tally.effects.notes)
    assert_sound(company.core)


def test_the_operator_takes_one_of_two_admins_without_a_warning(company: House) -> None:
    """As long as another active Company Admin is left, there is nothing to warn of (D7)."""
    peer = rows.add_admin(company.core, "peer@example.com", "x")
    tally = change_on_host(company.core, [peer], GiveRole(Role.LEARNER), preview=True)
    assert tally.effects is not None
    assert not any("No active Company Admin" in note for note in tally.effects.notes)
    both = change_on_host(company.core, [peer, company.admin_id], Archive(), preview=True)
    assert both.effects is not None
    assert any("No active Company Admin" in note for note in both.effects.notes)


@sqlite_only
@pytest.mark.parametrize("wanted", VERBS, ids=lambda wanted: wanted.verb)
def test_a_sign_in_below_the_console_changes_nobody(company: House, wanted: Change) -> None:
    """Every verb asks for the permission first, also of somebody whose sign-in was lowered meanwhile (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    lower = rows.open_sign_in(company.core, "bo@example.com")
    with pytest.raises(PermissionNeeded):
        change_as(company.core, lower, people(company, Role.LEARNER), wanted)


# --- what changes nothing ---------------------------------------------------------------------------------------


def test_what_is_so_already_is_skipped_and_untouched(company: House) -> None:
    """Rows without a difference count as skipped, get no event and keep their version."""
    bo = company.register("bo@example.com", department="Sales", groups=["Night shift"])
    sales, night = company.departments["Sales"], company.groups["Night shift"]
    runs: list[tuple[Change, str]] = [
        (GiveRole(Role.LEARNER), "unchanged"),
        (Place(sales), "unchanged"),
        (Place(KEEP, join=(night,)), "unchanged"),
        (Place(leave=(company.groups["Q3 onboarding"],)), "unchanged"),
        (SetLanguage(""), "unchanged"),
        (SetJobTitle(""), "unchanged"),
        (Reactivate(), "already_active"),
    ]
    before = rows.dump(company.core)
    for wanted, code in runs:
        tally = change(company, [bo], wanted)
        assert (tally.done, dict(tally.skipped), dict(tally.failed)) == (0, {code: 1}, {}), wanted
    after = rows.dump(company.core)
    assert {name for name in after if after[name] != before[name]} <= {"sign_ins"}


def test_archiving_the_archived_is_skipped(company: House) -> None:
    """Whoever is archived already is skipped, the others are archived."""
    ids = people(company, Role.LEARNER, Role.LEARNER)
    change(company, ids[:1], Archive())
    tally = change(company, ids, Archive())
    assert (tally.done, codes(tally)) == (1, {ids[0]: "already_archived"})


def test_people_who_are_gone_are_told(company: House) -> None:
    """Ids that were deleted since they were marked, or never existed, are told one by one."""
    ids = people(company, Role.LEARNER, Role.LEARNER)
    rows.delete_person(company.core, ids[0])
    tally = change(company, [*ids, 10**12, ids[1]], GiveRole(Role.TRAINER))
    assert (tally.done, codes(tally)) == (1, {ids[0]: "person_gone", 10**12: "person_gone"})


# --- limits -----------------------------------------------------------------------------------------------------


def test_reactivating_stops_at_the_cap(company: House) -> None:
    """Places are handed out in the order of the list, and open invitations do not count at this door (D2, D9, R50)."""
    ids = people(company, *[Role.LEARNER] * 4)
    change(company, ids, Archive())
    company.invite("new@example.com")
    rows.set_cap(company.core, 1 + 2)
    tally = change(company, [ids[3], ids[0], ids[1], ids[2]], Reactivate())
    assert (list(tally.done_ids), codes(tally)) == (
        [ids[3], ids[0]],
        {ids[1]: "cap_reached", ids[2]: "cap_reached"},
    )
    assert tally.places_left == 0
    assert tally.effects is not None
    assert tally.effects.rooms == (Room("", 3, 1, 3),)
    assert_sound(company.core)


def test_archiving_makes_room_under_the_cap(company: House) -> None:
    """The plan shows who counts against the cap before and after (R52)."""
    ids = people(company, *[Role.LEARNER] * 3)
    rows.set_cap(company.core, 4)
    tally = change(company, ids[:2], Archive(), preview=True)
    assert tally.effects is not None
    assert tally.effects.rooms == (Room("", 4, 4, 2),)
    assert tally.places_left == 2


def test_joining_stops_where_a_group_is_full(company: House) -> None:
    """Members and live invitations hold places; the rest are told which group is full (S30)."""
    night = company.groups["Night shift"]
    company.invite("new@example.com", groups=["Night shift"])
    ids = people(company, *[Role.LEARNER] * 4)
    change(company, ids[:1], Place(join=(night,)))
    rows.set_group_size(company.core, night, 4)
    tally = change(company, ids, Place(join=(night,)))
    assert codes(tally) == {ids[0]: "unchanged", ids[3]: "group_full"}
    assert "Night shift is full" in tally.sentences["group_full"]
    assert tally.effects is not None
    assert tally.effects.rooms == (Room("Night shift", 4, 2, 4, "group"),)


def test_coming_back_needs_a_place_in_ones_groups(company: House) -> None:
    """Archived members hold no place in a group, so a full one keeps them out until somebody makes room (S30)."""
    night = company.groups["Night shift"]
    bo = company.register("bo@example.com", groups=["Night shift"])
    cy = company.register("cy@example.com")
    change(company, [bo], Archive())
    rows.set_group_size(company.core, night, 1)
    change(company, [cy], Place(join=(night,)))
    assert codes(change(company, [bo], Reactivate())) == {bo: "group_full"}
    change(company, [cy], Place(leave=(night,)))
    assert change(company, [bo], Reactivate()).done == 1


def test_the_archived_take_no_place_in_a_group(company: House) -> None:
    """Placing an archived person into a full group is possible, since only active members count (S30)."""
    night = company.groups["Night shift"]
    bo, cy = people(company, Role.LEARNER, Role.LEARNER)
    rows.set_group_size(company.core, night, 1)
    change(company, [bo], Archive())
    assert change(company, [cy, bo], Place(join=(night,))).done == 2


def test_whoever_takes_no_place_does_not_push_others_back(company: House) -> None:
    """Archived people who stand first in the list leave the last place of a group to the first active one (S30)."""
    night = company.groups["Night shift"]
    ids = people(company, *[Role.LEARNER] * 4)
    change(company, ids[:2], Archive())
    rows.set_group_size(company.core, night, 1)
    tally = change(company, ids, Place(join=(night,)))
    assert codes(tally) == {ids[3]: "group_full"}
    assert effects_of(tally).rooms == (Room("Night shift", 1, 0, 1, "group"),)


def test_leaving_a_group_frees_places_of_active_members_only(company: House) -> None:
    """The plan counts who held a place, and archived members held none (S30)."""
    night = company.groups["Night shift"]
    ids = people(company, *[Role.LEARNER] * 3)
    change(company, ids, Place(join=(night,)))
    change(company, ids[:1], Archive())
    rows.set_group_size(company.core, night, 5)
    tally = change(company, ids, Place(leave=(night,)))
    assert effects_of(tally).rooms == (Room("Night shift", 5, 2, 0, "group"),)


def test_a_refused_row_joins_none_of_the_groups(company: House) -> None:
    """Whoever finds one of several groups full, or is out of reach, joins none of them."""
    night, onboarding = company.groups["Night shift"], company.groups["Q3 onboarding"]
    peer = rows.add_admin(company.core, "peer@example.com", "x")
    ids = people(company, Role.LEARNER, Role.LEARNER)
    rows.set_group_size(company.core, night, 1)
    tally = change(company, [peer, *ids], Place(join=(night, onboarding)))
    assert codes(tally) == {peer: "target_not_below_own", ids[1]: "group_full"}
    assert [rows.groups_of(company.core, each) for each in (peer, *ids)] == [
        set(),
        {"Night shift", "Q3 onboarding"},
        set(),
    ]


def test_a_filters_people_come_back_in_the_order_of_their_names(company: House) -> None:
    """Where a filter names the people, the last places go by the list of people and not by age of account (D2)."""
    names = ["Young", "Moss", "Abel"]
    ids = [company.register(f"p{number}@example.com", last_name=name) for number, name in enumerate(names)]
    change(company, ids, Archive())
    rows.set_cap(company.core, 1 + 2)
    tally = change_target(company, Target(chosen=parse_users("status:archived")), Reactivate())
    assert list(tally.done_ids) == ids[1:]
    assert codes(tally) == {ids[0]: "cap_reached"}


# --- whom -------------------------------------------------------------------------------------------------------


def test_a_filter_is_read_under_the_lock(company: House) -> None:
    """A filter stands for whoever it finds when the run happens; dropped rows are left out."""
    ids = people(company, Role.LEARNER, Role.LEARNER, Role.TRAINER)
    learners = Target(chosen=parse_users("role:learner"), without=[ids[0]])
    plan = change_target(company, learners, GiveRole(Role.TRAINER), preview=True)
    assert list(plan.done_ids) == [ids[1]]
    late = company.register("late@example.com")
    tally = change_target(company, learners, GiveRole(Role.TRAINER))
    assert list(tally.done_ids) == [ids[1], late]


@sqlite_only
def test_marks_of_any_length_and_order(company: House) -> None:
    """An array of ids goes as it is, doubles count once and dropped rows are left out."""
    ids = people(company, *[Role.LEARNER] * 3)
    marked = array("q", [ids[2], ids[0], ids[2], ids[1]])
    tally = change_target(company, Target(ids=marked, without={ids[1]}), SetLanguage("de"))
    assert list(tally.done_ids) == [ids[2], ids[0]]


@sqlite_only
def test_nobody_named_is_refused_and_nobody_found_does_nothing(company: House) -> None:
    """A target without marks and filter is a mistake; an empty one changes nothing and leaves no batch."""
    with pytest.raises(Invalid):
        change_target(company, Target(), Archive())
    for target in (Target(ids=[]), Target(chosen=parse_users("nobody-is-called-this"))):
        tally = change_target(company, target, Archive())
        assert (tally.done, tally.refused, tally.batch) == (0, 0, None)
    with pytest.raises(InvalidFilter):
        change_target(company, Target(chosen=parse_users("dept:nowhere")), Archive())


@sqlite_only
@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Place(999), Missing),
        (Place(join=(999,)), Missing),
        (Place(), Invalid),
        (Place(join=(1,), leave=(1,)), Invalid),
        (SetLanguage("tlh"), Invalid),
        (SetJobTitle("x" * 101), Invalid),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused(
    company: House, wanted: Change, error: type[Exception]
) -> None:
    """What does not exist or contradicts itself is refused before anybody is looked at."""
    with pytest.raises(error):
        change(company, people(company, Role.LEARNER), wanted)
    assert rows.count(company.core, Batch) == 0
