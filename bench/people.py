"""How fast people are changed in bulk: against the same rows written by hand with the bare driver, side by side, in one run.

    bench/run people                    10,000 people on both databases, growth to 100,000; five minutes
    python -m bench.people --million    growth to 1,000,000 on SQLite too

By hand is what an administrator of the database would type: one UPDATE of the ids and one INSERT … SELECT into the
audit trail, committed. Ours judges every row by every rule, counts what else happens, and writes the same two. Rounds
alternate and begin from the same rows; the tables show medians with least and most.
"""

from __future__ import annotations

import argparse
import math
import os
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, delete, event, make_url, select, text, update

from bench.machine import describe
from core.core import Core
from core.filter_keys import parse_users
from core.models import AuditEvent, User
from core.passwords import Password
from core.ports import Hasher, Links
from core.roles import Role
from core.services.people import Archive, Change, GiveRole, SetLanguage, change_people
from core.services.seeding import seed
from core.services.undoing import undo
from core.settings import Settings, make_home
from core.targets import Target
from core.upgrade import upgrade
from core.values import Secret

PEOPLE = 10_000
POSTGRES = os.environ.get("ACADEMY_TEST_POSTGRES", "")
EVERYBODY = Target(chosen=parse_users("role:learner"))
HASHER = Hasher("scrypt:128:1:1")
NAMES = ("by hand", "role", "role, marked", "preview", "undo", "archive", "language")


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--million", action="store_true", help="growth up to 1,000,000 people on SQLite")
    chosen = parser.parse_args()
    _print_machine()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        with _sqlite_host(Path(folder), PEOPLE) as core:
            small = _measure(core, "SQLite", chosen.rounds)
        _growth(Path(folder), small, 1_000_000 if chosen.million else 100_000)
        if POSTGRES:
            with _postgres_host(Path(folder), PEOPLE) as core:
                _measure(core, "PostgreSQL", chosen.rounds)
        else:
            print("PostgreSQL: not measured, ACADEMY_TEST_POSTGRES is not set.")


# --- side by side -----------------------------------------------------------------------------------------------


def _measure(core: Core, name: str, rounds: int) -> dict[str, float]:
    """Measure one kind of database and print its table; return the medians by name."""
    ids = _learners(core)
    runs: dict[str, list[float]] = {each: [] for each in NAMES}
    _changed(
        core, EVERYBODY, GiveRole(Role.TRAINER), preview=True
    )  # statements are compiled once per process
    for round_ in range(rounds):
        runs["by hand"].append(_timed(lambda: _by_hand(core, ids)))
        _restore(core, ids)
        runs["preview"].append(
            _timed(lambda: _changed(core, EVERYBODY, GiveRole(Role.TRAINER), preview=True))
        )
        batch = ""

        def apply() -> None:
            nonlocal batch
            batch = _changed(core, EVERYBODY, GiveRole(Role.TRAINER))

        runs["role"].append(_timed(apply))
        runs["undo"].append(_timed(lambda name=batch: _undone(core, name)))  # type: ignore[misc]
        _restore(core, ids)
        runs["role, marked"].append(_timed(lambda: _changed(core, Target(ids=ids), GiveRole(Role.TRAINER))))
        _restore(core, ids)
        for each, change in (("language", SetLanguage("pt")), ("archive", Archive())):
            runs[each].append(_timed(lambda change=change: _changed(core, EVERYBODY, change)))  # type: ignore[misc]
            _restore(core, ids)
        print(f"  {name} round {round_ + 1} of {rounds}", file=sys.stderr)
    found = {key: statistics.median(values) for key, values in runs.items()}
    print(f"\n{name}, {len(ids):,} of {PEOPLE:,} people, {rounds} rounds: median (least to most)")
    _row("by hand: one UPDATE, one INSERT … SELECT", runs["by hand"])
    _row("role, by filter: judged, foreseen, written", runs["role"])
    _row("role, by an array of marked ids", runs["role, marked"])
    _row("preview of it", runs["preview"])
    _row("undo of it", runs["undo"])
    _row("language", runs["language"])
    _row("archive: sign-ins, seats, invitations too", runs["archive"])
    _verdict("role / by hand", found["role"] / found["by hand"], 2)
    _verdict("undo / by hand", found["undo"] / found["by hand"], 2)
    _verdict("preview / role", found["preview"] / found["role"], 0.6)
    _verdict("preview, s", found["preview"], 1)
    _verdict("role, s", found["role"], 3)
    return found | {"people": len(ids)}


def _growth(folder: Path, small: dict[str, float], people: int) -> None:
    """Print how the cost and the statements grow with the number of people."""
    with _sqlite_host(folder, people) as core:
        ids = _learners(core)
        print(f"\nSQLite, {len(ids):,} of {people:,} people, once")
        times = len(ids) / small["people"]
        for name, change in (("language", SetLanguage("pt")), ("role", GiveRole(Role.TRAINER))):
            seconds = _timed(lambda change=change: _changed(core, EVERYBODY, change))  # type: ignore[misc]
            _row(name, [seconds])
            exponent = math.log(seconds / small[name]) / math.log(times)
            _verdict(f"growth exponent of {name}", exponent, 1.05)
        few = _statements(core, ids[:10])
        many = _statements(core, ids[10:10_010])
        print(f"  statements for 10 people and for 10,000: {few} and {many}")


