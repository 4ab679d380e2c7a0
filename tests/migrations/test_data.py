"""Each migration with data in the tables: what it must keep, and what it must refuse from then on.

For a new revision write `test_data_of_NNNN_…`: fill the tables as NNNN - 1 had them, upgrade, look.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from core.core import Core
from core.dialects import WRITING, open_engine
from core.filter_keys import parse_users
from core.models import (
    Base,
    Batch,
    Company,
    Course,
    CourseProgress,
    Group,
    Invitation,
    MailLine,
    OutboxMail,
    Preference,
    SavedView,
    SignIn,
    User,
)
from core.models.invitations import OPEN
from core.ports import Hasher
from core.reading import mail, users
from core.services.inviting import Line, Offer, invite_many
from core.services.mail_line import set_rate
from core.services.undoing import undo
from core.settings import Settings
from core.upgrade import HEAD, MIGRATIONS, upgrade
from tests.databases import POSTGRESQL, Database
from tests.people import House
from tests.services import rows


def test_every_revision_has_a_data_test() -> None:
    """A migration without a data test fails here."""
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    revisions = [path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    assert revisions
    assert not [
        each for each in revisions if not any(name.startswith(f"test_data_of_{each}_") for name in tests)
    ]


BAD: list[tuple[str, type[Base], dict[str, Any]]] = [
    ("user_cap", Company, {"user_cap": 0}),
    ("link_days", Company, {"link_days": 0}),
    ("link_days", Company, {"link_days": 91}),
    ("role", User, {"role": 45}),
    ("archived_at", User, {"status": "archived"}),
    ("status", User, {"status": "gone"}),
    ("max_size", Group, {"max_size": 0}),
    ("role", Invitation, {"role": 50}),
    ("closed_at", Invitation, {"state": "withdrawn"}),
    ("state", Invitation, {"state": "expired"}),
    ("state", OutboxMail, {"state": "lost"}),
    ("role", SignIn, {"role": 0}),
]


@pytest.mark.parametrize(
    ("name", "model", "values"), BAD, ids=lambda value: str(getattr(value, "__name__", value))
)
def test_data_of_0001_is_checked(
    company: House, name: str, model: type[Base], values: dict[str, Any]
) -> None:
    """What no verb would write the database itself refuses, and says by which constraint."""
    company.register("bo@example.com", groups=["Night shift"])
    company.invite("cy@example.com")
    with pytest.raises(IntegrityError, match=f"ck_.*{name}"), company.core.operator() as work:
        work.db.execute(update(model).values(values).execution_options(synchronize_session=False))


def test_data_of_0001_is_unique(company: House) -> None:
    """A second account, a second open invitation of one address and a second company are refused."""
    company.invite("cy@example.com")
    for model in (User, Invitation, Company):
        table = model.__table__
        copied = [column for column in table.columns if column.name not in {"id", "public_id"}]
        again = select(*copied) if model is not Company else select(*copied).where(table.c.id == 1)
        with pytest.raises(IntegrityError, match=r"(?i)unique|one_row|null"), company.core.operator() as work:
            work.db.execute(insert(model).from_select([column.name for column in copied], again))


def test_data_of_0001_lets_closed_invitations_repeat(company: House) -> None:
    """Any number of closed invitations of one address may stand beside one open one (R8)."""
    for _ in range(3):
        company.invite("cy@example.com")
    assert sorted(rows.states(company.core).values()) == [OPEN, "replaced", "replaced"]


def test_data_of_0001_goes_with_its_person(company: House) -> None:
    """Deleting a person takes sign-ins and memberships along and keeps invitations and the trail."""
    user_id = company.register("bo@example.com", groups=["Night shift"])
    rows.open_sign_in(company.core, "bo@example.com")
    events = len(rows.events(company.core))
    rows.delete_person(company.core, user_id)
    assert rows.groups_of(company.core, user_id) == set()
    [one] = [rows.invitation(company.core, each) for each in rows.states(company.core)]
    assert (one.user_id, one.state) == (None, "accepted")
    assert len(rows.events(company.core)) == events


def test_data_of_0001_never_reuses_an_id(company: House) -> None:
    """The id of a deleted person is never given to another one."""
    last = company.register("bo@example.com")
    rows.delete_person(company.core, last)
    assert company.register("cy@example.com") > last


def test_data_of_0001_sorts_alike_everywhere(core: Core) -> None:
    """Keys are ordered by code point on both databases, whatever the server's own order is (R61)."""
    names = ["a", "B", "Z", "ä", "_", "1", "-a", "b c", "bc"]
    with core.operator() as work:
        work.db.execute(
            insert(Group),
            [{"name": name, "name_key": name, "description": "", "created_at": work.now} for name in names],
        )
    with core.operator_look() as look:
        assert list(look.db.scalars(select(Group.name_key).order_by(Group.name_key))) == sorted(names)


