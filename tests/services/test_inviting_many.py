"""Inviting many at once (R16-R19, R22, D1, D2, D4), on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.errors import Missing, RoleNotBelowOwn
from core.models import Invitation
from core.models.outbox import DROPPED, WAITING
from core.roles import Role
from core.services.inviting import Line, Offer, invite_many
from core.tally import Tally
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows


def lines(*addresses: str) -> Sequence[Line]:
    """Return the lines of a file, numbered from 1."""
    return list(itertools.starmap(Line, enumerate(addresses, start=1)))


def run(
    house: House, *addresses: str, offer: Offer | None = None, renew: bool = False, preview: bool = False
) -> Tally:
    """Invite addresses as the admin."""
    with house.core.work(house.admin) as work:
        return invite_many(work, lines(*addresses), offer or Offer(), renew=renew, preview=preview)


def reasons(tally: Tally) -> list[tuple[int | None, str]]:
    """Return the line and the code of each row that was not done."""
    return [(verdict.line, verdict.code) for verdict in tally.verdicts]


def test_each_accepted_row_is_a_normal_invitation(company: House, clock: MovableClock) -> None:
    """Every row gets role, department, groups, days and mail as a single invitation would (R17)."""
    offer = Offer(Role.TRAINER, company.departments["Sales"], (company.groups["Night shift"],), 14)
    tally = run(company, "bo@example.com", "cy@bücher.example", offer=offer)
    assert (tally.done, tally.verdicts, tally.preview) == (2, (), False)
    for one in [rows.invitation(company.core, each) for each in rows.states(company.core)]:
        assert (one.role, one.department_id, one.state) == (
            Role.TRAINER,
            company.departments["Sales"],
            "open",
        )
        assert (one.invited_by, one.batch) == (company.admin_id, tally.batch)
        assert one.expires_at == clock.now() + timedelta(days=14)
        assert rows.invited_groups(company.core, one.id) == {"Night shift"}


def test_without_a_role_everybody_becomes_a_learner(company: House) -> None:
    """None ticked means Learner (R16)."""
    run(company, "bo@example.com")
    assert [rows.invitation(company.core, each).role for each in rows.states(company.core)] == [Role.LEARNER]


def test_a_batch_shares_a_name_and_its_mails_wait_a_moment(company: House, clock: MovableClock) -> None:
    """Events and mails of one run share its batch, and the mails leave some seconds later, behind single ones (R60)."""
    tally = run(company, "bo@example.com", "cy@example.com")
    assert {event.batch for event in rows.events(company.core, "invitation.created")} == {tally.batch}
    for mail in rows.mails(company.core):
        assert (mail.batch, mail.priority, mail.state) == (tally.batch, 1, WAITING)
        assert clock.now() < mail.due_at <= clock.now() + timedelta(seconds=30)


def test_every_reason_is_kept_apart(company: House) -> None:
    """Twice in the file, already a user, archived, already invited and no address are told with their lines (R18, R22)."""
    company.register("user@example.com")
    rows.archive(company.core, company.register("gone@example.com"))
    company.invite("open@example.com")
    tally = run(
        company, "bo@example.com", "BO@example.com", "user@example.com", "Gone@example.com", "open@example.com", "no address", "cy@example.com"
    )  # fmt: skip
    assert tally.done == 2
    assert reasons(tally) == [
        (2, "twice_in_file"),
        (3, "already_user"),
        (4, "archived_user"),
        (5, "already_invited"),
        (6, "invalid_address"),
    ]
    assert dict(tally.skipped) == {
        "twice_in_file": 1,
        "already_user": 1,
        "archived_user": 1,
        "already_invited": 1,
    }
    assert dict(tally.failed) == {"invalid_address": 1}
    assert [verdict.address for verdict in tally.verdicts][0::4] == ["BO@example.com", "no address"]
    assert all(verdict.address in verdict.message for verdict in tally.verdicts)


def test_counts_told_are_rows_written(company: House) -> None:
    """What the tally says was done is what stands in the tables."""
    before = rows.actions(company.core)["invitation.created"]
    tally = run(company, *(f"p{number}@example.com" for number in range(25)), "p3@example.com", "nonsense")
    assert tally.done == rows.count(company.core, Invitation) == len(rows.mails(company.core)) == 25
    assert rows.actions(company.core)["invitation.created"] - before == 25


def test_a_second_run_of_the_same_file_is_harmless(company: House) -> None:
    """Importing a file again skips every row and writes nothing (D1, D3)."""
    run(company, "bo@example.com", "cy@example.com")
    before = rows.dump(company.core)
    tally = run(company, "bo@example.com", "cy@example.com")
    assert (tally.done, tally.batch, dict(tally.skipped)) == (0, None, {"already_invited": 2})
    after = rows.dump(company.core)
    assert {name for name, table in after.items() if table != before[name]} <= {"sign_ins"}


def test_renewing_replaces_open_invitations(company: House) -> None:
    """With renew an open invitation is replaced and its unsent mail dropped (D1)."""
    old = company.invite("bo@example.com")
    tally = run(company, "bo@example.com", "cy@example.com", renew=True)
    assert tally.done == 2
    assert rows.states(company.core)[old] == "replaced"
    assert sorted(mail.state for mail in rows.mails(company.core)) == [DROPPED, WAITING, WAITING]
    assert rows.actions(company.core)["invitation.replaced"] == 1


def test_an_expired_invitation_does_not_skip_its_row(company: House, clock: MovableClock) -> None:
    """Only a live invitation counts as already invited (R12)."""
    company.invite("bo@example.com")
    clock.move(days=7)
    assert run(company, "bo@example.com").done == 1


def test_room_is_given_in_file_order(company: House) -> None:
    """When the cap runs out the first rows are served and the rest are errors with the reason (D2)."""
    rows.set_cap(company.core, 4)
    company.invite("open@example.com")
    tally = run(
        company,
        "a@example.com",
        "open@example.com",
        "b@example.com",
        "c@example.com",
        "a@example.com",
        "d@example.com",
    )
    assert tally.done == 2
    assert reasons(tally) == [
        (2, "already_invited"), (4, "cap_reached"), (5, "twice_in_file"), (6, "cap_reached"),
    ]  # fmt: skip
    assert tally.places_left == 0
    assert dict(tally.failed) == {"cap_reached": 2}


def test_renewed_rows_take_no_place(company: House) -> None:
    """At the cap, rows that replace a live invitation are done and new ones are not (D9)."""
    rows.set_cap(company.core, 2)
    company.invite("open@example.com")
    tally = run(company, "new@example.com", "open@example.com", renew=True)
    assert (tally.done, reasons(tally)) == (1, [(1, "cap_reached")])


def test_group_places_are_given_in_file_order(company: House) -> None:
    """A learning group's maximum size is a limit like the cap, and the group is named (S30)."""
    rows.set_group_size(company.core, company.groups["Night shift"], 2)
    tally = run(
        company,
        "a@example.com",
        "b@example.com",
        "c@example.com",
        offer=Offer(group_ids=(company.groups["Night shift"],)),
    )
    assert (tally.done, reasons(tally)) == (2, [(3, "group_full")])
    assert "Night shift" in tally.verdicts[0].message


