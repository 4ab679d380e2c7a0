"""The doors of core: what they hand out, what they never let through, and what they say when the database does not (R57, R61)."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, insert, make_url, text, update
from sqlalchemy.exc import IntegrityError

from core.core import Core
from core.errors import Busy, DatabaseAway, Misconfigured
from core.models import Company, Department, SignInFailure
from core.ports import Hasher
from core.roles import Actor, Role
from core.services.places import add_department
from core.settings import Settings
from core.upgrade import HEAD, upgrade
from core.values import Secret
from core.work import Look, Visit, Work
from tests.clock import MovableClock
from tests.databases import SQLITE, Database, postgresql_only, sqlite_only
from tests.people import House
from tests.services import rows

NOWHERE = "postgresql+psycopg://academy:canary@127.0.0.1:{port}/academy?connect_timeout=2"


def impatient(database: Database) -> Secret:
    """Return the database's URL with a lock timeout of a moment."""
    url = make_url(database.url.reveal())
    query = {"timeout": "0.05"} if database.kind == SQLITE else {"options": "-c lock_timeout=50ms"}
    return Secret(url.update_query_dict(query).render_as_string(hide_password=False))


@contextmanager
def writing_elsewhere(database: Database) -> Iterator[None]:
    """Let another program hold what every change needs."""
    engine = create_engine(database.url.reveal(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("BEGIN IMMEDIATE" if database.kind == SQLITE else "BEGIN"))
        connection.execute(text("UPDATE company SET phone = 'elsewhere'"))
        try:
            yield
        finally:
            connection.execute(text("ROLLBACK"))
    engine.dispose()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def opened(settings: Settings, url: str) -> Core:
    """Open a core on another database."""
    return Core.open(replace(settings, database_url=Secret(url)))


# --- what is handed out -----------------------------------------------------------------------------------------


@sqlite_only
@pytest.mark.parametrize("kind", [Work, Look, Visit])
def test_nothing_is_made_by_hand(core: Core, clock: MovableClock, kind: type) -> None:
    """No Work, Look or Visit exists that a door has not opened."""
    actor = {} if kind is Visit else {"actor": Actor(Role.OPERATOR, "eve")}
    with core.operator() as work, pytest.raises(TypeError, match="through a door"):
        kind(db=work.db, now=clock.now(), ports=core.ports, _seal=object(), **actor)


@sqlite_only
def test_what_is_handed_out_cannot_be_changed(company: House) -> None:
    """Neither the actor nor the instant of an open transaction can be exchanged."""
    with company.core.work(company.admin) as work:
        for name, value in (("actor", Actor(Role.OPERATOR, "eve")), ("now", None)):
            with pytest.raises(AttributeError):
                setattr(work, name, value)
        with pytest.raises(TypeError, match="through a door"):
            replace(work, actor=Actor(Role.OPERATOR, "eve"), _seal=None)


@sqlite_only
def test_the_doors_say_who_acts(company: House, clock: MovableClock) -> None:
    """Each door hands out the right actor and the clock's instant."""
    with company.core.work(company.admin) as work:
        assert (work.actor.label, work.actor.role, work.now) == (
            "ada@example.com",
            Role.COMPANY_ADMIN,
            clock.now(),
        )
    with company.core.operator() as work:
        assert (work.actor.role, work.actor.user_id) == (Role.OPERATOR, 0)
        assert work.actor.label.startswith("operator ")
    with company.core.system("outbox") as work:
        assert work.actor.label == "system outbox"


# --- reading doors ----------------------------------------------------------------------------------------------


def test_reading_doors_never_write(company: House) -> None:
    """The database itself refuses a change through a door for reading."""
    core = company.core
    for door in (lambda: core.look(company.admin), core.glance, core.operator_look):
        for statement in (update(Company).values(name="Eve"), delete(Department)):
            with pytest.raises(Misconfigured, match="read-only"), door() as look:
                look.db.execute(statement)
    with core.operator_look() as look:
        assert look.db.get_one(Company, 1).name == "Engine Works"


def test_readers_do_not_wait_for_writers(company: House, database: Database) -> None:
    """While another program writes, every reading door opens and sees what was committed."""
    core = company.core
    with writing_elsewhere(database):
        for door in (lambda: core.look(company.admin), core.glance, core.operator_look):
            with door() as look:
                assert look.db.get_one(Company, 1).phone == ""


# --- leaving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, Busy])
def test_an_error_rolls_back(company: House, error: type[BaseException]) -> None:
    """Whatever goes wrong inside a door, nothing of it stays, and the error comes out as it was."""
    with pytest.raises(error), company.core.work(company.admin) as work:  # noqa: PT012 - the error comes after the change
        add_department(work, "Stores")
        raise error
    before = rows.count(company.core, Department)
    with company.core.work(company.admin) as work:
        add_department(work, "Stores")
    assert rows.count(company.core, Department) == before + 1


def test_a_mistake_of_ours_is_not_dressed_up(core: Core, clock: MovableClock) -> None:
    """A broken constraint comes out as what it is, and its text repeats no parameter of the statement."""
    values = {"source": "here", "account": "ada", "failures": None, "last_at": clock.now()}
    with pytest.raises(IntegrityError) as caught, core.operator() as work:
        work.db.execute(insert(SignInFailure).values(values))
    assert "parameters hidden" in str(caught.value)


def test_a_change_is_noticed(company: House) -> None:
    """The token stays while nothing happens and differs after another connection committed."""
    core = company.core
    # On PostgreSQL the other workers' databases move it too: it has to stand still between some two looks.
    assert any(core.change_token() == core.change_token() for _ in range(500))
    first = core.change_token()
    with core.glance():
        pass
    with core.work(company.admin) as work:
        add_department(work, "Stores")
    assert core.change_token() != first


# --- when the database does not ---------------------------------------------------------------------------------


def test_a_locked_database_is_busy(
    company: House, database: Database, settings: Settings, hasher: Hasher
) -> None:
    """When somebody else holds the lock for too long, nothing is written and trying again is advised."""
    with Core.open(replace(settings, database_url=impatient(database)), hasher=hasher) as core:
        with (
            writing_elsewhere(database),
            pytest.raises(Busy, match="try again"),
            core.work(company.admin) as work,
        ):
            add_department(work, "Stores")
        with core.work(company.admin) as work:
            assert add_department(work, "Stores")


@sqlite_only
def test_a_server_that_is_not_there_is_away(settings: Settings) -> None:
    """A dead port is told with the reason and without the password, and the same call may succeed later."""
    with pytest.raises(DatabaseAway, match="Connection refused") as caught:
        opened(settings, NOWHERE.format(port=free_port()))
    assert "canary" not in caught.value.message
    assert isinstance(caught.value, Busy)


@postgresql_only
@pytest.mark.parametrize(
    ("part", "reason"), [({"database": "nonesuch"}, "nonesuch"), ({"username": "eve"}, "eve")]
)
def test_a_server_that_turns_us_away_is_misconfigured(
    settings: Settings, part: dict[str, Any], reason: str
) -> None:
    """A wrong database or user name is told with what the server said, and names the setting."""
    url = make_url(settings.database_url.reveal()).set(**part)
    with pytest.raises(Misconfigured, match=f"turned us away.*{reason}.*does not exist") as caught:
        opened(settings, url.render_as_string(hide_password=False))
    assert caught.value.setting == "ACADEMY_DATABASE_URL"


@sqlite_only
@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://host:port/academy",
        "postgresql+psycopg://127.0.0.1/academy?colour=red",
        "sqlite:///academy.db?colour=red",
        "sqlite:///academy.db?timeout=long",
        "no url at all",
    ],
)
def test_a_wrong_url_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """A URL that cannot be meant names the setting, not a line of ours."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "academy.db").touch()
    with pytest.raises(Misconfigured) as caught:
        opened(settings, url)
    assert caught.value.setting == "ACADEMY_DATABASE_URL"


@sqlite_only
def test_a_database_file_that_is_not_there_is_not_made(settings: Settings, home: Path) -> None:
    """Opening a missing file says how to set one up, and leaves no empty file behind."""
    with pytest.raises(Misconfigured, match=r"no database at .*academy init"):
        opened(settings, f"sqlite:///{home}/other.db")
    assert not (home / "other.db").exists()


@sqlite_only
def test_a_folder_or_a_file_in_the_way_is_named(settings: Settings, home: Path) -> None:
    """A folder in place of the file, and a file in place of its folder, are told as such."""
    for path in (home, home / "key" / "academy.db"):
        with pytest.raises(Misconfigured, match="cannot be opened"):
            opened(settings, f"sqlite:///{path}")
        with pytest.raises(Misconfigured):
            upgrade(replace(settings, database_url=Secret(f"sqlite:///{path}")))


@sqlite_only
def test_a_file_that_is_no_database_is_named(settings: Settings, home: Path) -> None:
    """A file of something else is told, neither read as empty nor overwritten."""
    path = home / "letter.db"
    path.write_text("Dear Sir or Madam, " * 500, "utf-8")
    for attempt in (
        lambda url: opened(settings, url),
        lambda url: upgrade(replace(settings, database_url=Secret(url))),
    ):
        with pytest.raises(Misconfigured) as caught:
            attempt(f"sqlite:///{path}")
        assert caught.value.setting == "ACADEMY_DATABASE_URL"
    assert path.read_text("utf-8").startswith("Dear Sir")


def test_an_empty_database_says_how_to_set_it_up(blank_database: Database, home: Path) -> None:
    """A database without tables is told from a missing one."""
    if blank_database.kind == SQLITE:
        (home / "academy.db").touch()
    with pytest.raises(Misconfigured, match=r"is empty.*academy init"):
        Core.open(Settings(home, blank_database.url))


@pytest.mark.parametrize(
    ("revision", "reason"),
    [("0000", "older than.*academy db upgrade"), ("9999", "newer than.*newer program")],
)
def test_another_schema_is_refused(
    settings: Settings, database: Database, revision: str, reason: str
) -> None:
    """A database of an older or newer program is left alone, and what to do is said."""
    engine = create_engine(database.url.reveal())
    try:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        with pytest.raises(Misconfigured, match=reason):
            Core.open(settings)
        if revision > HEAD:
            with pytest.raises(Misconfigured, match=reason):
                upgrade(settings)
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": HEAD})
        engine.dispose()


@sqlite_only
def test_a_read_only_file_is_named(
    company: House, settings: Settings, database: Database, hasher: Hasher
) -> None:
    """A database that can be read but not written opens, and the first change says what to mend."""
    core = company.core
    core.close()
    path = make_url(database.url.reveal()).database or ""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with Path(path).open("r+b") as file:
        file.seek(18)
        file.write(
            b"\x03"
        )  # a file format that this SQLite may read only; root could write through file rights
    with Core.open(settings, hasher=hasher) as reopened:
        with reopened.look(company.admin) as look:
            assert look.db.get_one(Company, 1).name == "Engine Works"
        with pytest.raises(Misconfigured, match="read-only"), reopened.work(company.admin) as work:
            add_department(work, "Stores")
