"""Bulk runs by name: begun, finished, dropped, looked up; on both databases."""

from __future__ import annotations

import pytest

from core.errors import AlreadyRun, Missing
from core.reading import batches
from core.reading.batches import BatchRow
from core.services.inviting import Line, Offer, invite_many, withdraw
from core.services.runs import begin_run, drop_run, finish_run
from tests.people import House
from tests.services import rows


def begin(house: House, verb: str = "role", summary: str = "role: Trainer") -> str:
    """Begin a run as the admin."""
    with house.core.work(house.admin) as work:
        return begin_run(work, verb, summary)


def finish(house: House, name: str, *, done: int = 2, undoes: str | None = None) -> None:
    """Finish a run as the admin."""
    with house.core.work(house.admin) as work:
        finish_run(work, name, verb="role", summary="role: Trainer", done=done, refused=1, undoes=undoes)


def open_runs(house: House) -> list[str]:
    """Return the names of the admin's runs that came to nothing so far."""
    with house.core.look(house.admin) as look:
        return [row.batch for row in batches.unfinished(look, house.admin_id)]


def one(house: House, name: str) -> BatchRow:
    """Return one run as it is told."""
    with house.core.look(house.admin) as look:
        return batches.batch(look, name)


def test_a_run_is_unfinished_until_its_transaction_ends(company: House) -> None:
    """A begun run is told with its verb and summary as not applied; finished, it is told with what it did."""
    name = begin(company)
    row = one(company, name)
    assert (row.verb, row.summary, row.actor, row.finished) == (
        "role",
        "role: Trainer",
        company.admin_address,
        None,
    )
    assert open_runs(company) == [name]
    finish(company, name)
    row = one(company, name)
    assert (row.done, row.refused, row.finished) == (2, 1, company.core.ports.clock.now())
    assert open_runs(company) == []


def test_a_run_that_is_rolled_back_stays_unfinished(company: House) -> None:
    """When the big transaction fails, its end is gone with it and the run still counts as not applied."""
    name = begin(company)

    def fail_at_the_end() -> None:
        with company.core.work(company.admin) as work:
            finish_run(work, name, verb="role", summary="role: Trainer", done=2, refused=0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_at_the_end()
    assert open_runs(company) == [name]
    assert one(company, name).done == 0


def test_a_run_that_nobody_began_gets_its_row_at_the_end(company: House) -> None:
    """Finishing an unknown name writes the whole row."""
    finish(company, "fresh")
    assert (one(company, "fresh").done, one(company, "fresh").actor) == (2, company.admin_address)


def test_a_name_serves_one_run(company: House) -> None:
    """A finished run cannot be finished again, and somebody else's cannot be finished at all."""
    name = begin(company)
    finish(company, name)
    with pytest.raises(AlreadyRun, match=name):
        finish(company, name)
    with company.core.operator() as work:
        theirs = begin_run(work, "role", "role: Trainer")
    with pytest.raises(Missing):
        finish(company, theirs)


def test_a_dropped_run_is_forgotten_and_a_finished_one_is_not(company: House) -> None:
    """Dropping forgets a run of one's own that was only begun; others and finished ones stay."""
    begun, over = begin(company), begin(company)
    finish(company, over)
    with company.core.operator() as work:
        theirs = begin_run(work, "role", "role: Trainer")
    with company.core.work(company.admin) as work:
        for name in (begun, over, theirs):
            drop_run(work, name)
    with company.core.look(company.admin) as look:
        assert [row.batch for row in batches.recent(look)] == [theirs, over]


def test_recent_runs_can_be_narrowed_to_one_admin(company: House) -> None:
    """The newest runs come first; an admin's and the operator's can be asked for alone."""
    mine = begin(company)
    with company.core.operator() as work:
        theirs = begin_run(work, "role", "role: Trainer")
    with company.core.look(company.admin) as look:
        assert [row.batch for row in batches.recent(look)] == [theirs, mine]
        assert [row.batch for row in batches.recent(look, limit=1)] == [theirs]
        assert [row.batch for row in batches.recent(look, actor=company.admin_id)] == [mine]
        assert [row.batch for row in batches.recent(look, actor=0)] == [theirs]


def test_a_run_that_takes_back_another_is_tied_to_it(company: House) -> None:
    """Both sides name each other."""
    first, second = begin(company), begin(company, "undo", "undo role: Trainer")
    finish(company, first)
    finish(company, second, undoes=first)
    assert (one(company, second).undoes, one(company, first).undone_by) == (first, second)


def test_bulk_invitations_are_runs(company: House) -> None:
    """Bulk inviting takes a begun name or makes one, and says how many were done and refused."""
    name = begin(company, "invite", "invite: Learner")
    with company.core.work(company.admin) as work:
        lines = [Line(1, "bo@example.com"), Line(2, "cy@example.com"), Line(3, "nobody")]
        assert invite_many(work, lines, Offer(), batch=name).batch == name
    row = one(company, name)
    assert (row.verb, row.summary, row.done, row.refused) == ("invite", "invite: Learner", 2, 1)
    assert row.states == {"open": 2}
    with company.core.work(company.admin) as work:
        assert invite_many(work, [Line(1, "di@example.com")], Offer()).batch is not None
    with company.core.work(company.admin) as work:
        withdraw(work, [1, 2])
    with company.core.look(company.admin) as look:
        assert [each.verb for each in batches.recent(look)] == ["withdraw", "invite", "invite"]


def test_a_preview_and_a_run_without_effect_leave_no_open_run(company: House) -> None:
    """A preview writes no row; a begun run that could do nothing is over, with nothing done."""
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(1, "bo@example.com")], Offer(), preview=True)
    with company.core.look(company.admin) as look:
        assert batches.recent(look) == []
    name = begin(company, "invite", "invite: Learner")
    with company.core.work(company.admin) as work:
        assert invite_many(work, [Line(1, "nobody")], Offer(), batch=name).batch is None
    assert (one(company, name).done, one(company, name).finished is None) == (0, False)
    assert rows.states(company.core) == {}
