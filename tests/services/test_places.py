"""Departments and learning groups (S24, S30): renaming, sizes, merging, deleting and taking a merge back (R60)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from core.core import Core
from core.errors import (
    EditConflict,
    GroupTooSmall,
    Invalid,
    Missing,
    NameTaken,
    NotUnmergeable,
    PermissionNeeded,
    PlaceInUse,
    PlanChanged,
)
from core.models import Department, Group, Invitation, InvitationGroup, User
from core.reading import batches
from core.roles import Role
from core.services.carrying_out import How
from core.services.inviting import withdraw
from core.services.merging import AT_ONCE, merge_departments, merge_groups
from core.services.places import (
    add_department,
    add_group,
    delete_department,
    delete_group,
    edit_department,
    edit_group,
)
from core.services.undoing import undo
from core.services.unmerging import unmerge
from core.tally import Move, Tally
from core.work import Work
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow


@pytest.fixture
def sales(company: House) -> House:
    """Return a company with Bo and the archived Cy in Sales, Di in Support, and an invitation to Sales."""
    company.register("bo@example.com", department="Sales", groups=["Q3 onboarding"])
    cy = company.register("cy@example.com", department="Sales", groups=["Q3 onboarding", "Night shift"])
    company.register("di@example.com", department="Support", groups=["Night shift"])
    rows.archive(company.core, cy)
    company.invite("eve@example.com", department="Sales", groups=["Q3 onboarding"])
    return company


def _merge_departments(house: House, source: str, into: str, how: How = AT_ONCE) -> Tally:
    with house.core.work(house.admin) as work:
        return merge_departments(work, house.departments[source], house.departments[into], how)


def _merge_groups(house: House, source: str, into: str, how: How = AT_ONCE) -> Tally:
    with house.core.work(house.admin) as work:
        return merge_groups(work, house.groups[source], house.groups[into], how)


def _department_of(house: House, address: str) -> str:
    with house.core.operator_look() as look:
        user = look.db.query(User).filter_by(address_key=address).one()
        department = look.db.get(Department, user.department_id) if user.department_id else None
        return department.name if department else ""


def _groups_of(house: House, address: str) -> set[str]:
    with house.core.operator_look() as look:
        user_id = look.db.query(User).filter_by(address_key=address).one().id
    return rows.groups_of(house.core, user_id)


@contextmanager
def _counted(core: Core) -> Iterator[list[str]]:
    """Collect the statements that are run inside the block."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        ran.append(statement)

    event.listen(core._engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(core._engine, "before_cursor_execute", note)


# --- names and sizes --------------------------------------------------------------------------------------------


def test_a_department_gets_another_name(company: House) -> None:
    """Renaming keeps the department's number and leaves one event with the old and the new name (S24, R60)."""
    sales = company.departments["Sales"]
    with company.core.work(company.admin) as work:
        assert edit_department(work, sales, {"name": " Vertrieb "})
        assert not edit_department(work, sales, {"name": "Vertrieb"})
    [event] = rows.events(company.core, "department.edited")
    assert (event.subject_id, event.subject_label) == (sales, "Vertrieb")
    assert event.details == {"name": {"old": "Sales", "new": "Vertrieb"}}


def test_only_the_letters_case_of_a_name_can_change(company: House) -> None:
    """A department may take its own name in other letters, but not that of another one."""
    with company.core.work(company.admin) as work:
        assert edit_department(work, company.departments["Sales"], {"name": "SALES"})
    with pytest.raises(NameTaken), company.core.work(company.admin) as work:
        edit_department(work, company.departments["Sales"], {"name": "support"})


def test_two_admins_who_rename_at_once_hear_of_each_other(company: House) -> None:
    """Whoever saves later is told what the name is now and who gave it, and nothing is overwritten."""
    sales = company.departments["Sales"]
    with company.core.work(company.admin) as work:
        edit_department(work, sales, {"name": "Vertrieb"}, seen={"name": "Sales"})
    with pytest.raises(EditConflict) as caught, company.core.operator() as work:
        edit_department(work, sales, {"name": "Ventes"}, seen={"name": "Sales"})
    [conflict] = caught.value.conflicts
    assert (conflict.field, conflict.seen, conflict.now, conflict.wanted) == (
        "name", "Sales", "Vertrieb", "Ventes",
    )  # fmt: skip
    assert (conflict.who, conflict.at is None) == ("ada@example.com", False)
    with company.core.operator() as work:
        assert not edit_department(work, sales, {"name": "Vertrieb"}, seen={"name": "Sales"})


def test_a_learning_group_is_edited_field_by_field(company: House) -> None:
    """Name, description and maximum size change together in one event; an empty maximum lifts it (S30)."""
    night = company.groups["Night shift"]
    with company.core.work(company.admin) as work:
        edit_group(work, night, {"name": "Late shift", "description": "after ten", "max_size": " 012 "})
        edit_group(work, night, {"max_size": ""})
    first, second = rows.events(company.core, "group.edited")
    assert first.details == {
        "name": {"old": "Night shift", "new": "Late shift"},
        "description": {"old": "", "new": "after ten"},
        "max_size": {"old": "", "new": "12"},
    }
    assert second.details == {"max_size": {"old": "12", "new": ""}}


@sqlite_only
@pytest.mark.parametrize(
    ("field", "text"),
    [("max_size", "0"), ("max_size", "-1"), ("max_size", "few"), ("max_size", "1" * 10), ("max_size", "\u0663"),
     ("name", ""), ("name", "a\nb"), ("description", "x" * 2001), ("color", "red")],
)  # fmt: skip
def test_a_wrong_field_of_a_group_is_named(company: House, field: str, text: str) -> None:
    """Each field that cannot be meant is refused under its own name, and nothing is changed."""
    with pytest.raises(Invalid) as caught, company.core.work(company.admin) as work:
        edit_group(work, company.groups["Night shift"], {field: text})
    assert list(caught.value.fields) == [field]
    assert not rows.events(company.core, "group.edited")


def test_a_maximum_size_is_never_below_what_is_held(sales: House) -> None:
    """One active member and one live invitation need two places; the archived member needs none (S30)."""
    group = sales.groups["Q3 onboarding"]
    with pytest.raises(GroupTooSmall, match="need 2"), sales.core.work(sales.admin) as work:
        edit_group(work, group, {"max_size": "1"})
    with sales.core.work(sales.admin) as work:
        assert edit_group(work, group, {"max_size": "2"})


# --- deleting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("department", lambda house, work: delete_department(work, house.departments["Sales"])),
        ("learning group", lambda house, work: delete_group(work, house.groups["Q3 onboarding"])),
    ],
)
def test_only_an_empty_place_is_deleted(
    sales: House, kind: str, verb: Callable[[House, Work], None], clock: MovableClock
) -> None:
    """People active or archived and invitations open or expired stand in the way, and are counted (S24)."""
    clock.move(days=30)
    sales.admin = sales.sign_in()
    with pytest.raises(PlaceInUse) as caught, sales.core.work(sales.admin) as work:
        verb(sales, work)
    problem = caught.value
    assert (problem.kind, problem.active, problem.archived, problem.invitations) == (kind, 1, 1, 1)
    assert "1 active person, 1 archived person and 1 open or expired invitation" in problem.message


