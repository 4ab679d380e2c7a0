"""Made-up companies that benchmarks of the verbs run in, on both databases, and how they tell what they found."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bench.machine import describe
from core.core import Core
from core.passwords import Password
from core.ports import Hasher, Links
from core.services.seeding import seed
from core.settings import Settings, make_home
from core.upgrade import upgrade
from core.values import Secret

POSTGRES = os.environ.get("ACADEMY_TEST_POSTGRES", "")
HASHER = Hasher("scrypt:128:1:1")


def timed(do: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def row(name: str, values: Sequence[float]) -> None:
    """Print one line of a table: median, least and most."""
    spread = f"({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
    print(f"  {name:<52} {statistics.median(values):8.3f} s {spread}")


def verdict(name: str, value: float, most: float) -> None:
    """Print whether a target was kept."""
    print(f"  {name:<52} {value:8.2f}   target {most:g}: {'kept' if value <= most else 'MISSED'}")


def print_machine() -> None:
    """Print what this ran on."""
    print(f"{describe(['sqlalchemy', 'psycopg'])}, SQLite {sqlite3.sqlite_version}")
    if POSTGRES:
        engine = create_engine(POSTGRES)
        with engine.connect() as connection:
            print(f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar()}")
        engine.dispose()


# --- databases --------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_host(folder: Path, people: int) -> Iterator[Core]:
    """Lend a made-up company in an SQLite file of its own."""
    home = folder / uuid.uuid4().hex
    home.mkdir()
    with _seeded(home, Secret(f"sqlite:///{home / 'academy.db'}"), people) as core:
        yield core


@contextmanager
def postgres_host(folder: Path, people: int) -> Iterator[Core]:
    """Lend a made-up company in a database of its own on the server that tests use."""
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
