"""Editing people field by field, one and many, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from core.core import Core
from core.errors import (
    AddressTaken,
    EditConflict,
    GroupFull,
    Invalid,
    LastAdmin,
    OwnAccount,
    PersonGone,
    PlanChanged,
    RoleNotBelowOwn,
    TargetNotBelowOwn,
)
from core.passwords import Password
from core.reading import batches
from core.roles import Role
from core.services.editing import FIELDS, Edit, edit, edit_people, judge, texts
from core.services.places import add_group
from core.services.runs import begin_run
from core.tally import Tally
from core.values import search_key, sort_key
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow


def save(house: House, user_id: int, **values: str) -> Tally:
    """Edit one person as the admin."""
    return save_as(house, house.admin, user_id, values)


def save_as(house: House, sign_in: UUID, user_id: int, values: Mapping[str, str]) -> Tally:
    """Edit one person as somebody."""
    with house.core.work(sign_in) as work:
        return edit(work, Edit(user_id, values))


def save_all(house: House, *edits: Edit, preview: bool = False, expect: int | None = None) -> Tally:
    """Edit several people as the admin."""
    with house.core.work(house.admin) as work:
        return edit_people(work, edits, preview=preview, expect=expect)


def values_of(house: House, user_id: int) -> Mapping[str, str]:
    """Return one person's texts."""
    with house.core.look(house.admin) as look:
        return texts(look, [user_id])[0].values


def other_admin(house: House) -> UUID:
    """Appoint a second admin and sign them in."""
    rows.add_admin(house.core, "cy@example.com", house.core.ports.hasher.hash(Password.parse(house.password)))
    return house.sign_in("cy@example.com")


@contextmanager
def counted(core: Core) -> Iterator[list[str]]:
    """Collect the statements that run in a block."""
    told: list[str] = []

    def note(*arguments: Any) -> None:
        told.append(arguments[2])

    event.listen(core._engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(core._engine, "before_cursor_execute", note)


EVERYTHING = {
    "first_name": "Zoë",
    "last_name": "Ångström",
    "phone": "+49 30 901820",
    "postal_address": "Main Street 1\nBerlin",
    "born_on": "1990-03-27",
    "job_title": "Engineer",
    "language": "de",
    "role": "trainer",
    "department": "Support",
    "groups": "Night shift",
    "address": "zoe@example.com",
}


def test_every_field_can_be_edited(company: House) -> None:
    """All fields of one person are saved at once, shown again as typed, found under the new name, in one event."""
    bo = company.register("bo@example.com", department="Sales", groups=["Q3 onboarding"])
    assert tuple(EVERYTHING) == FIELDS
    assert save(company, bo, **EVERYTHING).done == 1
    assert values_of(company, bo) == EVERYTHING
    found = rows.person(company.core, bo)
    assert found.born_on == date(1990, 3, 27)
    assert (found.address_key, found.version) == ("zoe@example.com", 2)
    assert found.search_key == search_key("zoe@example.com", "Zoë", "Ångström")
    assert found.sort_key == sort_key("zoe@example.com", "Zoë", "Ångström")
    [written] = rows.events(company.core, "user.edited")
    assert written.details["last_name"] == {"old": "Berg", "new": "Ångström"}
    assert written.details["address"] == {"old": "bo@example.com", "new": "zoe@example.com"}
    assert written.details["role"] == {"old": "learner", "new": "trainer"}
    assert written.details["department"]["new"] == "Support"
    assert written.details["groups"]["left_names"] == ["Q3 onboarding"]
    assert written.details["born_on"] == {"old": None, "new": "1990-03-27"}


def test_fields_can_be_emptied(company: House) -> None:
    """Empty texts take out the department, the groups, the date of birth and the optional texts."""
    bo = company.register("bo@example.com", department="Sales", groups=["Q3 onboarding"])
    save(company, bo, born_on="1990-03-27", phone="030 901820", job_title="Engineer")
    save(company, bo, born_on="", phone="", job_title="", department="", groups="")
    values = values_of(company, bo)
    assert {values[name] for name in ("born_on", "phone", "job_title", "department", "groups")} == {""}
    assert rows.groups_of(company.core, bo) == set()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("first_name", "  "),
        ("first_name", "x" * 101),
        ("last_name", "a\nb"),
        ("phone", "call me"),
        ("postal_address", "x" * 501),
        ("born_on", "27.3.1990"),
        ("born_on", "1990-02-30"),
        ("born_on", "2999-01-01"),
        ("job_title", "x" * 101),
        ("language", "tlh"),
    ],
)
def test_a_text_that_cannot_be_meant_is_refused(company: House, field: str, text: str) -> None:
    """A wrong text is refused under its field, with the sentence that the sheet shows while it is typed."""
    bo = company.register("bo@example.com")
    with pytest.raises(Invalid) as refused:
        save(company, bo, **{field: text})
    assert refused.value.fields == judge({field: text}, today=date(2026, 3, 2))
    assert rows.person(company.core, bo).version == 1


