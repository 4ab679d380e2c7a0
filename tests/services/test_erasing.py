"""What deletion finds and what it must not touch: former names and numbers, addresses that look alike or went on (R42)."""

from __future__ import annotations

import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import select, text

from core.core import Core
from core.errors import Problem, WrongCredentials
from core.models import AuditEvent, Invitation, OutboxMail, Preference, SavedView, SignInFailure, Task
from core.roles import Role
from core.services.cleaning import clean
from core.services.company import edit_company
from core.services.deleting import delete_person
from core.services.editing import Edit, edit
from core.services.exporting import export_to
from core.services.inviting import withdraw
from core.services.mailing import queue_test, retry
from core.services.preferring import View, remember, save_view
from core.services.signing_in import sign_in, sign_out
from core.work import Work
from tests.databases import postgresql_only
from tests.people import PASSWORD, SOURCE, House
from tests.services import rows
from tests.services.changes import assert_sound

MOST_TRIES = 20


def delete(house: House, user_id: int, address: str) -> None:
    """Delete somebody as the operator of the host."""
    with house.core.operator() as work:
        delete_person(work, user_id, confirm=address)


def searched(house: House) -> list[str]:
    """Return what the admin's prompt remembers."""
    [row] = rows.all_of(house.core, select(Preference.value).where(Preference.key == "prompt.history"))
    return list(row.value)


def views(house: House) -> set[str]:
    """Return the names of the saved views."""
    return {row.name for row in rows.all_of(house.core, select(SavedView.name))}


def contacts(house: House) -> str:
    """Return all that the trail tells of the company."""
    return repr([each.details for each in rows.events(house.core) if each.subject_kind == "company"])


def wrong_password(core: Core, address: str) -> None:
    """Fail to sign in once."""
    try:
        sign_in(core, address, "a wrong password", source=SOURCE)
    except Problem:
        return
    raise AssertionError("a wrong password let somebody in")


def test_former_names_and_numbers_are_forgotten_too(company: House) -> None:
    """A maiden name, a number given up, the address without its domain, a number written another way: all are theirs."""
    bo = company.register("marketa.n@example.com", first_name="Markéta", last_name="Novotná")
    with company.core.work(company.admin) as work:
        edit(work, Edit(bo, {"phone": "00420 731 246 813"}))
        edit(work, Edit(bo, {"first_name": "Maggie", "last_name": "Dvořák", "phone": "+420 602 975 318"}))
        edit_company(work, {"phone": "00420 731-246.813"})
        edit_company(work, {"phone": "+420602975318", "address": "c/o Novotna Marketa, Brno"})
        edit_company(work, {"phone": "", "address": ""})
        remember(
            work,
            "prompt.history",
            ["novotna", "-Markéta", "dvorak", "marketa.n", "marketa.n@", "role:any", "mag"],
        )
        save_view(work, "users", "Novotná", View())
        save_view(work, "users", "her", View("markéta role:learner"))
    delete(company, bo, "marketa.n@example.com")
    assert searched(company) == ["role:any", "mag"]
    assert views(company) == set()
    assert not [each for each in ("731", "602975", "Novotna") if each in contacts(company)]


def test_what_only_looks_alike_stays(company: House) -> None:
    """Addresses that hold the deleted one as a part, wildcards of LIKE and longer numbers are of somebody else."""
    bo = company.register("b_o@example.co")
    for other in ("jb_o@example.co", "b_o@example.com", "bxo@example.co", "b%@example.co"):
        company.register(other, first_name="Cy", last_name="Kay")
    alike = ["jb_o@example.co", "b_o@example.com", "-b_o@example.co.uk", "bxo@example.co"]
    with company.core.work(company.admin) as work:
        edit(work, Edit(bo, {"phone": "246813"}))
        remember(work, "prompt.history", [*alike, "b_o@example.co", '-"B_O@Example.CO"', "cy"])
        for number, one in enumerate(alike):
            save_view(work, "users", f"v{number}", View(f"{one} role:learner"))
            edit_company(work, {"email": one.removeprefix("-"), "phone": "9246813"})
        edit_company(work, {"email": "office@example.com", "phone": ""})
        mails = [queue_test(work, one) for one in (*alike[:2], "bxo@example.co", "b%@example.co")]
        work.db.add(Task(name="leavers", result="jb_o@example.co stays."))
    delete(company, bo, "b_o@example.co")
    assert searched(company) == [*alike, "cy"]
    assert views(company) == {"v0", "v1", "v2", "v3"}
    told = contacts(company)
    assert all(one.removeprefix("-") in told for one in alike)
    assert "9246813" in told
    assert set(mails) <= {row.id for row in rows.all_of(company.core, select(OutboxMail.id))}
    [task] = rows.all_of(company.core, select(Task.result))
    assert task.result == "jb_o@example.co stays."
    invited = {row.address for row in rows.all_of(company.core, select(Invitation.address))}
    assert invited == {"jb_o@example.co", "b_o@example.com", "bxo@example.co", "b%@example.co"}