def test_data_of_0002_keeps_every_mail(blank_database: Database, home: Path) -> None:
    """Upgrading from 0001 keeps queued mails as they were; the line moves, without a rate."""
    settings = Settings(home, blank_database.url)
    upgrade(settings)
    with Core.open(settings, hasher=Hasher("scrypt:128:1:1")) as core:
        house = House.set_up(core)
        house.invite("bo@example.com")
        before = rows.all_of(core, select(OutboxMail.__table__))
    _downgrade(settings, "0001")
    assert upgrade(settings) == ("0001", HEAD)
    with Core.open(settings) as core:
        assert rows.all_of(core, select(OutboxMail.__table__)) == before
        with core.operator_look() as look:
            assert (mail.line(look).paused, mail.line(look).per_minute) == (False, None)


@pytest.mark.parametrize(("name", "values"), [("one_row", {"id": 2}), ("per_minute", {"per_minute": 0})])
def test_data_of_0002_is_checked(company: House, name: str, values: dict[str, Any]) -> None:
    """A second line and a rate of nothing the database itself refuses."""
    with company.core.operator() as work:
        set_rate(work, 60)
    with pytest.raises(IntegrityError, match=f"ck_mail_line_{name}"), company.core.operator() as work:
        work.db.execute(update(MailLine).values(values).execution_options(synchronize_session=False))


def test_data_of_0003_writes_down_old_runs(blank_database: Database, home: Path) -> None:
    """Upgrading from 0002 makes a row for each bulk change in the audit trail, and says which took back which."""
    settings = Settings(home, blank_database.url)
    upgrade(settings)
    with Core.open(settings, hasher=Hasher("scrypt:128:1:1")) as core:
        house = House.set_up(core)
        with core.work(house.admin) as work:
            first = invite_many(work, [Line(1, "bo@example.com"), Line(2, "cy@example.com")], Offer()).batch
            second = invite_many(work, [Line(1, "di@example.com")], Offer()).batch
            undone = undo(work, first or "").batch
    _downgrade(settings, "0002")
    assert upgrade(settings) == ("0002", HEAD)
    with Core.open(settings) as core:
        found = {row.name: row for row in rows.all_of(core, select(Batch.__table__))}
    assert {name: (row.verb, row.done, row.undoes, row.undone_by) for name, row in found.items()} == {
        first: ("invite", 2, None, undone),
        second: ("invite", 1, None, None),
        undone: ("undo", 2, first, None),
    }
    assert {row.actor_label for row in found.values()} == {house.admin_address}
    assert all(row.begun_at == row.finished_at for row in found.values())


def test_data_of_0003_goes_with_the_person(company: House) -> None:
    """What the console remembers for an admin goes with the account; what was done in bulk stays."""
    user_id = company.register("bo@example.com")
    with company.core.operator() as work:
        work.db.add(Preference(user_id=user_id, key="theme", value="plain"))
        work.db.add(SavedView(user_id=user_id, list="users", name="Mine", name_key="mine", columns=[]))
    rows.delete_person(company.core, user_id)
    assert not rows.all_of(company.core, select(Preference.__table__))
    assert not rows.all_of(company.core, select(SavedView.__table__))