def test_invitations_that_are_over_let_go_of_a_deleted_place(company: House) -> None:
    """A withdrawn invitation does not keep a department or a learning group alive."""
    invitation = company.invite("eve@example.com", department="Sales", groups=["Night shift"])
    with company.core.work(company.admin) as work:
        withdraw(work, [invitation])
        delete_department(work, company.departments["Sales"])
        delete_group(work, company.groups["Night shift"])
    assert rows.invitation(company.core, invitation).department_id is None
    assert rows.count(company.core, Department) == rows.count(company.core, Group) == 1
    assert (
        rows.actions(company.core)["department.deleted"] == rows.actions(company.core)["group.deleted"] == 1
    )


# --- merging ----------------------------------------------------------------------------------------------------


def test_merging_departments_moves_everybody_and_drops_the_empty_one(sales: House) -> None:
    """Active and archived people and open invitations move, each with an event in one batch (S24, R60)."""
    plan = _merge_departments(sales, "Sales", "Support", How(preview=True))
    assert (plan.done, len(plan.done_ids), plan.preview, plan.batch) == (3, 2, True, None)
    assert plan.effects
    assert plan.effects.moves == (Move("department", "Sales", "Support", 2),)
    assert plan.effects.notes == (
        "1 of them archived.",
        "1 open or expired invitation will move too.",
        "The department Sales will be dropped.",
    )
    assert _department_of(sales, "bo@example.com") == "Sales"
    done = _merge_departments(sales, "Sales", "Support")
    assert (done.done, done.done_ids) == (3, plan.done_ids)
    assert done.effects
    assert done.effects.moves == plan.effects.moves
    assert done.effects.notes[1:] == (
        "1 open or expired invitation moved too.",
        "The department Sales is dropped.",
    )
    assert {_department_of(sales, f"{name}@example.com") for name in ("bo", "cy", "di")} == {"Support"}
    assert rows.count(sales.core, Department) == 1
    batch = [event for event in rows.events(sales.core) if event.batch == done.batch]
    assert [event.action for event in batch] == [
        "user.placed", "user.placed", "invitation.placed", "department.merged",
    ]  # fmt: skip
    assert batch[0].details["department"]["old"] == "Sales"
    assert batch[0].details["department"]["new"] == "Support"