def test_somebody_of_the_same_name_keeps_what_was_searched_for(company: House) -> None:
    """Of two people of one name a search for it, a view and a contact are as much about the other, until both are gone."""
    one, other = (company.register(f"{each}@example.com") for each in ("bo.one", "bo.two"))
    with company.core.work(company.admin) as work:
        remember(work, "prompt.history", ["bo berg", '-"Berg, Bo"', "bo.one", "bo.two"])
        save_view(work, "users", "Bo Berg", View("berg bo"))
        edit_company(work, {"address": "c/o Bo Berg"})
    delete(company, one, "bo.one@example.com")
    assert searched(company) == ["bo berg", '-"Berg, Bo"', "bo.two"]
    assert views(company) == {"Bo Berg"}
    with company.core.work(company.admin) as work:
        edit_company(work, {"address": ""})
    assert "c/o Bo Berg" in contacts(company)
    delete(company, other, "bo.two@example.com")
    assert (searched(company), views(company), "Berg" in contacts(company)) == ([], set(), False)


def test_who_has_a_former_address_now_keeps_what_is_about_it(company: House) -> None:
    """Views, searches, contacts and the growing delay of an address that went on to somebody else stay theirs."""
    core = company.core
    first = company.register("info@example.com", Role.TRAINER)
    with core.work(company.admin) as work:
        edit(work, Edit(first, {"address": "gone@example.com"}))
    core.ports.clock.move(hours=1)  # type: ignore[attr-defined]  # the clock of the tests
    second = company.register("info@example.com", first_name="Cy", last_name="Kay")
    wrong_password(core, "info@example.com")
    wrong_password(core, "gone@example.com")
    with core.work(company.admin) as work:
        remember(work, "prompt.history", ["info@example.com", "info", "gone@example.com"])
        save_view(work, "users", "front desk", View("info@example.com"))
        edit_company(work, {"email": "info@example.com"})
        edit_company(work, {"email": ""})
    delete(company, first, "gone@example.com")
    assert searched(company) == ["info@example.com", "info"]
    assert views(company) == {"front desk"}
    assert "info@example.com" in contacts(company)
    failures = rows.all_of(core, select(SignInFailure.account))
    assert {row.account for row in failures} == {"", "info@example.com"}
    delete(company, second, "info@example.com")
    assert searched(company) == []
    assert "info@" not in contacts(company)
    assert {row.account for row in rows.all_of(core, select(SignInFailure.account))} == {""}


def test_an_address_given_up_that_nobody_took_is_still_theirs(company: House) -> None:
    """Who was invited again at an address they had given up, and never registered there, leaves nothing of it."""
    core = company.core
    bo = company.register("old.bo@example.com")
    with core.work(company.admin) as work:
        edit(work, Edit(bo, {"address": "new@example.com"}))
    core.ports.clock.move(hours=1)  # type: ignore[attr-defined]  # the clock of the tests
    again = company.invite("Old.Bo@example.com")
    with core.work(company.admin) as work:
        withdraw(work, [again])
        queue_test(work, "old.bo@example.com")
    delete(company, bo, "new@example.com")
    left = {name: found for name, found in rows.dump(core).items() if "old.bo" in repr(found).lower()}
    assert not left
    bo = company.register("old@example.com", first_name="Al", last_name="Oz")
    with core.work(company.admin) as work:
        edit(work, Edit(bo, {"address": "new@example.com"}))
    core.ports.clock.move(hours=1)  # type: ignore[attr-defined]  # the clock of the tests
    open_one = company.invite("old@example.com")
    delete(company, bo, "new@example.com")
    assert rows.invitation(core, open_one).state == "open"


# --- beside others ----------------------------------------------------------------------------------------------


