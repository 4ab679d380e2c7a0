"""Taking back bulk invitations (R60, D4), on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.errors import AlreadyUndone, Missing, NotUndoable, PlanChanged
from core.importing import LINE_PROBLEMS
from core.models import OutboxMail
from core.reading import batches
from core.services.accepting import accept
from core.services.inviting import Line, Offer, invite_many, withdraw
from core.services.runs import begin_run
from core.services.undoing import last_undoable, undo
from core.tally import Tally, Verdict
from tests.people import PASSWORD, House
from tests.services import rows

FILLED_IN = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}


def run(house: House, *addresses: str, renew: bool = False) -> Tally:
    """Invite several addresses as the admin."""
    with house.core.work(house.admin) as work:
        lines = [Line(number, address) for number, address in enumerate(addresses, 1)]
        return invite_many(work, lines, Offer(), renew=renew)


def take_back(house: House, batch: str | None) -> Tally:
    """Undo a bulk change as the admin."""
    with house.core.work(house.admin) as work:
        return undo(work, batch or "")


def test_an_undone_import_leaves_no_open_invitation_and_no_waiting_mail(company: House) -> None:
    """Undoing withdraws every invitation of the run and drops its unsent mails."""
    tally = run(company, "bo@example.com", "cy@example.com")
    assert take_back(company, tally.batch).done == 2
    assert set(rows.states(company.core).values()) == {"withdrawn"}
    assert {state for (state,) in rows.all_of(company.core, select(OutboxMail.state))} == {"dropped"}


def test_whoever_has_registered_stays(company: House) -> None:
    """An invitation that was accepted meanwhile is told and left alone."""
    tally = run(company, "bo@example.com", "cy@example.com")
    accept(company.core, company.token_of(1), FILLED_IN)
    undone = take_back(company, tally.batch)
    assert (undone.done, dict(undone.failed)) == (1, {"invitation_closed": 1})
    assert rows.states(company.core) == {1: "accepted", 2: "withdrawn"}


def test_what_the_run_replaced_is_open_again(company: House) -> None:
    """An invitation that the run had renewed works again after the undo, and its unsent mail waits again."""
    first = company.invite("bo@example.com")
    tally = run(company, "bo@example.com", renew=True)
    assert rows.states(company.core)[first] == "replaced"
    take_back(company, tally.batch)
    assert rows.states(company.core)[first] == "open"
    assert accept(company.core, company.token_of(first), FILLED_IN).address == "bo@example.com"


def test_a_change_is_undone_once(company: House) -> None:
    """The second undo of the same run is refused, and the last undoable run is then an earlier one."""
    earlier, later = run(company, "bo@example.com"), run(company, "cy@example.com")
    with company.core.work(company.admin) as work:
        assert last_undoable(work) == later.batch
    take_back(company, later.batch)
    with pytest.raises(AlreadyUndone, match=later.batch):
        take_back(company, later.batch)
    with company.core.work(company.admin) as work:
        assert last_undoable(work) == earlier.batch


def test_what_is_not_there_cannot_be_undone(company: House) -> None:
    """An unknown name is missing, the last of none too, and a run that did nothing is refused."""
    with pytest.raises(Missing):
        take_back(company, "nosuchname")
    with pytest.raises(Missing), company.core.work(company.admin) as work:
        last_undoable(work)
    with company.core.work(company.admin) as work:
        name = begin_run(work, "invite", "invite: Learner")
    with company.core.work(company.admin) as work:
        invite_many(work, [Line(1, "nobody")], Offer(), batch=name)
    with pytest.raises(NotUndoable):
        take_back(company, name)


def test_a_bulk_withdrawal_is_taken_back(company: House) -> None:
    """Withdrawn invitations are open again and their unsent mails wait; who was invited anew meanwhile is told."""
    ids = [company.invite("bo@example.com"), company.invite("cy@example.com")]
    with company.core.work(company.admin) as work:
        withdrawn = withdraw(work, ids)
    company.invite("cy@example.com")
    with company.core.work(company.admin) as work:
        plan = undo(work, withdrawn.batch or "", preview=True)
    assert (plan.done, dict(plan.skipped), list(plan.done_ids)) == (1, {"already_invited": 1}, ids[:1])
    undone = take_back(company, withdrawn.batch)
    assert (undone.done, undone.refused) == (1, 1)
    assert rows.states(company.core)[ids[0]] == "open"
    assert accept(company.core, company.token_of(ids[0]), FILLED_IN).address == "bo@example.com"
    with pytest.raises(NotUndoable):
        take_back(company, undone.batch)


def test_a_withdrawal_is_taken_back_as_far_as_there_is_room(company: House) -> None:
    """Reopened invitations take places in their order, under the cap and in learning groups."""
    ids = [company.invite(f"{name}@example.com", groups=["Night shift"]) for name in ("bo", "cy", "di")]
    with company.core.work(company.admin) as work:
        withdrawn = withdraw(work, ids)
    rows.set_group_size(company.core, company.groups["Night shift"], 2)
    rows.set_cap(company.core, 2)
    with company.core.work(company.admin) as work:
        plan = undo(work, withdrawn.batch or "", preview=True)
    assert (plan.done, dict(plan.failed)) == (1, {"cap_reached": 2})
    rows.set_cap(company.core, None)
    undone = take_back(company, withdrawn.batch)
    assert (undone.done, dict(undone.failed)) == (2, {"group_full": 1})


def test_a_plan_of_an_undo_writes_nothing(company: House) -> None:
    """A preview counts what would be withdrawn, what opens again and what happens to mails, and leaves all as it is."""
    company.invite("bo@example.com")
    tally = run(company, "bo@example.com", "cy@example.com", renew=True)
    before = rows.dump(company.core)
    with company.core.work(company.admin) as work:
        plan = undo(work, tally.batch or "", preview=True)
    after = rows.dump(company.core)
    assert {name: lines for name, lines in after.items() if name != "sign_ins"} == {
        name: lines for name, lines in before.items() if name != "sign_ins"
    }
    assert (plan.done, plan.batch, plan.preview) == (2, None, True)
    assert plan.effects is not None
    assert plan.effects.invitations_withdrawn == 2
    assert "open again: 1" in " ".join(plan.effects.notes)


def test_another_number_than_confirmed_stops_an_undo(company: House) -> None:
    """Where somebody registered since the plan, nothing is withdrawn; a begun name is finished by the undo."""
    tally = run(company, "bo@example.com", "cy@example.com")
    accept(company.core, company.token_of(1), FILLED_IN)
    with pytest.raises(PlanChanged), company.core.work(company.admin) as work:
        undo(work, tally.batch or "", expect=2)
    assert rows.states(company.core)[2] == "open"
    with company.core.work(company.admin) as work:
        name = begin_run(work, "undo", "undo invite: Learner")
    with company.core.work(company.admin) as work:
        assert undo(work, tally.batch or "", expect=1, name=name).batch == name
    with company.core.look(company.admin) as look:
        assert batches.batch(look, tally.batch or "").undone_by == name


def test_a_run_can_be_looked_up(company: House) -> None:
    """A run tells what has become of its invitations and mails."""
    tally = run(company, "bo@example.com", "cy@example.com")
    accept(company.core, company.token_of(1), FILLED_IN)
    with company.core.look(company.admin) as look:
        row = batches.batch(look, tally.batch or "")
        [run_row] = batches.recent(look)
    assert (row.states, row.mails) == ({"accepted": 1, "open": 1}, {"waiting": 2})
    assert (run_row.batch, run_row.actor, run_row.done) == (tally.batch, company.admin_address, 2)


@pytest.mark.parametrize("problem", sorted(LINE_PROBLEMS))
def test_what_a_reading_found_wrong_is_told_with_its_line(company: House, problem: str) -> None:
    """A line with a problem of its form is never invited; its verdict names the line and says what to do."""
    heard: list[Verdict] = []
    with company.core.work(company.admin) as work:
        lines = [Line(1, "bo@example.com"), Line(7, "x@example.com, y@example.com", problem)]
        tally = invite_many(work, lines, Offer(), each_refused=heard.append)
    assert tally.done == 1
    assert [(verdict.line, verdict.code) for verdict in heard] == [(7, problem)]
    assert len(heard[0].message) > 20
    assert tally.refused == 1


def test_progress_that_raises_leaves_nothing(company: House) -> None:
    """Cancelling at the last step rolls the whole run back."""

    def cancel(step: str, _rows: int) -> None:
        if step == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), company.core.work(company.admin) as work:
        invite_many(work, [Line(1, "bo@example.com")], Offer(), progress=cancel)
    assert not rows.states(company.core)