def _statements(core: Core, ids: Sequence[int]) -> int:
    """Return how many SQL statements a run on these people takes."""
    seen = 0

    def note(*_: Any) -> None:
        nonlocal seen
        seen += 1

    event.listen(core._engine, "before_cursor_execute", note)  # noqa: SLF001 - nothing public counts statements
    _changed(core, Target(ids=ids), GiveRole(Role.CONTENT_MANAGER))
    event.remove(core._engine, "before_cursor_execute", note)  # noqa: SLF001 - likewise
    return seen


def _timed(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _changed(core: Core, target: Target, change: Change, *, preview: bool = False) -> str:
    with core.operator() as work:
        tally = change_people(work, target, change, preview=preview)
    assert tally.done
    return tally.batch or ""


def _undone(core: Core, batch: str) -> None:
    with core.operator() as work:
        assert undo(work, batch).done


def _learners(core: Core) -> list[int]:
    with core.operator_look() as look:
        query = select(User.id).where(User.role == Role.LEARNER, User.status == "active").order_by(User.id)
        return list(look.db.scalars(query))


def _restore(core: Core, ids: Sequence[int]) -> None:
    """Put everybody back and forget the events, so that each run begins from the same rows."""
    with core.operator() as work:
        low, high = ids[0], ids[-1]
        work.db.execute(delete(AuditEvent).where(AuditEvent.batch.is_not(None)))
        those = update(User).where(User.id.between(low, high))
        work.db.execute(those.where(User.role == Role.TRAINER, User.version > 1).values(role=Role.LEARNER))
        archived = those.where(User.status == "archived", User.version > 1)
        work.db.execute(archived.values(status="active", archived_at=None))
        work.db.execute(those.where(User.language == "pt").values(language=""))
        work.db.execute(those.values(version=1))


def _by_hand(core: Core, ids: Sequence[int]) -> None:
    """Write the same change the way one would by hand, with the bare driver, and commit."""
    raw: Any = core._engine.raw_connection()  # noqa: SLF001 - the same connection settings as ours
    is_sqlite = core.settings.is_sqlite
    try:
        cursor = raw.cursor()
        marks = f"({', '.join('?' * len(ids))})" if is_sqlite else "%s"
        those = f"IN {marks}" if is_sqlite else f"= ANY({marks})"
        values = tuple(ids) if is_sqlite else (list(ids),)
        make = "json_object" if is_sqlite else "json_build_object"
        if is_sqlite:
            cursor.execute("PRAGMA query_only=OFF")
            cursor.execute("BEGIN IMMEDIATE")
        details = f"{make}('role', {make}('old', 'learner', 'new', 'trainer'))"
        cursor.execute(
            "INSERT INTO audit_events (at, action, actor_label, subject_kind, subject_id, subject_label, details, batch)"  # noqa: S608 - our own names
            f" SELECT CURRENT_TIMESTAMP, 'user.role_changed', 'by hand', 'user', id, address, {details}, 'hand'"
            f" FROM users WHERE id {those}",
            values,
        )
        cursor.execute(f"UPDATE users SET role = 20, version = version + 1 WHERE id {those}", values)  # noqa: S608
        raw.commit()
    finally:
        raw.close()


def _row(name: str, values: Sequence[float]) -> None:
    spread = f"({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
    print(f"  {name:<52} {statistics.median(values):8.3f} s {spread}")


def _verdict(name: str, value: float, most: float) -> None:
    print(f"  {name:<52} {value:8.2f}   target {most:g}: {'kept' if value <= most else 'MISSED'}")


def _print_machine() -> None:
    print(f"{describe(['sqlalchemy', 'psycopg'])}, SQLite {sqlite3.sqlite_version}")
    if POSTGRES:
        engine = create_engine(POSTGRES)
        with engine.connect() as connection:
            print(f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar()}")
        engine.dispose()


# --- databases --------------------------------------------------------------------------------------------------


@contextmanager
def _sqlite_host(folder: Path, people: int) -> Iterator[Core]:
    home = folder / uuid.uuid4().hex
    home.mkdir()
    with _seeded(home, Secret(f"sqlite:///{home / 'academy.db'}"), people) as core:
        yield core


@contextmanager
def _postgres_host(folder: Path, people: int) -> Iterator[Core]:
    name = f"academy_bench_{uuid.uuid4().hex[:12]}"
    server = make_url(POSTGRES)
    maintenance = create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    home = folder / name
    home.mkdir()
    try:
        url = server.set(database=name).render_as_string(hide_password=False)
        with _seeded(home, Secret(url), people) as core:
            yield core
    finally:
        with maintenance.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        maintenance.dispose()


@contextmanager
def _seeded(home: Path, url: Secret, people: int) -> Iterator[Core]:
    make_home(home)
    Links.make_key_file(home / "key")
    settings = Settings(home, url)
    upgrade(settings)
    with Core.open(settings, hasher=HASHER) as core:
        with core.operator() as work:
            seed(work, people=people, password_hash=HASHER.hash(Password.parse("violet harbor 1815")))
        yield core


if __name__ == "__main__":
    main()
