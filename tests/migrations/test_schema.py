"""The schema that migrations make is the one that the models describe, down to CHECK texts and partial indexes (R61)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from core.core import Core
from core.models import Base
from core.settings import Settings
from core.upgrade import HEAD, MIGRATIONS, revision_of, upgrade
from core.values import Secret
from tests.databases import SQLITE, Database
from tests.migrations.schema import schema_of
from tests.people import House

VERSIONS = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))


def constant(path: Path, name: str) -> object:
    """Return what a migration says under `name`."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{path.name} says no {name}")


@pytest.fixture
def blank(blank_database: Database, home: Path) -> Settings:
    """Return the settings of a host whose database is still empty."""
    return Settings(home, blank_database.url)


@pytest.fixture
def engine(blank_database: Database) -> Iterator[Engine]:
    """Lend an engine that knows nothing of ours."""
    made = create_engine(blank_database.url.reveal())
    yield made
    made.dispose()


@pytest.fixture
def modeled(blank_database: Database, tmp_path: Path) -> Iterator[Connection]:
    """Lend a connection to a second database, made from the models alone."""
    if blank_database.kind == SQLITE:
        made = create_engine(f"sqlite:///{tmp_path}/models.db")
    else:
        made = create_engine(blank_database.url.reveal())
    with made.connect() as connection:
        Base.metadata.create_all(connection)
        yield connection
        connection.rollback()
    made.dispose()


def test_migrations_make_what_the_models_say(blank: Settings, modeled: Connection, engine: Engine) -> None:
    """Every column, constraint and index of the two is the same, in order, with its text."""
    wanted = schema_of(modeled)
    modeled.rollback()
    upgrade(blank)
    with engine.connect() as connection:
        made = schema_of(connection)
    assert made - wanted == set()
    assert wanted - made == set()
    assert len(made) > 150


@pytest.mark.parametrize(
    "change",
    [
        "CREATE UNIQUE INDEX more ON users (phone)",
        "CREATE INDEX more ON invitations (address_key) WHERE state = 'open'",
        "ALTER TABLE users ADD COLUMN more INTEGER",
        "CREATE TABLE more (id INTEGER CHECK (id > 0))",
        "DROP INDEX ix_users_status_role",
    ],
)
def test_the_comparison_sees_a_difference(blank: Settings, engine: Engine, change: str) -> None:
    """A column, an index, a predicate or a table more or less is noticed."""
    upgrade(blank)
    with engine.begin() as connection:
        before = schema_of(connection)
        connection.execute(text(change))
        assert schema_of(connection) != before


def test_the_partial_index_and_the_checks_are_compared(modeled: Connection) -> None:
    """The words of partial indexes and of CHECK constraints are part of what is compared."""
    told = "\n".join(str(part) for part in schema_of(modeled))
    assert re.search(r"uq_invitations_open_address_key.*WHERE.*state.*open", told)
    assert re.search(r"ck_company_link_days.*90", told)
    modeled.rollback()


def test_upgrading_twice_is_harmless(blank: Settings, engine: Engine) -> None:
    """The second run finds nothing to do and changes neither schema nor data."""
    assert upgrade(blank) == (None, HEAD)
    with Core.open(blank) as core:
        House.set_up(core)
    with engine.connect() as connection:
        schema, people = schema_of(connection), connection.execute(text("SELECT * FROM users")).all()
    assert upgrade(blank) == (HEAD, HEAD)
    with engine.connect() as connection:
        assert schema_of(connection) == schema
        assert connection.execute(text("SELECT * FROM users")).all() == people
        assert revision_of(connection) == HEAD


def test_an_upgrade_is_all_or_nothing(blank: Settings, engine: Engine) -> None:
    """A migration that fails midway leaves the database as it was, without a revision."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE outbox (id INTEGER)"))
    with pytest.raises(DBAPIError, match="outbox"):
        upgrade(blank)
    assert inspect(engine).get_table_names() == ["outbox"]


def test_a_data_folder_is_made_on_the_way(tmp_path: Path, blank_database: Database) -> None:
    """Upgrading makes the data folder, and an SQLite file in it, where they are missing."""
    home = tmp_path / "new" / "home"
    url = Secret(f"sqlite:///{home}/academy.db") if blank_database.kind == SQLITE else blank_database.url
    assert upgrade(Settings(home, url)) == (None, HEAD)
    assert home.is_dir()


def test_the_newest_migration_is_the_head() -> None:
    """The revision that the program asks for is the newest file's."""
    assert constant(VERSIONS[-1], "revision") == HEAD


def test_migrations_are_one_line() -> None:
    """Each migration has the number in its file name and follows the one before, so that "older" is `<`."""
    before = None
    for path in VERSIONS:
        assert re.fullmatch(r"\d{4}_[a-z_]+\.py", path.name)
        assert constant(path, "revision") == path.name[:4]
        assert constant(path, "down_revision") == before
        before = path.name[:4]