def test_places_refused_by_a_group_stay_free(company: House) -> None:
    """A row that its learning group refuses takes no place under the cap."""
    rows.set_group_size(company.core, company.groups["Night shift"], 1)
    rows.set_cap(company.core, 10)
    tally = run(
        company, "a@example.com", "b@example.com", offer=Offer(group_ids=(company.groups["Night shift"],))
    )
    assert (tally.done, tally.places_left) == (1, 8)


def test_places_left_are_told(company: House) -> None:
    """The tally says how many places remain, and nothing where there is no cap."""
    assert run(company, "a@example.com").places_left is None
    rows.set_cap(company.core, 10)
    assert run(company, "b@example.com", "c@example.com").places_left == 6


def test_a_preview_is_the_run_without_its_end(company: House) -> None:
    """The preview tells what the run then does, and writes nothing (D4)."""
    rows.set_cap(company.core, 3)
    company.invite("open@example.com")
    file = ("a@example.com", "open@example.com", "b@example.com", "oops")
    before = rows.dump(company.core)
    plan = run(company, *file, preview=True)
    after = rows.dump(company.core)
    assert {name for name, table in after.items() if table != before[name]} <= {"sign_ins"}
    assert (plan.preview, plan.batch) == (True, None)
    tally = run(company, *file)
    assert (tally.done, tally.verdicts, tally.places_left) == (plan.done, plan.verdicts, plan.places_left)
    assert tally.to_json() | {"preview": True, "batch": None} == plan.to_json()


@sqlite_only
@pytest.mark.parametrize("role", [Role.COMPANY_ADMIN, Role.OPERATOR])
@pytest.mark.parametrize("file", [(), ("bo@example.com",), ("no address",)])
def test_a_role_out_of_reach_rejects_the_whole_file(
    company: House, role: Role, file: tuple[str, ...]
) -> None:
    """A role at or above one's own refuses the import before any row is looked at (R19)."""
    with pytest.raises(RoleNotBelowOwn):
        run(company, *file, offer=Offer(role))
    assert rows.count(company.core, Invitation) == 0


@sqlite_only
def test_an_unknown_department_rejects_the_whole_file(company: House) -> None:
    """A place that does not exist refuses the import, and nothing is written."""
    with pytest.raises(Missing):
        run(company, "bo@example.com", offer=Offer(department_id=999))
    assert rows.count(company.core, Invitation) == 0


@sqlite_only
def test_an_empty_file_does_nothing(company: House) -> None:
    """No rows are no error."""
    tally = run(company)
    assert (tally.done, tally.verdicts, tally.batch) == (0, (), None)


def test_a_failure_midway_takes_the_whole_file_back(company: House) -> None:
    """An import is one transaction: all of it or nothing (D4)."""
    with pytest.raises(ZeroDivisionError), company.core.work(company.admin) as work:  # noqa: PT012 - the error comes after the change
        assert invite_many(work, lines("bo@example.com", "cy@example.com"), Offer()).done == 2
        raise ZeroDivisionError
    assert rows.count(company.core, Invitation) == 0
    assert rows.mails(company.core) == []


def test_many_rows_take_as_many_statements_as_few(company: House) -> None:
    """Thousands of rows are judged and written set by set, and each is counted."""
    tally = run(company, *(f"p{number}@example.com" for number in range(3000)))
    assert tally.done == rows.count(company.core, Invitation) == 3000


def test_the_counts_of_a_tally_are_promised_keys(company: House) -> None:
    """The JSON of a tally has the keys that scripts rely on."""
    told = run(company, "bo@example.com", "oops").to_json()
    assert set(told) >= {"batch", "preview", "done", "skipped", "failed", "rows"}
    assert told["rows"] == [{"line": 2, "address": "oops", "code": "invalid_address"}]