def waits(house: House) -> bool:
    """Tell whether somebody waits for a lock of this database; beside it, other tests have theirs on the server."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid IN (SELECT pid FROM pg_locks WHERE NOT granted)"
    )
    with house.core.operator_look() as look:
        return bool(look.db.scalar(text(waiting)))


def meets_deletion(house: House, held: AbstractContextManager[Work], user_id: int, address: str) -> None:
    """Begin a deletion in another thread while a transaction is open, and let that end once the deletion waits for it."""
    failed: list[Problem] = []

    def run() -> None:
        try:
            delete(house, user_id, address)
        except Problem as problem:
            failed.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not waits(house):
        pass
    held.__exit__(None, None, None)
    thread.join()
    assert not failed


@postgresql_only
def test_what_is_written_beside_a_deletion_is_found(company: House) -> None:
    """Their signing out, and a mail to them that is sent anew, are in flight when they are deleted: no label is left."""
    core = company.core
    bo = company.register("bo@example.com")
    own = sign_in(core, "bo@example.com", PASSWORD, source=SOURCE, surface="page").sign_in_id
    door = core.work(own)
    sign_out(door.__enter__())
    meets_deletion(company, door, bo, "bo@example.com")
    cy = company.register("cy@example.com")
    with core.work(company.admin) as work:
        mail = queue_test(work, "cy@example.com")
    door = core.work(company.admin)
    retry(door.__enter__(), [mail])
    meets_deletion(company, door, cy, "cy@example.com")
    labels = rows.all_of(core, select(AuditEvent.subject_label, AuditEvent.actor_label))
    assert not [row for row in labels if "bo@" in repr(row) or "cy@" in repr(row)]
    assert_sound(core)


@postgresql_only
def test_who_comes_while_a_deletion_ends_writes_nothing_more_of_them(company: House, tmp_path: Path) -> None:
    """A right password, a wrong one and an export wait for the deletion and then find nobody; no address is written."""
    core = company.core
    wrong = f"{PASSWORD}?"

    def export() -> None:
        with core.operator() as work:
            export_to(work, [bo], tmp_path / "bo.zip")

    for beside, expected in (
        (lambda: sign_in(core, "bo@example.com", PASSWORD, source=SOURCE, surface="page"), WrongCredentials),
        (lambda: sign_in(core, "bo@example.com", wrong, source=SOURCE, surface="page"), WrongCredentials),
        (export, type(None)),
    ):
        bo = company.register("bo@example.com")
        with ThreadPoolExecutor(1) as pool:
            with core.operator() as work:
                delete_person(work, bo, confirm="bo@example.com")
                going = pool.submit(beside)
                while not (going.done() or waits(company)):
                    pass
                assert not going.done()
            assert isinstance(going.exception(), expected)
        left = {name for name, found in rows.dump(core).items() if "bo@" in repr(found)}
        assert not left, beside
    with zipfile.ZipFile(tmp_path / "bo.zip") as archive:
        assert b"bo@example.com" in archive.read("data.json")


def pages_of_examples(core: Core) -> bytes:
    """Return what is in the file of the planner's examples."""
    with core.operator_look() as look:
        pages = "SELECT pg_read_binary_file(pg_relation_filepath('pg_catalog.pg_statistic'))"
        return bytes(look.db.scalar(text(pages)))


@postgresql_only
def test_the_planner_keeps_no_examples_of_what_is_gone(company: House) -> None:
    """Not of a table that is empty by now, which analyzing passes over, and not in the pages of the catalog itself."""
    core = company.core
    bo = company.register("zorka@example.com", first_name="Zorka", last_name="Kroupova")
    with core.work(company.admin) as work:
        save_view(work, "users", "Zorka and nobody else", View("zorka"))
    with core.operator() as work:
        work.db.execute(text("ANALYZE"))
    delete(company, bo, "zorka@example.com")
    clean(core)
    assert not rows.all_of(core, select(SavedView.id))
    with core.operator() as work:
        kept = (
            "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND pg_stats::text ~* 'zorka|kroupova'"
        )
        assert work.db.scalar(text(kept)) == 0
    # Whoever just connects to the server, to any of its databases, holds what was rewritten back for that moment.
    tries = 1
    while b"orka" in pages_of_examples(core):
        assert tries < MOST_TRIES
        clean(core)
        tries += 1
    with core.work(company.admin) as work:
        save_view(work, "users", "Žlutá", View("role:learner"))
    assert views(company) == {"Žlutá"}


def test_what_the_console_remembers_is_not_mistaken_for_a_name(company: House) -> None:
    """Somebody called like a theme, a column or a list is forgotten in searches only; the console's settings stay."""
    bo = company.register("dark@example.com", first_name="Name", last_name="Users")
    settings = {
        "theme": "dark",
        "last_list": "users",
        "list.users": {"filter": "", "columns": [["name", 20]]},
    }
    with company.core.work(company.admin) as work:
        for key, value in settings.items():
            remember(work, key, value)
        remember(work, "prompt.history", ["users", "dark@"])
    delete(company, bo, "dark@example.com")
    left = {row.key: row.value for row in rows.all_of(company.core, select(Preference.key, Preference.value))}
    assert left == settings | {"prompt.history": []}


def test_an_invitation_belongs_to_who_registered_with_the_next_one(company: House) -> None:
    """Deleting whoever has an address now leaves what was withdrawn for the one who had it before, and the other way round."""
    core = company.core
    stale = company.invite("info@example.com")
    with core.work(company.admin) as work:
        withdraw(work, [stale])
    first = company.register("info@example.com")
    with core.work(company.admin) as work:
        edit(work, Edit(first, {"address": "gone@example.com"}))
    core.ports.clock.move(hours=1)  # type: ignore[attr-defined]  # the clock of the tests
    newer = company.invite("info@example.com")
    with core.work(company.admin) as work:
        withdraw(work, [newer])
    second = company.register("info@example.com", first_name="Cy", last_name="Kay")
    delete(company, second, "info@example.com")
    assert stale in rows.states(core)
    assert newer not in rows.states(core)
    delete(company, first, "gone@example.com")
    assert not rows.states(core)
