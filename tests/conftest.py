"""Fixtures for every test; a test file asks for them by name.

- `database`: on SQLite and on PostgreSQL: migrated, empty, the test's own (`tests.databases.Database`: kind, url).
  For one of the two: `pytestmark = sqlite_only` or `postgresql_only` from `tests.databases`.
- `blank_database`: likewise, without any table, for migration tests.
- `settings`: of a host with that database; the data folder and its key file exist, mails are written as files.
- `clock`: stands still at 2026-03-02 09:00 UTC; `clock.move(days=8)`.
- `hasher`: the real one with tiny parameters, under a millisecond.
- `post`: writes `.eml` files into `settings.outbox_folder`.
- `core`: a Core over all of the above, closed at the end.
- `company`: a `tests.people.House` on `core`: a company that is set up, its admin signed in, with departments,
  learning groups and builders for people and invitations.

Programs beside Python (a browser, an SSH server) are asked for through `tests.needs`, which skips where they are
missing. With CI=true nothing may be skipped: a skip fails.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from core.core import Core
from core.mail.post import FolderPost
from core.ports import Hasher, Links, Post
from core.settings import Settings, make_home
from tests import needs
from tests.clock import MovableClock
from tests.compiled import share_compiled_statements
from tests.databases import KINDS, SQLITE, Database, PostgresDatabases, SqliteDatabases
from tests.furnished import furnished
from tests.people import House

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
CHEAP_METHOD = "scrypt:128:1:1"
OBJECTS_UNTIL_COLLECTION = 20_000  # Python's 700 cost a console test a seventh of its time

# A shared machine may stand still for a second, which says nothing about a property. CI looks at the same examples in
# each run, so that a red run can be repeated; elsewhere each run looks at new ones.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
hypothesis_settings.load_profile("house")


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests, so that no test ever touches a real data folder; share statements."""
    for name in list(os.environ):
        if name.startswith("ACADEMY_") and not name.startswith("ACADEMY_TEST_"):
            del os.environ[name]
    share_compiled_statements()


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is loaded by now, and seldom: a third of a console test otherwise."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_UNTIL_COLLECTION, *gc.get_threshold()[1:])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where everything must run."""
    report = yield
    return _without_skips(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole file into a failure where everything must run."""
    report = yield
    return _without_skips(report)


def _without_skips(report: Report) -> Report:
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"With CI=true nothing may be skipped. {reason}"
    return report


# --- databases --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """Return the maker of SQLite databases."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresDatabases]:
    """Lend the maker of PostgreSQL databases."""
    databases = PostgresDatabases(needs.postgresql(), tmp_path_factory.mktemp("postgresql"))
    yield databases
    databases.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a data folder with a key file."""
    folder = tmp_path / "home"
    make_home(folder)
    Links.make_key_file(folder / "key")
    return folder


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, home: Path) -> Iterator[Database]:
    """Lend a migrated, empty database; an SQLite file is where the data folder's own would be."""
    if request.param == SQLITE:
        files: SqliteDatabases = request.getfixturevalue("sqlite_databases")
        yield files.migrated(home / "academy.db")
        return
    server: PostgresDatabases = request.getfixturevalue("postgres_databases")
    with server.migrated() as lent:
        yield lent


@pytest.fixture(params=KINDS)
def blank_database(request: pytest.FixtureRequest, home: Path) -> Iterator[Database]:
    """Lend a database without tables."""
    if request.param == SQLITE:
        files: SqliteDatabases = request.getfixturevalue("sqlite_databases")
        yield files.blank(home / "academy.db")
        return
    server: PostgresDatabases = request.getfixturevalue("postgres_databases")
    with server.blank() as lent:
        yield lent


# --- core and its ports -----------------------------------------------------------------------------------------


@pytest.fixture
def settings(home: Path, database: Database) -> Settings:
    """Return the settings of a host with this database and no mail server."""
    return Settings(home, database.url)


@pytest.fixture
def clock() -> MovableClock:
    """Return a clock that stands still until it is moved."""
    return MovableClock()


@pytest.fixture(scope="session")
def hasher() -> Hasher:
    """Return the real hasher with parameters that cost nothing."""
    return Hasher(CHEAP_METHOD)


@pytest.fixture
def post(settings: Settings) -> Post:
    """Return the post that writes mails as files."""
    return FolderPost(settings.outbox_folder)


@pytest.fixture
def core(settings: Settings, clock: MovableClock, hasher: Hasher, post: Post) -> Iterator[Core]:
    """Lend a core on the test's database, clock and outbox folder."""
    with Core.open(settings, clock=clock, hasher=hasher, post=post) as opened:
        yield opened


@pytest.fixture
def company(core: Core) -> House:
    """Return a company that is set up, with its admin signed in."""
    return furnished(core)