def test_an_invitation_keeps_its_promise_through_a_merge(sales: House) -> None:
    """Who was invited to the merged department and group registers into those that took them in (R13)."""
    _merge_departments(sales, "Sales", "Support")
    _merge_groups(sales, "Q3 onboarding", "Night shift")
    sales.departments["Sales"], sales.groups["Q3 onboarding"] = 0, 0
    sales.register("eve2@example.com", department="Support", groups=["Night shift"])
    assert _department_of(sales, "eve2@example.com") == "Support"
    assert _groups_of(sales, "bo@example.com") == {"Night shift"}


def test_merging_groups_counts_who_was_in_both_once(sales: House) -> None:
    """Cy, who was in both learning groups, is in the one that stays; nobody is in it twice (S30)."""
    done = _merge_groups(sales, "Q3 onboarding", "Night shift")
    assert done.effects
    assert (done.done, done.effects.moves) == (
        3, (Move("groups", "", "Night shift", 1), Move("groups", "Q3 onboarding", "", 2))
    )  # fmt: skip
    assert [_groups_of(sales, f"{name}@example.com") for name in ("bo", "cy", "di")] == [{"Night shift"}] * 3
    assert rows.count(sales.core, Group) == 1


def test_a_merge_respects_the_maximum_size(sales: House) -> None:
    """A learning group that would hold more than its maximum takes nobody in, and nothing is written (S30)."""
    rows.set_group_size(sales.core, sales.groups["Night shift"], 2)
    before = rows.dump(sales.core)
    for preview in (True, False):
        with pytest.raises(GroupTooSmall, match="need 3"):
            _merge_groups(sales, "Q3 onboarding", "Night shift", How(preview=preview))
    assert rows.dump(sales.core) == before


def test_what_was_confirmed_is_what_is_merged(sales: House) -> None:
    """Where somebody came or went after the plan was shown, nothing is written and the new number is told."""
    with pytest.raises(PlanChanged) as caught:
        _merge_departments(sales, "Sales", "Support", How(expect=2))
    assert (caught.value.planned, caught.value.now) == (2, 3)
    assert _merge_departments(sales, "Sales", "Support", How(expect=3)).batch


def test_a_place_is_not_merged_into_itself(company: House) -> None:
    """Merging a department or group into itself is refused under the field `into`."""
    for merge, place in (
        (_merge_departments, "Sales"),
        (_merge_groups, "Night shift"),
    ):
        with pytest.raises(Invalid) as caught:
            merge(company, place, place)
        assert list(caught.value.fields) == ["into"]


def test_statements_of_a_merge_do_not_grow_with_people(company: House) -> None:
    """Merging a department of twelve takes as many statements as merging one of two."""
    numbers = []
    for size in (2, 12):
        with company.core.work(company.admin) as work:
            company.departments["Stores"] = add_department(work, "Stores")
        for number in range(size):
            company.register(f"p{size}x{number}@example.com", department="Stores")
        with _counted(company.core) as ran:
            _merge_departments(company, "Stores", "Support")
        numbers.append(len(ran))
    assert numbers[0] == numbers[1]


# --- taking a merge back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("merge", [_merge_departments, _merge_groups])
def test_a_merge_taken_back_leaves_everything_as_it_was(
    sales: House, merge: Callable[[House, str, str], Tally]
) -> None:
    """People, members, open invitations and the place itself are back under their old numbers (R60)."""
    names = ("Sales", "Support") if merge is _merge_departments else ("Q3 onboarding", "Night shift")

    def state() -> dict[str, list[tuple[object, ...]]]:
        user = select(User.id, User.department_id).order_by(User.id)
        open_ones = select(Invitation.id).where(Invitation.state == "open")
        invited = select(Invitation.id, Invitation.department_id).where(Invitation.id.in_(open_ones))
        asked = select(InvitationGroup).where(InvitationGroup.invitation_id.in_(open_ones))
        whole = rows.dump(sales.core)
        found = {name: whole[name] for name in ("departments", "groups", "group_members")}
        found |= {"users": rows.all_of(sales.core, user), "invitations": rows.all_of(sales.core, invited)}
        found["asked"] = [(each.invitation_id, each.group_id) for (each,) in rows.all_of(sales.core, asked)]
        return {name: sorted(found[name], key=str) for name in found}

    before = state()
    done = merge(sales, *names)
    assert done.batch
    assert state() != before
    with sales.core.work(sales.admin) as work:
        plan = unmerge(work, done.batch, How(preview=True))
    with sales.core.work(sales.admin) as work:
        tally = unmerge(work, done.batch)
    assert (plan.done, plan.preview, tally.done, tally.refused) == (3, True, 3, 0)
    assert state() == before


