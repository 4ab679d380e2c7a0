"""The door for previews: nobody waits for a plan, a plan waits for nobody, and nothing of it stays (D4)."""

from __future__ import annotations

import pytest
from sqlalchemy import Select, create_engine, func, select, text

from core.errors import PermissionNeeded, SignedOut
from core.models import Department
from core.roles import Role
from core.selection import lock_company, picked
from core.services.inviting import Line, Offer, StagedLines, invite_many
from core.services.places import add_department
from core.services.signing_in import sign_in, sign_out
from tests.databases import SQLITE, Database
from tests.people import PASSWORD, House
from tests.services.test_doors import writing_elsewhere

LINES = [Line(1, "bo@example.com"), Line(2, "cy@example.com")]


def test_a_plan_is_made_while_somebody_else_writes(company: House, database: Database) -> None:
    """A plan counts on what is committed, without waiting for the writer to end."""
    with writing_elsewhere(database), company.core.plan(company.admin) as work:
        assert invite_many(work, LINES, Offer(), preview=True).done == 2


def test_nobody_waits_for_a_plan(company: House) -> None:
    """While a plan stands open others change what it looked at."""
    with company.core.plan(company.admin) as work:
        lock_company(work.db)
        invite_many(work, LINES, Offer(), preview=True)
        company.invite("di@example.com")


def test_nothing_of_a_plan_stays(company: House) -> None:
    """Even a verb that writes leaves nothing behind when the door closes, its temporary tables included."""
    for _ in range(2):
        with company.core.plan(company.admin) as work, picked(work.db, [1, 2]):
            add_department(work, "Legal")
            assert work.db.scalar(_departments_named("Legal")) == 1
    with company.core.look(company.admin) as look:
        assert look.db.scalar(_departments_named("Legal")) == 0


def test_a_plan_finds_what_was_staged_before(company: House) -> None:
    """Lines that were read and staged first are judged by the plan, and only by it."""
    staged = StagedLines(LINES, Offer())
    with company.core.plan(company.admin, first=staged.stage) as work:
        assert invite_many(work, staged, Offer(), preview=True).done == 2
    operators = StagedLines(LINES, Offer(Role.COMPANY_ADMIN))
    with company.core.operator_plan(first=operators.stage) as work:
        assert invite_many(work, operators, Offer(Role.COMPANY_ADMIN), preview=True).done == 2


def test_what_was_staged_first_is_still_written_under_the_lock(company: House, database: Database) -> None:
    """A transaction that only staged before locks like every other one: the cap is safe (R57)."""
    staged = StagedLines(LINES, Offer())
    with company.core.work(company.admin, first=staged.stage) as work:
        invite_many(work, staged, Offer())
        if database.kind != SQLITE:  # the company's row is held; SQLite has one lock for all
            assert _is_locked(database)
    with company.core.plan(company.admin) as work:
        lock_company(work.db)
        assert not _is_locked(database)


def test_a_plan_takes_an_open_sign_in_and_its_permissions(company: House) -> None:
    """Who is signed out, or lacks the permission, plans nothing."""
    company.register("bo@example.com", Role.TRAINER)
    trainer = sign_in(company.core, "bo@example.com", PASSWORD, source="tests", surface="platform").sign_in_id
    with pytest.raises(PermissionNeeded), company.core.plan(trainer) as work:
        invite_many(work, LINES, Offer(), preview=True)
    ended = company.sign_in()
    with company.core.work(ended) as work:
        sign_out(work)
    with pytest.raises(SignedOut), company.core.plan(ended):
        pass


def _departments_named(name: str) -> Select[int]:
    return select(func.count()).select_from(Department).where(Department.name == name)


def _is_locked(database: Database) -> bool:
    """Return whether another transaction holds the company's row."""
    if database.kind == SQLITE:
        return False
    engine = create_engine(database.url.reveal())
    with engine.connect() as connection:
        free = connection.execute(text("SELECT id FROM company FOR UPDATE SKIP LOCKED")).all()
    engine.dispose()
    return not free