def test_all_wrong_fields_are_told_at_once(company: House) -> None:
    """Wrong texts, unknown places and an address that is none are told together, listing what there is."""
    bo = company.register("bo@example.com")
    with pytest.raises(Invalid) as refused:
        save(company, bo, phone="x", role="king", department="Nowhere", groups='"a', address="nobody")
    assert set(refused.value.fields) == {"phone", "role", "department", "groups", "address"}
    assert "There is: Sales, Support." in refused.value.fields["department"]
    assert "learner" in refused.value.fields["role"]


def test_unknown_fields_and_people_twice_are_refused(company: House) -> None:
    """A sheet refuses a field that does not exist, an address, a person twice, and edits that name no field."""
    bo = company.register("bo@example.com")
    for edits in (
        [Edit(bo, {"shoe_size": "44"})],
        [Edit(bo, {"address": "x@example.com"})],
        [Edit(bo, {"phone": ""}), Edit(bo, {"phone": ""})],
        [Edit(bo, {})],
    ):
        with pytest.raises(Invalid):
            save_all(company, *edits)


def test_an_address_belongs_to_one_account(company: House) -> None:
    """An address of somebody else, archived or in another spelling, is refused; one's own may change its case."""
    bo, di = company.register("bo@example.com"), company.register("di@example.com")
    rows.archive(company.core, di)
    with pytest.raises(AddressTaken, match="DI@example"):
        save(company, bo, address="DI@example.com")
    with pytest.raises(Invalid, match="not an email address"):
        save(company, bo, address="nobody")
    save(company, bo, address="Bo@Example.com")
    assert rows.person(company.core, bo).address == "Bo@Example.com"


def test_own_data_but_not_the_own_role(company: House) -> None:
    """One's own name can be edited; one's own role, place and groups cannot (R34)."""
    other_admin(company)
    assert save(company, company.admin_id, first_name="Augusta").done == 1
    for values in ({"role": "trainer"}, {"department": "Sales"}, {"groups": "Night shift"}):
        with pytest.raises(OwnAccount):
            save(company, company.admin_id, **values)


def test_the_rules_of_the_bulk_verbs_hold(company: House) -> None:
    """A peer is out of reach, a role not below one's own too, and a full learning group takes nobody in."""
    bo = company.register("bo@example.com")
    di = company.register("di@example.com", groups=["Night shift"])
    with pytest.raises(LastAdmin):
        save(company, company.admin_id, role="learner")
    cy = other_admin(company)
    with pytest.raises(TargetNotBelowOwn):
        save_as(company, cy, company.admin_id, {"first_name": "Eve"})
    with pytest.raises(RoleNotBelowOwn):
        save(company, bo, role="company-admin")
    rows.set_group_size(company.core, company.groups["Night shift"], 1)
    with pytest.raises(GroupFull):
        save(company, bo, groups="Night shift")
    assert save(company, di, groups="").done == 1
    with pytest.raises(PersonGone):
        save(company, 999, first_name="Eve")


def test_a_loss_of_role_counts_at_once(company: House) -> None:
    """A role that is lowered by an edit lowers the open sign-in with it (R38)."""
    bo = company.register("bo@example.com", Role.TRAINER)
    sign_in = rows.open_sign_in(company.core, "bo@example.com")
    save(company, bo, role="learner")
    assert rows.sign_in_of(company.core, sign_in).role == Role.LEARNER


def test_a_conflict_is_told_field_by_field_and_nothing_is_written(company: House) -> None:
    """What somebody else changed meanwhile is told with who, when and all three texts; other fields wait with it."""
    bo = company.register("bo@example.com")
    cy = other_admin(company)
    seen = dict(values_of(company, bo))
    save_as(company, cy, bo, {"last_name": "Bergmann", "phone": "030 901820"})
    with pytest.raises(EditConflict) as refused, company.core.work(company.admin) as work:
        edit(work, Edit(bo, {"last_name": "Borg", "job_title": "Engineer"}, seen))
    [conflict] = refused.value.conflicts
    assert (conflict.field, conflict.seen, conflict.now, conflict.wanted) == (
        "last_name",
        "Berg",
        "Bergmann",
        "Borg",
    )
    assert (conflict.who, conflict.at) == ("cy@example.com", company.core.ports.clock.now())
    assert "“Bergmann”" in refused.value.message
    assert values_of(company, bo)["job_title"] == ""


def test_the_same_change_by_two_is_no_conflict(company: House) -> None:
    """Where the other one has written just what is wanted, or another field, nothing stands in the way."""
    bo = company.register("bo@example.com")
    cy = other_admin(company)
    seen = dict(values_of(company, bo))
    save_as(company, cy, bo, {"last_name": "Borg", "phone": "030 901820"})
    with company.core.work(company.admin) as work:
        assert edit(work, Edit(bo, {"last_name": "Borg", "job_title": "Engineer"}, seen)).done == 1
    assert values_of(company, bo)["job_title"] == "Engineer"


