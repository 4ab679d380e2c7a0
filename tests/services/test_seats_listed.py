"""Giving and revoking seats by a list of addresses (S18), on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.core import Core
from core.errors import Missing, PlanChanged
from core.models import License
from core.services.people import GiveSeat
from core.services.runs import begin_run
from core.services.seats import Line, allocate_listed, revoke_listed
from core.services.undoing import undo
from core.tally import Verdict
from tests.people import House
from tests.services import rows
from tests.services.changes import (
    add_license,
    add_people,
    assert_sound,
    change,
    counted,
    effects_of,
    holders,
    keep_waiting,
    waiters,
)

pytestmark = pytest.mark.slow

LISTED = (
    Line(2, "learner00003@example.com"),
    Line(3, "learner00000@example.com"),
    Line(5, "LEARNER00003@example.com"),
    Line(6, "nobody@example.com"),
    Line(7, "not an address"),
    Line(8, "a@example.com; b@example.com", "several_addresses"),
    Line(9, "learner00001@example.com"),
    Line(10, "learner00002@example.com"),
    Line(11, "nobody@example.com"),
)


def test_a_list_is_served_line_by_line(company: House, core: Core) -> None:
    """Seats go in the order of the lines, and every other line is told with its number and its reason (S18)."""
    ids = add_people(core, 4)
    license_id = add_license(core, seats=3)
    change(company, ids[:1], GiveSeat(license_id))
    with core.work(company.admin) as work:
        plan = allocate_listed(work, license_id, LISTED, preview=True)
    told: list[Verdict] = []
    with core.work(company.admin) as work:
        name = begin_run(work, "allocate", "give a seat: Premium Sales")
    with core.work(company.admin) as work:
        tally = allocate_listed(
            work, license_id, LISTED, expect=plan.done, batch=name, each_refused=told.append
        )
    assert (list(tally.done_ids), tally.batch) == ([ids[3], ids[1]], name)
    assert [(each.line, each.code) for each in told] == [
        (3, "seat_held"),
        (5, "twice_in_file"),
        (6, "unknown_user"),
        (7, "invalid_address"),
        (8, "several_addresses"),
        (10, "no_seat_left"),
        (11, "twice_in_file"),
    ]
    assert [each.to_json() for each in plan.verdicts] == [
        {"line": each.line, "address": each.address, "code": each.code} for each in told
    ]
    assert dict(tally.failed) == {
        "invalid_address": 1,
        "no_seat_left": 1,
        "several_addresses": 1,
        "unknown_user": 1,
    }
    assert tally.sentences["unknown_user"] == (
        "Nobody here has the address nobody@example.com. Check its spelling, or invite it first."
    )
    assert "a@example.com, b@example.com" in tally.sentences["several_addresses"]
    assert tally.sentences["twice_in_file"].startswith("LEARNER00003@example.com is listed twice")
    assert list(tally.refused_ids["unknown_user"]) == []
    assert list(tally.refused_ids["no_seat_left"]) == [ids[2]]
    assert (effects_of(tally).seats_given, effects_of(tally).mails) == (2, 2)
    assert holders(core, license_id) == {ids[0], ids[3], ids[1]}
    with core.work(company.admin) as work:
        assert undo(work, name).done == 2
    assert holders(core, license_id) == {ids[0]}
    assert_sound(core)


def test_a_list_obeys_what_a_license_allows(company: House, core: Core) -> None:
    """All or none, the waiting list, the end of a license and unknown ones count as for anybody else."""
    ids = add_people(core, 4)
    license_id = add_license(core, seats=3)
    keep_waiting(core, license_id)
    with core.work(company.admin) as work:
        none = allocate_listed(work, license_id, LISTED, all_or_none=True)
        assert (none.done, none.failed["no_seat_left"]) == (0, 4)
        served = allocate_listed(work, license_id, LISTED)
        assert (served.done, served.skipped["waits_for_seat"]) == (3, 1)
    assert waiters(core, license_id) == [ids[2]]
    with pytest.raises(PlanChanged), core.work(company.admin) as work:
        revoke_listed(work, license_id, LISTED, expect=4)
    with pytest.raises(Missing), core.work(company.admin) as work:
        allocate_listed(work, 77, LISTED)
    with core.operator() as work:
        work.db.execute(update(License).values(expires_on=work.now.date() - timedelta(days=1)))
    with core.work(company.admin) as work:
        assert allocate_listed(work, license_id, LISTED).failed["license_expired"] == 1


def test_seats_are_revoked_by_a_list(company: House, core: Core) -> None:
    """Whoever holds none is skipped; the freed seats pass on to those who wait."""
    ids = add_people(core, 4)
    license_id = add_license(core, seats=2)
    keep_waiting(core, license_id)
    change(company, [ids[3], ids[0], ids[2]], GiveSeat(license_id))
    with core.work(company.admin) as work:
        tally = revoke_listed(work, license_id, LISTED[:2] + LISTED[6:7])
    assert (list(tally.done_ids), dict(tally.skipped)) == ([ids[3], ids[0]], {"no_seat_held": 1})
    assert (effects_of(tally).seats_passed_on, holders(core, license_id)) == (1, {ids[2]})
    assert [each.batch for each in rows.events(core, "seat.revoked")] == [tally.batch] * 2


def test_statements_do_not_grow_with_the_list(company: House, core: Core) -> None:
    """A list of forty takes as many statements as one of two."""
    add_people(core, 40)
    license_id = add_license(core, seats=100)

    def statements(first: int, last: int) -> int:
        lines = [Line(number, f"learner{number:05}@example.com") for number in range(first, last)]
        with counted(core) as told, core.work(company.admin) as work:
            assert allocate_listed(work, license_id, lines).done == last - first
        return len(told)

    assert statements(1, 3) == statements(3, 40)