@pytest.mark.parametrize("merge", [_merge_departments, _merge_groups])
def test_taking_back_can_be_taken_back_too(sales: House, merge: Callable[[House, str, str], Tally]) -> None:
    """Undo, undo of the undo and a third undo go to and fro between merged and parted (R60)."""
    names = ("Sales", "Support") if merge is _merge_departments else ("Q3 onboarding", "Night shift")
    model = Department if merge is _merge_departments else Group
    batch = merge(sales, *names).batch
    for places in (2, 1, 2):
        assert batch
        with sales.core.work(sales.admin) as work:
            tally = undo(work, batch)
        assert (tally.done, rows.count(sales.core, model)) == (3, places)
        batch = tally.batch


def test_who_moved_on_since_the_merge_stays(sales: House) -> None:
    """Taking a merge back leaves whoever was put elsewhere meanwhile where they are, and names them (R60)."""
    done = _merge_departments(sales, "Sales", "Support")
    with sales.core.work(sales.admin) as work:
        stores = add_department(work, "Stores")
        work.db.query(User).filter_by(address_key="bo@example.com").update({"department_id": stores})
        assert done.batch
        tally = unmerge(work, done.batch)
    assert (tally.done, tally.failed) == (2, {"changed_since": 1})
    assert [verdict.address for verdict in tally.verdicts] == ["bo@example.com"]
    assert (_department_of(sales, "bo@example.com"), _department_of(sales, "cy@example.com")) == (
        "Stores",
        "Sales",
    )


def test_a_merge_whose_places_are_gone_cannot_be_taken_back(sales: House) -> None:
    """Once the old name is taken, or the place that took everybody in is gone, the refusal says so."""
    done = _merge_departments(sales, "Sales", "Support")
    assert done.batch
    with sales.core.work(sales.admin) as work:
        again = add_department(work, "SALES")
    with pytest.raises(NotUnmergeable, match="SALES"), sales.core.work(sales.admin) as work:
        unmerge(work, done.batch)
    with sales.core.work(sales.admin) as work:
        delete_department(work, again)
        stores = add_department(work, "Stores")
        merge_departments(work, sales.departments["Support"], stores)
    with pytest.raises(NotUnmergeable, match="Support"), sales.core.work(sales.admin) as work:
        unmerge(work, done.batch)
    with pytest.raises(Missing), sales.core.work(sales.admin) as work:
        unmerge(work, "nosuchrun")


def test_a_merge_that_is_made_again_says_so(company: House) -> None:
    """In the list of bulk changes taking back, making again and taking back again are told apart (R60)."""
    sales, support = company.departments.values()
    company.register("bo@example.com", Role.LEARNER, department="Sales")
    with company.core.work(company.admin) as work:
        name = merge_departments(work, sales, support).batch or ""
    for _ in range(3):
        with company.core.work(company.admin) as work:
            name = undo(work, name).batch or name
    with company.core.look(company.admin) as look:
        told = [row.summary for row in batches.recent(look)]
    assert told == [f"{word}Sales into Support" for word in ("undo ", "redo ", "undo ", "")]


# --- who may ----------------------------------------------------------------------------------------------------


@sqlite_only
def test_places_are_the_company_admins_matter(company: House) -> None:
    """A Content Manager edits, merges and deletes no department or learning group (S9)."""
    company.register("bo@example.com", Role.CONTENT_MANAGER)
    sales, support = company.departments.values()
    quarter, night = company.groups.values()
    verbs: tuple[Callable[[Work], object], ...] = (
        lambda work: edit_department(work, sales, {"name": "Stores"}),
        lambda work: edit_group(work, night, {"name": "Stores"}),
        lambda work: merge_departments(work, sales, support),
        lambda work: merge_groups(work, quarter, night),
        lambda work: delete_department(work, sales),
        lambda work: delete_group(work, night),
        lambda work: unmerge(work, "nosuchrun"),
        lambda work: add_group(work, "Stores"),
    )
    with company.core.work(rows.open_sign_in(company.core, "bo@example.com")) as work:
        for verb in verbs:
            with pytest.raises(PermissionNeeded):
                verb(work)


@sqlite_only
def test_a_place_that_is_gone_is_named_as_missing(company: House) -> None:
    """Editing what another admin has deleted meanwhile says so."""
    for verb in (
        lambda work: edit_department(work, 999, {"name": "x"}),
        lambda work: edit_group(work, 999, {"name": "x"}),
        lambda work: delete_department(work, 999),
        lambda work: delete_group(work, 999),
        lambda work: merge_groups(work, company.groups["Night shift"], 999),
    ):
        with pytest.raises(Missing, match="deleted meanwhile"), company.core.work(company.admin) as work:
            verb(work)
