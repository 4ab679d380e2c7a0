"""Finding among a million people: each settled keystroke, each order, all ids, counts; ours against a query by hand.

    bench/run search
    python -m bench.search --people 100000 --needles 100
    python -m bench.search --home DIR          (a company that `academy demo --seed-only --home DIR` has made)

With ACADEMY_TEST_POSTGRES set (tests/with_postgres) PostgreSQL is measured too. A needle is what somebody types: the
beginning of a first name, a last name or an address of a person picked by chance.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, create_engine, make_url, select, text

from bench.machine import describe
from core.core import Core
from core.filter_keys import parse_users
from core.filters import TEXT, Filter, Term
from core.models import User
from core.reading import users
from core.reading.lists import Sort
from core.settings import Settings
from core.values import Secret
from core.work import Look
from tui.cli.made_up import make_up

SCREENFUL = 50
TARGETS = {1: 30, 2: 30, 3: 50, 4: 50, 6: 50}
MORE = 100
ROUNDS = 7
COLUMNS = (
    "id, address, first_name, last_name, role, status, department_id, language, created_at, last_sign_in_at"
)
BY_HAND = {
    "name": "sort_key",
    "address": "address_key",
    "role": "role",
    "joined": "created_at",
    "seen": "last_sign_in_at",
}


def _milliseconds(work: Callable[..., Any], *given: Any, **named: Any) -> float:
    began = time.perf_counter()
    work(*given, **named)
    return 1000 * (time.perf_counter() - began)


def _fetched(look: Look, statement: TextClause) -> None:
    look.db.execute(statement).all()


def _spread(name: str, times: list[float]) -> str:
    """Return median, 95th percentile and the most."""
    ranked = sorted(times)
    p95 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
    return f"{name:<34}{statistics.median(ranked):9.1f}{p95:9.1f}{ranked[-1]:9.1f}"


def _needles(look: Look, length: int, count: int) -> list[str]:
    chance = random.Random(length)  # noqa: S311 - which names are tried
    found = look.db.scalars(select(User.search_key).where(User.id % 101 == 7).limit(20_000)).all()
    return [chance.choice(chance.choice(found).split())[:length] for _ in range(count)]


def _searches(look: Look, count: int) -> None:
    print(f"\n{'first screenful of a search, ms':<34}{'p50':>9}{'p95':>9}{'most':>9}")
    for length, limit in TARGETS.items():
        times = []
        for needle in _needles(look, length, count):
            chosen = Filter((Term(TEXT, ":", needle, negated=False),))
            times.append(_milliseconds(users.first, look, chosen, limit=SCREENFUL))
        p95 = sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]
        verdict = "kept" if p95 <= limit else "MISSED"
        print(f"{_spread(f'{length} letters', times)}   limit {limit}, {p95 / limit:.2f} of it: {verdict}")


def _orders(look: Look) -> None:
    print(f"\n{'first rows in an order, ms':<34}{'p50':>9}{'p95':>9}{'most':>9}")
    for column, key in BY_HAND.items():
        for descending in (False, True):
            way = "DESC" if descending else "ASC"
            by_hand = text(  # our own words
                f"SELECT {COLUMNS} FROM users WHERE status = 'active' ORDER BY {key} {way}, id {way} LIMIT {SCREENFUL}"  # noqa: S608
            )
            sort, everybody = Sort(column, descending), parse_users("")
            hand, ours = [], []
            for _ in range(ROUNDS):
                hand.append(_milliseconds(_fetched, look, by_hand))
                ours.append(_milliseconds(users.first, look, everybody, sort, limit=SCREENFUL))
            more = statistics.median(ours) - statistics.median(hand)
            name = f"{column} {way.lower()}, by hand {statistics.median(hand):.1f}"
            verdict = "kept" if more <= MORE else "MISSED"
            print(f"{_spread(name, ours)}   {more:+.1f}, limit +{MORE}: {verdict}")


def _vectors(look: Look) -> None:
    print(f"\n{'all ids in an order, ms':<34}{'first':>9}{'all':>9}{'people':>10}")
    ids = array("q")
    for column in users.SORTS:
        began = time.perf_counter()
        ids, first = array("q"), 0.0
        for chunk in users.ids(look, parse_users(""), Sort(column)):
            first = first or 1000 * (time.perf_counter() - began)
            ids.extend(chunk)
        took = 1000 * (time.perf_counter() - began)
        print(f"{column:<34}{first:9.1f}{took:9.0f}{len(ids):10,}")
    print(f"an array of them takes {ids.itemsize * len(ids) / 2**20:.1f} MiB")


def _counts(look: Look) -> None:
    print(f"\n{'counts, ms':<34}{'to 1,000':>9}{'exact':>9}{'people':>10}")
    for words in ("", "smith", "com", "dept:sales", "role:learner", "dept:sales role:learner", "seen>90d"):
        chosen = parse_users(words)
        capped = statistics.median(
            _milliseconds(users.count_up_to, look, chosen, 1000) for _ in range(ROUNDS)
        )
        exact = statistics.median(_milliseconds(users.count, look, chosen) for _ in range(3))
        print(f"{words or 'everybody':<34}{capped:9.1f}{exact:9.1f}{users.count(look, chosen):10,}")
    for column in ("role", "department", "groups", "seats", "language", "seen", "joined"):
        took = _milliseconds(users.facets, look, parse_users(""), column)
        print(f"{f'all values of {column}':<43}{took:9.1f}")


def _measure(core: Core, needles: int) -> None:
    with core.operator_look() as look:
        _searches(look, needles)
        _orders(look)
        _vectors(look)
        _counts(look)


@contextmanager
def _postgres() -> Iterator[Secret]:
    """Lend a database of its own on the server that tests use."""
    url = make_url(os.environ["ACADEMY_TEST_POSTGRES"])
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bench_search"))
        connection.execute(text("CREATE DATABASE bench_search"))
        yield Secret(url.set(database="bench_search").render_as_string(hide_password=False))
        connection.execute(text("DROP DATABASE bench_search WITH (FORCE)"))
    engine.dispose()


def _tidied(url: Secret) -> None:
    """Do what a server's autovacuum does within a minute."""
    engine = create_engine(url.reveal(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _made(settings: Settings, people: int, needles: int) -> None:
    began = time.perf_counter()
    make_up(settings, people)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"made up in {took:.0f} s, at most {peak:.0f} MiB of memory   limit 120 s, 300 MiB")
    if not settings.is_sqlite:
        _tidied(settings.database_url)
    with Core.open(settings) as core:
        _measure(core, needles)


def main() -> None:
    """Measure on each database there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--needles", type=int, default=200)
    parser.add_argument("--home", type=Path, help="a folder with a company in it, instead of making one up")
    asked = parser.parse_args()
    print(describe(("sqlalchemy",)))
    if asked.home is not None:
        with Core.open(Settings.load({"ACADEMY_HOME": str(asked.home)})) as core:
            _measure(core, asked.needles)
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        print(f"\nSQLite {sqlite3.sqlite_version}, {asked.people:,} people")
        _made(Settings(Path(folder), Secret(f"sqlite:///{folder}/academy.db")), asked.people, asked.needles)
    if "ACADEMY_TEST_POSTGRES" in os.environ:
        with tempfile.TemporaryDirectory() as folder, _postgres() as url:
            Path(folder).chmod(0o700)
            print(f"\nPostgreSQL, {asked.people:,} people")
            _made(Settings(Path(folder), url), asked.people, asked.needles)


if __name__ == "__main__":
    main()