def test_overwriting_takes_what_stands_there_now_as_seen(company: House) -> None:
    """A row that comes again with the other one's text as seen is written."""
    bo = company.register("bo@example.com")
    cy = other_admin(company)
    seen = dict(values_of(company, bo))
    save_as(company, cy, bo, {"groups": "Night shift, Q3 onboarding"})
    plan = save_all(company, Edit(bo, {"groups": "Night shift"}, seen), preview=True)
    [conflict] = plan.conflicts
    assert (plan.done, dict(plan.failed), conflict.now) == (
        0,
        {"edit_conflict": 1},
        "Night shift, Q3 onboarding",
    )
    again = save_all(company, Edit(bo, {"groups": "Night shift"}, seen | {"groups": conflict.now}))
    assert (again.done, rows.groups_of(company.core, bo)) == (1, {"Night shift"})


def test_a_sheet_saves_what_it_can_and_tells_the_rest(company: House) -> None:
    """Each person gets their own values; a wrong text, a peer and an unchanged row are told with their reasons."""
    bo, di, ed = (company.register(f"{name}@example.com") for name in ("bo", "di", "ed"))
    other_admin(company)
    cy = company.core.operator_look
    with cy() as look:
        cy_id = next(each.id for each in texts(look, range(1, 10)) if each.address == "cy@example.com")
    edits = [
        Edit(bo, {"first_name": "Bob", "role": "trainer"}),
        Edit(di, {"phone": "nonsense", "first_name": "Dee"}),
        Edit(ed, {"first_name": "Bo"}),
        Edit(cy_id, {"first_name": "Eve"}),
        Edit(999, {"first_name": "Eve"}),
    ]
    plan = save_all(company, *edits, preview=True)
    assert rows.person(company.core, bo).first_name == "Bo"
    tally = save_all(company, *edits, expect=plan.done)
    for told in (plan, tally):
        assert (told.done, list(told.done_ids)) == (1, [bo])
        assert dict(told.failed) == {"invalid": 1, "target_not_below_own": 1, "person_gone": 1}
        assert dict(told.skipped) == {"unchanged": 1}
    assert "phone number" in tally.sentences["invalid"]
    assert (rows.person(company.core, bo).first_name, rows.person(company.core, di).first_name) == (
        "Bob",
        "Bo",
    )
    with company.core.look(company.admin) as look:
        run = batches.batch(look, tally.batch or "")
    assert (run.verb, run.summary, run.done, run.refused) == ("edit", "edit: first name, phone, role", 1, 4)


def test_another_number_than_confirmed_writes_nothing(company: House) -> None:
    """Where fewer can be changed than the plan said, nobody is."""
    bo, di = company.register("bo@example.com"), company.register("di@example.com")
    with pytest.raises(PlanChanged):
        save_all(company, Edit(bo, {"phone": "030 901820"}), Edit(di, {"phone": "x"}), expect=2)
    assert rows.person(company.core, bo).phone == ""


def test_a_begun_run_is_finished_by_the_edit(company: House) -> None:
    """An edit takes the name of the run that was begun for it."""
    bo = company.register("bo@example.com")
    with company.core.work(company.admin) as work:
        name = begin_run(work, "edit", "edit: phone")
    with company.core.work(company.admin) as work:
        tally = edit_people(work, [Edit(bo, {"phone": "030 901820"})], batch=name)
    assert tally.batch == name
    assert {one.batch for one in rows.events(company.core, "user.edited")} == {name}


def test_statements_do_not_grow_with_the_rows(company: House) -> None:
    """Editing forty people takes as many statements as editing two."""
    people = [company.register(f"p{number}@example.com") for number in range(40)]

    def statements(ids: list[int], phone: str) -> int:
        with counted(company.core) as told:
            save_all(
                company,
                *(
                    Edit(each, {"phone": phone, "first_name": f"P{each}", "groups": "Night shift"})
                    for each in ids
                ),
            )
        return len(told)

    assert statements(people[:2], "030 901820") == statements(people[2:], "030 901821")


def test_names_with_commas_and_quotes_survive(company: House) -> None:
    """Learning groups whose names hold commas or quotes are written in quotes and read back as themselves."""
    bo = company.register("bo@example.com")
    with company.core.work(company.admin) as work:
        add_group(work, "Sales, North")
        add_group(work, 'The "A" team')
    save(company, bo, groups='night shift,"Sales, North", "The ""A"" team"')
    assert rows.groups_of(company.core, bo) == {"Night shift", "Sales, North", 'The "A" team'}
    written = values_of(company, bo)["groups"]
    assert written == 'Night shift, "Sales, North", "The ""A"" team"'
    assert save(company, bo, groups=written).done == 0
