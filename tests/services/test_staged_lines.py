"""Lines that are read before the lock is taken, through the doors' `first` (R19, R57, D4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import inspect

from core.core import Core
from core.errors import Busy, Invalid, Missing, PermissionNeeded, RoleNotBelowOwn, SignedOut
from core.models import Invitation
from core.ports import Hasher
from core.roles import Role
from core.services.inviting import Line, Offer, StagedLines, invite_many
from core.settings import Settings
from core.tally import Tally
from core.work import Look
from tests.databases import Database
from tests.people import House
from tests.services import rows
from tests.services.test_doors import impatient, writing_elsewhere

THREE = (Line(1, "bo@example.com"), Line(2, "no address"), Line(3, "cy@example.com"))


class Stopped(Exception):  # noqa: N818 - it is no error
    """Raised by whoever hears of progress."""


def run(house: House, staged: StagedLines, offer: Offer, *, renew: bool = False) -> Tally:
    """Import what is staged first as the admin."""
    with house.core.work(house.admin, first=staged.stage) as work:
        return invite_many(work, staged, offer, renew=renew)


def untouchable() -> Iterator[Line]:
    """Stand for a file that must not be read."""
    yield from map(_touched, [1])


def _touched(number: int) -> Line:
    raise AssertionError(f"line {number} was read")


def test_lines_staged_first_are_imported_like_others(company: House) -> None:
    """They are judged and written with everything the offer says, and a second run on the same core works too."""
    places = Offer(Role.TRAINER, company.departments["Sales"], (company.groups["Night shift"],), 3)
    tally = run(company, StagedLines(THREE, places), places)
    assert (tally.done, dict(tally.failed)) == (2, {"invalid_address": 1})
    for each in rows.states(company.core):
        one = rows.invitation(company.core, each)
        assert (one.role, one.department_id) == (Role.TRAINER, company.departments["Sales"])
        assert rows.invited_groups(company.core, each) == {"Night shift"}
    again = run(company, StagedLines(THREE, places), places)
    assert (again.done, dict(again.skipped)) == (0, {"already_invited": 2})


def test_others_can_work_while_lines_are_read(company: House) -> None:
    """While a file or a pipe is still being read, others invite as ever, and what they did counts."""

    def slowly() -> Iterator[Line]:
        yield THREE[0]
        company.invite("meanwhile@example.com")
        company.invite("cy@example.com")
        yield THREE[2]

    tally = run(company, StagedLines(slowly(), Offer()), Offer())
    assert (tally.done, dict(tally.skipped)) == (1, {"already_invited": 1})
    assert rows.count(company.core, Invitation) == 3


def test_a_role_too_high_is_refused_before_anything_is_read(company: House) -> None:
    """The role is judged before the first line is taken, and nothing is written (R19)."""
    before = rows.dump(company.core)
    for role in (Role.COMPANY_ADMIN, Role.OPERATOR):
        with pytest.raises(RoleNotBelowOwn):
            run(company, StagedLines(untouchable(), Offer(role)), Offer(role))
    with pytest.raises(Invalid):
        run(company, StagedLines(untouchable(), Offer(days=0)), Offer(days=0))
    after = rows.dump(company.core)
    assert {name for name, table in after.items() if table != before[name]} <= {"sign_ins"}


def test_a_role_too_high_is_refused_at_the_second_step_too(company: House) -> None:
    """Whoever stages with one offer and imports with another gets no further."""
    with pytest.raises(RoleNotBelowOwn):
        run(company, StagedLines(THREE, Offer()), Offer(Role.COMPANY_ADMIN))
    assert rows.count(company.core, Invitation) == 0


def test_who_may_not_invite_reads_nothing(company: House) -> None:
    """A job without the right, or a closed sign-in, is refused before the first line."""
    company.register("bo@example.com", Role.TRAINER)
    trainer = rows.open_sign_in(company.core, "bo@example.com")
    staged = StagedLines(untouchable(), Offer())
    with pytest.raises(PermissionNeeded), company.core.work(trainer, first=staged.stage):
        pass
    rows.close_sign_ins(company.core, company.admin_id)
    with pytest.raises(SignedOut), company.core.work(company.admin, first=staged.stage):
        pass


@pytest.mark.parametrize("step", ["read", "judge", "write"])
def test_stopping_at_any_step_leaves_nothing(company: House, step: str) -> None:
    """Whatever stops the run, in the reading or in the writing, nothing is left of it, and the next run works."""

    def stop(now: str, _rows: int) -> None:
        if now == step:
            raise Stopped

    lines = [Line(number, f"p{number}@example.com") for number in range(1, 6001)]
    staged = StagedLines(lines, Offer(), progress=stop)
    with pytest.raises(Stopped), company.core.work(company.admin, first=staged.stage) as work:
        invite_many(work, staged, Offer(), progress=stop)
    assert rows.count(company.core, Invitation) == 0
    assert run(company, StagedLines(THREE, Offer()), Offer()).done == 2


def test_a_place_that_is_gone_by_then_stops_the_run(company: House) -> None:
    """Places are looked at under the lock, and nothing is written where one does not exist."""
    nowhere = Offer(department_id=10_000)
    with pytest.raises(Missing):
        run(company, StagedLines(THREE, nowhere), nowhere)
    assert rows.count(company.core, Invitation) == 0


def test_what_was_staged_is_gone_afterwards(core: Core, company: House) -> None:
    """The connection with the temporary tables is closed, so the next one begins without them."""

    def tables(look: Look) -> list[str]:
        return inspect(look.db.connection()).get_temp_table_names()

    run(company, StagedLines(THREE, Offer()), Offer())
    with core.operator(first=StagedLines(THREE, Offer()).stage):
        pass
    with core.operator_look() as look:
        assert tables(look) == []


def test_a_run_that_gets_no_lock_is_busy(
    company: House, settings: Settings, database: Database, hasher: Hasher
) -> None:
    """While another program holds what every change needs, the lines are read and then nothing is written."""
    read: list[int] = []
    staged = StagedLines(THREE, Offer(), progress=lambda _step, lines: read.append(lines))
    with (
        Core.open(replace(settings, database_url=impatient(database)), hasher=hasher) as hasty,
        writing_elsewhere(database),
        pytest.raises(Busy),
        hasty.operator(first=staged.stage) as work,
    ):
        invite_many(work, staged, Offer())
    assert (read, rows.count(company.core, Invitation)) == ([3], 0)
