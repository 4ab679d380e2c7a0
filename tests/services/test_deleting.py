"""Deleting a person: what is told before, what is gone, what stays, and who may not (R34, R42, D6, D7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import Connection, event, insert, select, update

from core.core import Core
from core.errors import (
    Busy,
    Invalid,
    LastAdmin,
    LinkWithdrawn,
    Missing,
    OwnAccount,
    PersonGone,
    Problem,
    SignedOut,
    TargetNotBelowOwn,
)
from core.models import (
    AuditEvent,
    Batch,
    Invitation,
    License,
    OutboxMail,
    Preference,
    SavedView,
    Seat,
    SeatWaiter,
    User,
)
from core.models.outbox import DROPPED
from core.reading.losing import what_is_lost
from core.roles import Role
from core.services.accepting import read_link
from core.services.cleaning import clean, remove_forgotten_mails
from core.services.company import edit_company
from core.services.deleting import delete_person
from core.services.editing import Edit, edit
from core.services.inviting import Line, Offer, invite_many
from core.services.people import GiveRole, GiveSeat, Place, SetJobTitle, TakeSeat
from core.services.preferring import remember
from core.services.signing_in import sign_in
from core.services.undoing import undo
from core.settings import Settings
from core.values import Secret
from tests.databases import sqlite_only
from tests.people import ADMIN_ADDRESS, PASSWORD, SOURCE, House
from tests.services import leavers, rows
from tests.services.changes import add_license, assert_sound, change
from tests.services.leavers import left_in_files, left_in_tables, with_a_past


def delete_on_host(core: Core, user_id: int, confirm: str) -> None:
    """Delete somebody as the operator of the host."""
    with core.operator() as work:
        delete_person(work, user_id, confirm=confirm)


@pytest.mark.slow
def test_no_byte_of_a_deleted_person_is_left(company: House) -> None:
    """Name, addresses, phone and all else are gone from every table at once, and after cleaning up from every file."""
    core = company.core
    company.register("bo@example.com")
    leaver = with_a_past(company)
    assert {"users", "audit_events", "outbox", "preferences", "saved_views", "batches", "tasks"} <= set(
        left_in_tables(core)
    )
    leavers.let_the_planner_look(core)
    files = len(list(core.settings.outbox_folder.iterdir()))
    delete_on_host(core, leaver.id, f" {leaver.address.upper()} ")
    assert set(left_in_tables(core)) <= {"pg_stats"}
    cleaned = clean(core)
    assert not left_in_tables(core)
    assert not left_in_files(core.settings)
    assert 0 < cleaned.files < files
    assert clean(core).files == 0
    assert_sound(core)


def test_bare_events_stay_and_add_up(company: House) -> None:
    """Every event stays with a number for the name, and seats given and revoked are still those in use."""
    core = company.core
    leaver = with_a_past(company)
    before = rows.actions(core)
    delete_on_host(core, leaver.id, leaver.address)
    more = rows.actions(core)
    more.subtract(before)
    assert {action for action, number in more.items() if number} == {
        "seat.revoked", "seat.wait_ended", "invitation.withdrawn", "user.deleted",
    }  # fmt: skip
    label = f"deleted person {leaver.id}"
    theirs = [
        each for each in rows.events(core) if each.subject_kind == "user" and each.subject_id == leaver.id
    ]
    assert {each.subject_label for each in theirs} == {label}
    assert theirs[-1].action == "user.deleted"
    assert theirs[-1].details == {"role": "company-admin", "status": "active"}
    [archived] = [
        each for each in theirs if each.batch == leaver.archiving and each.action == "user.archived"
    ]
    assert archived.details == {"status": {"old": "active", "new": "archived"}}
    [revoked] = rows.events(core, "seat.revoked")
    assert revoked.details["license"].keys() == {"id", "name", "held_since"}
    acted = {each.actor_label for each in rows.events(core) if each.actor_id == leaver.id}
    batches = rows.all_of(core, select(Batch.actor_label).where(Batch.actor_id == leaver.id))
    assert acted == {label} == {row.actor_label for row in batches}
    handed = [each.details["inviter"] for each in rows.events(core) if "inviter" in each.details]
    assert Counter(side["old"] == label or side["new"] == label for side in handed) == {True: 4}


def test_what_is_lost_is_told_exactly(company: House) -> None:
    """Before anything is done each record, seat, group and invitation is counted, and so is what stays."""
    leaver = with_a_past(company)
    with company.core.operator_look() as look:
        loss = what_is_lost(look, leaver.id)
    assert (loss.address, loss.name, loss.role) == (
        leavers.ADDRESS, "Žofinka Vítězová", Role.COMPANY_ADMIN,
    )  # fmt: skip
    assert loss.lines == (
        "1 lesson done",
        "1 course in progress",
        "1 certificate",
        "1 license seat: Premium Sales",
        "1 place on a waiting list: Safety",
        "1 learning group: Night shift",
        "1 open invitation sent: withdrawn, the links stop working",
        "2 other invitations sent: kept, without the sender",
        "2 sign-ins; open ones end at once",
        "1 saved view of the console",
        "name, address, phone and all else that is personal, in the audit trail too",
    )
    assert not loss.refusal
    with company.core.look(company.admin) as look:
        assert "which is not below your own role" in what_is_lost(look, leaver.id).refusal
        with pytest.raises(Missing):
            what_is_lost(look, 4711)


def test_what_they_held_ends_at_once(company: House) -> None:
    """Links they sent die, their sign-in ends, their seat goes to who waits, and a run on them can be taken back no more."""
    core = company.core
    leaver = with_a_past(company)
    own = sign_in(core, leaver.address, f"{PASSWORD}!", source=SOURCE).sign_in_id
    with core.operator() as work:
        only_one = {"seats_total": 1, "waiting_list": True}
        work.db.execute(update(License).where(License.id == leaver.license).values(only_one))
        waiter = {"license_id": leaver.license, "user_id": company.admin_id, "since": work.now}
        work.db.execute(insert(SeatWaiter).values(waiter))
    invited = leavers.invitation_of(core, leaver.invitee)
    delete_on_host(core, leaver.id, leaver.address)
    with core.glance() as visit, pytest.raises(LinkWithdrawn):
        read_link(visit, company.token_of(invited.id))
    [mail] = rows.all_of(core, select(OutboxMail.state).where(OutboxMail.invitation_id == invited.id))
    assert mail.state == DROPPED
    with pytest.raises(SignedOut), core.look(own):
        pass
    seats = rows.all_of(core, select(Seat.user_id).where(Seat.license_id == leaver.license))
    assert [seat.user_id for seat in seats] == [company.admin_id]
    with core.operator() as work:
        tally = undo(work, leaver.archiving)
    assert [verdict.code for verdict in tally.verdicts] == [PersonGone.code]


def test_searches_for_somebody_of_the_same_name_stay(company: House) -> None:
    """Searches and views that are about the deleted person alone are forgotten, all others stay as they are."""
    core = company.core
    leaver = with_a_past(company)
    company.register("other@example.com", first_name="Žofinka", last_name="Berg")
    delete_on_host(core, leaver.id, leaver.address)
    [history] = rows.all_of(core, select(Preference.value).where(Preference.key == "prompt.history"))
    assert history.value == ["role:learner", "-zofinka"]
    [left] = rows.all_of(core, select(Preference.value).where(Preference.key == "list.users"))
    assert left.value == {"filter": "", "columns": [["name", 20]]}
    assert [row.name for row in rows.all_of(core, select(SavedView.name))] == ["Learners"]


def test_whoever_has_the_old_address_now_is_left_alone(company: House) -> None:
    """An address that was given up and taken by somebody else stays theirs, with its invitation, mails and history."""
    core = company.core
    first = company.register("info@example.com")
    with core.work(company.admin) as work:
        edit(work, Edit(first, {"address": "gone@example.com"}))
    core.ports.clock.move(hours=1)  # type: ignore[attr-defined]  # the clock of the tests
    second = company.register("info@example.com", first_name="Cy", last_name="Kay")
    delete_on_host(core, first, "gone@example.com")
    invitations = rows.all_of(core, select(Invitation.address, Invitation.user_id))
    assert [tuple(row) for row in invitations] == [("info@example.com", second)]
    assert {row.to_address for row in rows.all_of(core, select(OutboxMail.to_address))} == {
        "info@example.com"
    }
    labels = {each.subject_label for each in rows.events(core) if each.subject_kind != "company"}
    assert "info@example.com" in labels
    assert "gone@example.com" not in labels
    delete_on_host(core, second, "info@example.com")
    assert not rows.all_of(core, select(AuditEvent.id).where(AuditEvent.subject_label.contains("info@")))


def test_who_may_not_delete_whom(company: House) -> None:
    """Oneself, an equal, the last admin, nobody, and anybody without their address typed: refused, nothing changed."""
    core = company.core
    bo = company.register("bo@example.com", Role.TRAINER)
    cy = company.register("cy@example.com", Role.CONTENT_MANAGER)
    with core.operator() as work:
        work.db.execute(update(User).where(User.id == cy).values(role=int(Role.COMPANY_ADMIN)))
    before = rows.dump(core)

    def refused(user_id: int, confirm: str) -> Problem:
        with pytest.raises(Problem) as caught, core.work(company.admin) as work:
            delete_person(work, user_id, confirm=confirm)
        return caught.value

    assert isinstance(refused(company.admin_id, ADMIN_ADDRESS), OwnAccount)
    assert isinstance(refused(cy, "cy@example.com"), TargetNotBelowOwn)
    assert isinstance(refused(4711, "bo@example.com"), Missing)
    for typed in ("", "bo@example.co", "cy@example.com", "Bo Berg"):
        wrong = refused(bo, typed)
        assert isinstance(wrong, Invalid)
        assert wrong.fields["confirm"].startswith("That is not the address. Type bo@example.com")
    after = rows.dump(core)
    assert {name for name in before if before[name] != after[name]} <= {"sign_ins"}
    change(company, [bo], GiveRole(Role.LEARNER))
    delete_on_host(core, cy, "CY@example.com")
    with core.operator() as work:
        edit_company(work, {"email": ADMIN_ADDRESS.upper(), "phone": "+49 30 901820"})
        work.db.execute(update(User).where(User.id == company.admin_id).values(phone="+49 (30) 90-1820"))
        lines = what_is_lost(work, company.admin_id).lines
        assert lines[0] == (
            "No active Company Admin will be left: nobody can sign in to the console until the host appoints one."
        )
        assert lines[-2:] == (
            "NOT removed: the company's contact address is theirs; change it under Company",
            "NOT removed: the company's phone number is theirs; change it under Company",
        )
    assert isinstance(refused(company.admin_id, ADMIN_ADDRESS), LastAdmin)
    delete_on_host(core, company.admin_id, ADMIN_ADDRESS)
    assert {row.id for row in rows.all_of(core, select(User.id))} == {bo}


@sqlite_only
def test_deleting_walks_through_no_table_that_grows(company: House) -> None:
    """Of all statements one walks through the outbox; whatever else grows with the company is reached by an index."""
    leaver = with_a_past(company)
    said: list[tuple[str, object]] = []

    def keep(_c: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        said.append((statement, parameters))

    engine = company.core._engine
    event.listen(engine, "before_cursor_execute", keep)
    delete_on_host(company.core, leaver.id, leaver.address)
    event.remove(engine, "before_cursor_execute", keep)
    walked: Counter[str] = Counter()
    with company.core.operator_look() as look:
        for statement, parameters in said:
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")) and "picked" not in statement:
                one = parameters[0] if isinstance(parameters, list) else parameters
                plan = look.db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", one)  # type: ignore[arg-type]  # as the driver gave them
                walked.update(row.detail.split()[1] for row in plan if row.detail.startswith("SCAN"))
    grows = {
        "users",
        "audit_events",
        "invitations",
        "sign_ins",
        "seats",
        "group_members",
        "batches",
        "certificates",
    }
    assert not set(walked) & {*grows, "lesson_completions", "course_progress", "users_search_terms"}
    assert walked["outbox"] == 1


def test_runs_on_people_who_are_gone_can_still_be_taken_back(company: House) -> None:
    """An import and a change of place are taken back for whoever is left; the deleted are told or simply missing."""
    core = company.core
    with core.work(company.admin) as work:
        lines = [Line(1, "bo@example.com"), Line(2, "cy@example.com")]
        invited = invite_many(work, lines, Offer()).batch or ""
    bo = leavers.register(company, "bo@example.com")
    dee = company.register("dee@example.com")
    placed = change(
        company, [bo, dee], Place(company.departments["Sales"], join=(company.groups["Night shift"],))
    )
    titled = change(company, [bo], SetJobTitle("Guide"))
    bought = add_license(core)
    given = change(company, [bo, dee], GiveSeat(bought))
    taken = change(company, [bo, dee], TakeSeat((bought,)))
    delete_on_host(core, bo, "bo@example.com")
    with core.work(company.admin) as work:
        assert undo(work, invited).done == 1
        tally = undo(work, placed.batch or "")
        assert (tally.done, [verdict.code for verdict in tally.verdicts]) == (1, [PersonGone.code])
        assert undo(work, titled.batch or "").done == 0
        back = undo(work, taken.batch or "")
        assert (back.done, [verdict.code for verdict in back.verdicts]) == (1, [PersonGone.code])
        assert undo(work, back.batch or "").done == 1
        assert undo(work, given.batch or "").done == 0
    assert rows.person(core, dee).department_id is None
    assert not rows.groups_of(core, dee)
    assert rows.states(core) == {2: "withdrawn", 3: "accepted"}


@sqlite_only
def test_cleaning_up_beside_somebody_who_reads_is_told(company: House, settings: Settings) -> None:
    """While somebody reads, the journal cannot be emptied: the command says to try again, and then it works."""
    patient = settings.database_url.reveal() + "?timeout=0"
    with Core.open(replace(settings, database_url=Secret(patient)), clock=company.core.ports.clock) as core:
        with company.core.operator_look() as look:
            look.db.scalar(select(User.id))
            with pytest.raises(Busy):
                clean(core)
        assert clean(core).after > 0


@sqlite_only
def test_only_mails_nobody_knows_are_removed_from_the_folder(company: House) -> None:
    """Files with another name stay, and so do mails whose row is there; a sender's unfinished file goes after an hour."""
    folder = company.core.settings.outbox_folder
    folder.mkdir(exist_ok=True)
    company.invite("bo@example.com")
    stays = ["20260302T090000Z-00000001-invitation-bo@example.com.eml", "notes.eml", "README"]
    for name in (*stays, "undated-00004711-account_ready-cy@example.com.eml"):
        (folder / name).write_text("x")
    assert remove_forgotten_mails(company.core) == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(stays)


def test_a_search_may_be_about_a_number(company: House) -> None:
    """A remembered search with the person's phone number is forgotten, one with a short number in it is not."""
    core = company.core
    bo = company.register("bo@example.com")
    with core.operator() as work:
        edit(work, Edit(bo, {"phone": "+49 30 5550 1234"}))
    with core.work(company.admin) as work:
        remember(work, "prompt.history", ["+49 30 5550 1234", "30"])
    delete_on_host(core, bo, "bo@example.com")
    assert [row.value for row in rows.all_of(core, select(Preference.value))] == [["30"]]
