"""How fast a bulk import is: against the same rows written with the bare driver, side by side, in one run.

    bench/run imports             everything; ten minutes
    python -m bench.imports --quick   a tenth of it

Each measured import is a process of its own, so that its memory is its own; the bare driver's rows come from that
process's database, so both write the same. Rounds alternate; the table shows medians with least and most.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from bench.machine import describe
from core.core import Core
from core.importing import open_source, read
from core.passwords import Password
from core.ports import Hasher, Links
from core.services.company import FirstAdmin, set_up
from core.services.inviting import Offer, StagedLines, invite_many
from core.settings import Settings, make_home
from core.upgrade import upgrade
from core.values import Address, Secret

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("invitations", "outbox")
POSTGRES = os.environ.get("ACADEMY_TEST_POSTGRES", "")
PREVIEW, APPLY = "preview", "apply"
Facts = dict[str, Any]


def main() -> None:
    """Measure what the arguments ask for, or be the process of one import."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the addresses, and no million")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-million", action="store_true")
    parser.add_argument("--child", nargs=4, metavar=("HOME", "URL", "FILE", "MODE"))
    chosen = parser.parse_args()
    if chosen.child:
        print(json.dumps(_import(*chosen.child)))
        return
    count = 10_000 if chosen.quick else 100_000
    _print_machine()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        medians = _measure(_sqlite_hosts(Path(folder)), "SQLite", count, chosen.rounds)
        if not (chosen.quick or chosen.no_million):
            _measure_million(Path(folder), medians)
        if POSTGRES:
            _measure(_postgres_hosts(Path(folder)), "PostgreSQL", count, chosen.rounds)
        else:
            print("PostgreSQL: not measured, ACADEMY_TEST_POSTGRES is not set.")


# --- one import, in a process of its own ------------------------------------------------------------------------


def _import(home: str, url: str, file: str, mode: str) -> Facts:
    """Import `file` the way the command does; answer with seconds and peak memory."""
    with Core.open(Settings(Path(home), Secret(url))) as core:
        begun = time.perf_counter()
        read_until = begun
        with open_source(file) as source:
            staged = StagedLines(read(source, name=file), Offer())
            with core.operator(first=staged.stage) as work:
                read_until = time.perf_counter()
                tally = invite_many(work, staged, Offer(), preview=mode == PREVIEW, each_refused=_drop)
        took = time.perf_counter() - begun
    return {
        "seconds": took,
        "locked": took - (read_until - begun),
        "mib": _peak_mib(),
        "done": tally.done,
        "refused": tally.refused,
    }


