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
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, event, select, update

from bench.hosts import POSTGRES, postgres_host, print_machine, row, sqlite_host, timed, verdict
from core.core import Core
from core.filter_keys import parse_users
from core.models import AuditEvent, User
from core.roles import Role
from core.services.people import Archive, Change, GiveRole, SetLanguage, change_people
from core.services.undoing import undo
from core.targets import Target

PEOPLE = 10_000
EVERYBODY = Target(chosen=parse_users("role:learner"))
NAMES = ("by hand", "role", "role, marked", "preview", "undo", "archive", "language")


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--million", action="store_true", help="growth up to 1,000,000 people on SQLite")
    chosen = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        with sqlite_host(Path(folder), PEOPLE) as core:
            small = _measure(core, "SQLite", chosen.rounds)
        _growth(Path(folder), small, 1_000_000 if chosen.million else 100_000)
        if POSTGRES:
            with postgres_host(Path(folder), PEOPLE) as core:
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
        runs["by hand"].append(timed(lambda: _by_hand(core, ids)))
        _restore(core, ids)
        runs["preview"].append(timed(lambda: _changed(core, EVERYBODY, GiveRole(Role.TRAINER), preview=True)))
        batch = ""

        def apply() -> None:
            nonlocal batch
            batch = _changed(core, EVERYBODY, GiveRole(Role.TRAINER))

        runs["role"].append(timed(apply))
        runs["undo"].append(timed(lambda name=batch: _undone(core, name)))  # type: ignore[misc]
        _restore(core, ids)
        runs["role, marked"].append(timed(lambda: _changed(core, Target(ids=ids), GiveRole(Role.TRAINER))))
        _restore(core, ids)
        for each, change in (("language", SetLanguage("pt")), ("archive", Archive())):
            runs[each].append(timed(lambda change=change: _changed(core, EVERYBODY, change)))  # type: ignore[misc]
            _restore(core, ids)
        print(f"  {name} round {round_ + 1} of {rounds}", file=sys.stderr)
    found = {key: statistics.median(values) for key, values in runs.items()}
    print(f"\n{name}, {len(ids):,} of {PEOPLE:,} people, {rounds} rounds: median (least to most)")
    row("by hand: one UPDATE, one INSERT … SELECT", runs["by hand"])
    row("role, by filter: judged, foreseen, written", runs["role"])
    row("role, by an array of marked ids", runs["role, marked"])
    row("preview of it", runs["preview"])
    row("undo of it", runs["undo"])
    row("language", runs["language"])
    row("archive: sign-ins, seats, invitations too", runs["archive"])
    verdict("role / by hand", found["role"] / found["by hand"], 2)
    verdict("undo / by hand", found["undo"] / found["by hand"], 2)
    verdict("preview / role", found["preview"] / found["role"], 0.6)
    verdict("preview, s", found["preview"], 1)
    verdict("role, s", found["role"], 3)
    return found | {"people": len(ids)}


def _growth(folder: Path, small: dict[str, float], people: int) -> None:
    """Print how the cost and the statements grow with the number of people."""
    with sqlite_host(folder, people) as core:
        ids = _learners(core)
        print(f"\nSQLite, {len(ids):,} of {people:,} people, once")
        times = len(ids) / small["people"]
        for name, change in (("language", SetLanguage("pt")), ("role", GiveRole(Role.TRAINER))):
            seconds = timed(lambda change=change: _changed(core, EVERYBODY, change))  # type: ignore[misc]
            row(name, [seconds])
            exponent = math.log(seconds / small[name]) / math.log(times)
            verdict(f"growth exponent of {name}", exponent, 1.05)
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


if __name__ == "__main__":
    main()