def test_data_of_0004_finds_everybody_there_was(blank_database: Database, home: Path) -> None:
    """Upgrading from 0003 puts the people there were into the search index and loses nobody."""
    settings = Settings(home, blank_database.url)
    upgrade(settings)
    with Core.open(settings, hasher=Hasher("scrypt:128:1:1")) as core:
        house = House.set_up(core)
        house.register("bo@example.com", first_name="Bo", last_name="Müller")
        house.register("li@example.com", first_name="伟", last_name="王")
        before = rows.all_of(core, select(User.__table__))
    _downgrade(settings, "0003")
    assert upgrade(settings) == ("0003", HEAD)
    with Core.open(settings) as core, core.operator_look() as look:
        assert rows.all_of(core, select(User.__table__)) == before
        found = {
            text: [row.address for row in users.first(look, parse_users(text))] for text in ("ülle", "王")
        }
    assert found == {"ülle": ["bo@example.com"], "王": ["li@example.com"]}


@pytest.mark.parametrize("blank_database", [POSTGRESQL], indirect=True)
def test_data_of_0004_does_without_the_extension(blank_database: Database, home: Path) -> None:
    """Where the extension for searching cannot be made, the upgrade says so in a sentence and searching still works."""
    settings, said = Settings(home, blank_database.url), list[str]()
    engine = open_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TYPE gtrgm AS (stands_in_the_way integer)"))
    engine.dispose()
    assert upgrade(settings, said.append) == (None, HEAD)
    [sentence] = said
    assert "CREATE EXTENSION pg_trgm" in sentence
    with Core.open(settings, hasher=Hasher("scrypt:128:1:1")) as core:
        house = House.set_up(core)
        house.register("bo@example.com", first_name="Bo", last_name="Müller")
        with core.operator_look() as look:
            assert [row.address for row in users.first(look, parse_users("mull"))] == ["bo@example.com"]


def test_data_of_0005_keeps_seats_and_lessons(blank_database: Database, home: Path) -> None:
    """Upgrading from 0004 keeps people and seats as they were; of a lesson that was reported twice one stays."""
    settings = Settings(home, blank_database.url)
    upgrade(settings)
    with Core.open(settings, hasher=Hasher("scrypt:128:1:1")) as core:
        house = House.set_up(core)
        user_id = house.register("bo@example.com")
    _downgrade(settings, "0004")
    engine = open_engine(settings.database_url)
    with engine.execution_options(**WRITING).begin() as connection:
        connection.execute(
            text("INSERT INTO courses (name, name_key, kind) VALUES ('Ropes', 'ropes', 'course')")
        )
        for _ in range(2):
            connection.execute(
                text(
                    "INSERT INTO lesson_completions (user_id, course_id, lesson, completed_at)"
                    " VALUES (:user, 1, 'Knots', '2026-03-01 09:00:00+00:00')"
                ),
                {"user": user_id},
            )
    engine.dispose()
    assert upgrade(settings) == ("0004", HEAD)
    with Core.open(settings) as core, core.operator_look() as look:
        detail = users.one(look, user_id)
    assert (detail.row.address, detail.lessons, detail.row.seats) == ("bo@example.com", 1, ())


@pytest.mark.parametrize("percent", [-1, 101])
def test_data_of_0005_is_checked(company: House, percent: int) -> None:
    """Progress outside 0 to 100 percent the database itself refuses."""
    user_id = company.register("bo@example.com")
    with company.core.operator() as work:
        work.db.add(Course(name="Ropes", name_key="ropes"))
    row = {"user_id": user_id, "course_id": 1, "percent": percent}
    with pytest.raises(IntegrityError, match="ck_course_progress_percent"), company.core.operator() as work:
        work.db.execute(insert(CourseProgress).values(row | {"started_at": work.now, "updated_at": work.now}))


def _downgrade(settings: Settings, revision: str) -> None:
    """Bring a database back to an older schema, as no command of ours does."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = open_engine(settings.database_url)
    with engine.execution_options(**WRITING).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()