def _peak_mib() -> float:
    """Return this process's own peak; `ru_maxrss` would begin with that of the process that started it."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def _drop(_verdict: object) -> None:
    pass


def _child(host: Settings, file: Path, mode: str = APPLY) -> Facts:
    url = host.database_url.reveal()
    command = [sys.executable, "-m", "bench.imports", "--child", str(host.home), url, str(file), mode]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    facts: Facts = json.loads(told)
    return facts


# --- side by side -----------------------------------------------------------------------------------------------


def _measure(lend: Any, name: str, count: int, rounds: int) -> dict[str, float]:
    """Measure one kind of database and print its rows of the table; return the medians by name."""
    runs: dict[str, list[float]] = {"bare": [], APPLY: [], PREVIEW: [], "locked": [], "mib": []}
    for round_ in range(rounds):
        with lend() as (host, bare), _file(count) as file:
            preview = _child(host, file, PREVIEW)
            done = _child(host, file)
            assert preview["done"] == done["done"] == count, (preview, done)
            runs[PREVIEW].append(preview["seconds"])
            runs[APPLY].append(done["seconds"])
            runs["locked"].append(done["locked"])
            runs["mib"].append(done["mib"])
            runs["bare"].append(bare(host))
        print(f"  {name} round {round_ + 1} of {rounds}", file=sys.stderr)
    found = {key: statistics.median(values) for key, values in runs.items()}
    bare_name = "executemany" if name == "SQLite" else "COPY"
    print(f"\n{name}, {count:,} new addresses from a file, {rounds} rounds: median (least to most)")
    _row(f"bare {bare_name} of invitations and outbox", runs["bare"], "s")
    _row("import: read, judged, invitations, outbox, audit", runs[APPLY], "s")
    _row("  of it with the write lock held", runs["locked"], "s")
    _row("preview", runs[PREVIEW], "s")
    _row("peak memory of the import", runs["mib"], "MiB")
    _verdict("import / bare", found[APPLY] / found["bare"], 3)
    _verdict("preview / import", found[PREVIEW] / found[APPLY], 0.6)
    _verdict("peak memory, MiB", found["mib"], 200)
    return found


def _measure_million(folder: Path, hundred: dict[str, float]) -> None:
    with _sqlite_hosts(folder)() as (host, _), _file(1_000_000) as file:
        facts = _child(host, file)
        assert facts["done"] == 1_000_000
        again = _child(host, file)
        assert (again["done"], again["refused"]) == (0, 1_000_000)
    print("\nSQLite, 1,000,000 new addresses, once")
    _row("import", [facts["seconds"]], "s")
    _row("the same file again, every row skipped", [again["seconds"]], "s")
    _verdict("1,000,000 / 100,000", facts["seconds"] / hundred[APPLY], 12)
    _verdict("peak memory, MiB", facts["mib"], 200)
    _verdict("peak memory of the second run, MiB", again["mib"], 200)


def _row(name: str, values: Sequence[float], unit: str) -> None:
    spread = f"({min(values):.2f} to {max(values):.2f})" if len(values) > 1 else ""
    print(f"  {name:<52} {statistics.median(values):8.2f} {unit} {spread}")


def _verdict(name: str, value: float, most: float) -> None:
    print(f"  {name:<52} {value:8.2f}   target {most:g}: {'kept' if value <= most else 'MISSED'}")


def _print_machine() -> None:
    print(f"{describe(['sqlalchemy', 'psycopg'])}, SQLite {sqlite3.sqlite_version}")
    if POSTGRES:
        engine = create_engine(POSTGRES)
        with engine.connect() as connection:
            print(f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar()}")
        engine.dispose()


@contextmanager
def _file(count: int) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", prefix="academy-bench-") as file:
        file.writelines(
            f"{uuid.uuid4().hex[:6]}.person{n}@company{n % 50}.example.com\n" for n in range(count)
        )
        file.flush()
        yield Path(file.name)


def _set_up(home: Path, url: Secret) -> Settings:
    make_home(home)
    Links.make_key_file(home / "key")
    settings = Settings(home, url)
    upgrade(settings)
    hasher = Hasher("scrypt:128:1:1")
    with Core.open(settings, hasher=hasher) as core, core.operator() as work:
        admin = FirstAdmin(
            Address.parse("ada@example.com"), hasher.hash(Password.parse("violet harbor 1815")), "A", "B"
        )
        set_up(work, name="Bench", admin=admin)
    return settings


# --- SQLite -----------------------------------------------------------------------------------------------------


def _sqlite_hosts(folder: Path) -> Any:
    @contextmanager
    def lend() -> Iterator[tuple[Settings, Callable[[Settings], float]]]:
        home = folder / uuid.uuid4().hex
        home.mkdir()
        try:
            yield _set_up(home, Secret(f"sqlite:///{home / 'academy.db'}")), _bare_sqlite
        finally:
            shutil.rmtree(home)

    return lend


def _bare_sqlite(host: Settings) -> float:
    """Write the rows that the import wrote into an empty database with the same tables and indexes; return seconds."""
    made = make_url(host.database_url.reveal()).database or ""
    with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(f"{made}.bare")) as bare:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-32768"):
            bare.execute(f"PRAGMA {pragma}")
        ddl = source.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name IN (?, ?) AND sql IS NOT NULL", TABLES
        )
        for (statement,) in ddl.fetchall():
            bare.execute(statement)
        rows = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}  # noqa: S608 - our own names
        begun = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        for name, found in rows.items():
            marks = ", ".join("?" for _ in found[0])
            bare.executemany(f"INSERT INTO {name} VALUES ({marks})", found)  # noqa: S608 - our own names
        bare.commit()
        return time.perf_counter() - begun


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def _postgres_hosts(folder: Path) -> Any:
    server = make_url(POSTGRES)

    @contextmanager
    def lend() -> Iterator[tuple[Settings, Callable[[Settings], float]]]:
        name = f"academy_bench_{uuid.uuid4().hex[:12]}"
        maintenance = create_engine(server, isolation_level="AUTOCOMMIT")
        with maintenance.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        home = folder / name
        home.mkdir()
        url = server.set(database=name).render_as_string(hide_password=False)
        try:
            yield _set_up(home, Secret(url)), _bare_postgres
        finally:
            with maintenance.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            maintenance.dispose()

    return lend


def _bare_postgres(host: Settings) -> float:
    """COPY the rows that the import wrote into tables of the same make; return seconds."""
    engine = create_engine(host.database_url.reveal())
    raw: Any = engine.raw_connection()
    try:
        cursor = raw.cursor()
        rows = {}
        for name in TABLES:
            cursor.execute(f"SELECT * FROM {name} ORDER BY id")  # noqa: S608 - our own names
            rows[name] = cursor.fetchall()
            cursor.execute(f"CREATE TABLE bare_{name} (LIKE {name} INCLUDING ALL)")
            _add_foreign_keys(cursor, name)
        raw.commit()
        begun = time.perf_counter()
        for name, found in rows.items():
            with cursor.copy(f"COPY bare_{name} FROM STDIN") as copy:
                for row in found:
                    copy.write_row([json.dumps(each) if isinstance(each, dict) else each for each in row])
        raw.commit()
        return time.perf_counter() - begun
    finally:
        raw.close()
        engine.dispose()


def _add_foreign_keys(cursor: Any, name: str) -> None:
    """Give the copy of a table the foreign keys of the original, which LIKE leaves out."""
    query = (
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
    )
    cursor.execute(query, (name,))
    for (definition,) in cursor.fetchall():
        pointed = definition
        for each in TABLES:
            pointed = pointed.replace(f"REFERENCES {each}(", f"REFERENCES bare_{each}(")
        cursor.execute(f"ALTER TABLE bare_{name} ADD {pointed}")


if __name__ == "__main__":
    main()
