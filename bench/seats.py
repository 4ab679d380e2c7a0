"""How fast seats are given and taken, and people leave with them: against the same rows written by hand, in one run.

    bench/run seats                     10,000 people on both databases; four minutes
    python -m bench.seats --million     and archiving 10,000 in a company of a million on SQLite

By hand is what an administrator of the database would type: the seats, one event for each in the audit trail and one
mail for each into the outbox, committed. Ours judges every row by every rule, keeps the limit, and writes the same.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from sqlalchemy import delete, event, insert, select, update

from bench.hosts import POSTGRES, postgres_host, print_machine, row, sqlite_host, timed, verdict
from core.core import Core
from core.models import AuditEvent, Batch, License, OutboxMail, Seat, SeatWaiter, User
from core.services.people import Archive, Change, GiveSeat, TakeSeat, change_people
from core.services.undoing import undo
from core.targets import Target

PEOPLE, MANY = 20_000, 10_000
SECONDS = 3.0
GIVEN = """
INSERT INTO seats (license_id, user_id, held_since) SELECT $bought, id, CURRENT_TIMESTAMP FROM users WHERE id $those
"""
TAKEN = "DELETE FROM seats WHERE license_id = $bought AND user_id $those"
EVENTS = """
INSERT INTO audit_events (at, action, actor_label, subject_kind, subject_id, subject_label, details, batch)
SELECT CURRENT_TIMESTAMP, '$action', 'by hand', 'user', id, address,
$make('license', $make('id', $bought, 'name', 'Everything', 'held_since', CURRENT_TIMESTAMP)), 'hand'
FROM users WHERE id $those
"""
MAILS = """
INSERT INTO outbox (kind, to_address, to_name, language, details, priority, batch, state, created_at, due_at, attempts,
last_error, user_id)
SELECT 'seat_granted', address, first_name, language, $make('licenses', $bought), 1, 'hand', 'waiting',
CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 0, '', id FROM users WHERE id $those
"""
NAMES = (
    "by hand",
    "taken by hand",
    "preview",
    "allocate",
    "undo allocate",
    "short",
    "revoke",
    "undo revoke",
    "archive preview",
    "archive",
    "undo archive",
)


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--million", action="store_true", help="archive 10,000 of 1,000,000 people on SQLite too"
    )
    chosen = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="academy-bench-") as folder:
        with sqlite_host(Path(folder), PEOPLE) as core:
            _measure(core, "SQLite", chosen.rounds)
        if chosen.million:
            with sqlite_host(Path(folder), 1_000_000) as core:
                _leave_and_return(core, "SQLite, 1,000,000 people", 3)
        if POSTGRES:
            with postgres_host(Path(folder), PEOPLE) as core:
                _measure(core, "PostgreSQL", chosen.rounds)
        else:
            print("PostgreSQL: not measured, ACADEMY_TEST_POSTGRES is not set.")


# --- side by side -----------------------------------------------------------------------------------------------


def _measure(core: Core, name: str, rounds: int) -> None:
    """Measure one kind of database and print its table."""
    ids, bought = _learners(core), _license(core)
    runs: dict[str, list[float]] = {each: [] for each in NAMES}
    _run(core, ids, GiveSeat(bought), preview=True)  # statements are compiled once per process
    for number in range(rounds):
        _one_round(core, ids, bought, runs)
        print(f"  {name} round {number + 1} of {rounds}", file=sys.stderr)
    found = {key: statistics.median(values) for key, values in runs.items()}
    print(f"\n{name}, {len(ids):,} of {PEOPLE:,} people, {rounds} rounds: median (least to most)")
    row("by hand: seats, events, mails", runs["by hand"])
    row("allocate: judged, limited, foreseen, written", runs["allocate"])
    row("preview of it", runs["preview"])
    row("undo of it", runs["undo allocate"])
    row("allocate with 100 seats free, the others wait", runs["short"])
    row("by hand: no seats, events", runs["taken by hand"])
    row("revoke", runs["revoke"])
    row("undo of it", runs["undo revoke"])
    row("archive with a seat each", runs["archive"])
    row("preview of it", runs["archive preview"])
    row("undo of it, seats too", runs["undo archive"])
    verdict("allocate / by hand", found["allocate"] / found["by hand"], 4)
    verdict("revoke / by hand", found["revoke"] / found["taken by hand"], 4)
    verdict("preview / allocate", found["preview"] / found["allocate"], 0.6)
    verdict("archive with seats, s", found["archive"], SECONDS)
    verdict("undo of archiving, s", found["undo archive"], SECONDS)
    few, many = _statements(core, ids[:10], bought), _statements(core, ids, bought)
    print(f"  statements to allocate to 10 people and to {len(ids):,}: {few} and {many}")


def _one_round(core: Core, ids: Sequence[int], bought: int, runs: dict[str, list[float]]) -> None:
    """Do everything once, each from the same rows."""
    runs["by hand"].append(timed(lambda: _by_hand(core, ids, bought)))
    runs["taken by hand"].append(timed(lambda: _by_hand(core, ids, bought, taken=True)))
    _restore(core, bought)
    runs["preview"].append(timed(lambda: _run(core, ids, GiveSeat(bought), preview=True)))
    names: list[str] = []
    runs["allocate"].append(timed(lambda: names.append(_run(core, ids, GiveSeat(bought)))))
    runs["undo allocate"].append(timed(lambda: _undo(core, names.pop(), len(ids))))
    _restore(core, bought, total=100, waiting=True)
    runs["short"].append(timed(lambda: _run(core, ids, GiveSeat(bought), done=100)))
    _restore(core, bought)
    _run(core, ids, GiveSeat(bought))
    runs["revoke"].append(timed(lambda: names.append(_run(core, ids, TakeSeat((bought,))))))
    runs["undo revoke"].append(timed(lambda: _undo(core, names.pop(), len(ids))))
    runs["archive preview"].append(timed(lambda: _run(core, ids, Archive(), preview=True)))
    runs["archive"].append(timed(lambda: names.append(_run(core, ids, Archive()))))
    assert not _held(core, bought)
    runs["undo archive"].append(timed(lambda: _undo(core, names.pop(), len(ids))))
    assert _held(core, bought) == len(ids)
    _restore(core, bought)


def _leave_and_return(core: Core, name: str, rounds: int) -> None:
    """Measure archiving and its undo alone, in a company of any size."""
    ids, bought = _learners(core), _license(core)
    _run(core, ids, GiveSeat(bought))
    gone: list[float] = []
    back: list[float] = []
    names: list[str] = []
    for _ in range(rounds):
        gone.append(timed(lambda: names.append(_run(core, ids, Archive()))))
        back.append(timed(lambda: _undo(core, names.pop(), len(ids))))
    print(f"\n{name}, {len(ids):,} of them, {rounds} rounds: median (least to most)")
    row("archive with a seat each", gone)
    row("undo of it, seats too", back)
    verdict("archive with seats, s", statistics.median(gone), SECONDS)
    verdict("undo of archiving, s", statistics.median(back), SECONDS)


def _statements(core: Core, ids: Sequence[int], bought: int) -> int:
    """Return how many SQL statements it takes to give these people seats."""
    seen = 0

    def note(*_: Any) -> None:
        nonlocal seen
        seen += 1

    event.listen(core._engine, "before_cursor_execute", note)  # noqa: SLF001 - nothing public counts statements
    _run(core, ids, GiveSeat(bought))
    event.remove(core._engine, "before_cursor_execute", note)  # noqa: SLF001 - likewise
    _restore(core, bought)
    return seen


# --- what is measured -------------------------------------------------------------------------------------------


def _run(
    core: Core, ids: Sequence[int], change: Change, *, preview: bool = False, done: int | None = None
) -> str:
    with core.operator() as work:
        tally = change_people(work, Target(ids=ids), change, preview=preview)
    assert tally.done == (len(ids) if done is None else done)
    return tally.batch or ""


def _undo(core: Core, batch: str, people: int) -> None:
    with core.operator() as work:
        assert undo(work, batch).done == people


def _by_hand(core: Core, ids: Sequence[int], bought: int, *, taken: bool = False) -> None:
    """Give the same seats with events and mails, or take them, as one would by hand with the bare driver; commit."""
    is_sqlite = core.settings.is_sqlite
    make = "json_object" if is_sqlite else "json_build_object"
    those = f"IN ({', '.join('?' * len(ids))})" if is_sqlite else "= ANY(%s)"
    words = {
        "bought": str(bought),
        "those": those,
        "make": make,
        "action": "seat.revoked" if taken else "seat.given",
    }
    raw: Any = core._engine.raw_connection()  # noqa: SLF001 - the same connection settings as ours
    try:
        cursor = raw.cursor()
        if is_sqlite:
            cursor.execute("PRAGMA query_only=OFF")
            cursor.execute("BEGIN IMMEDIATE")
        for statement in (EVENTS, TAKEN) if taken else (EVENTS, GIVEN, MAILS):
            cursor.execute(Template(statement).substitute(words), tuple(ids) if is_sqlite else (list(ids),))
        raw.commit()
    finally:
        raw.close()


# --- rows -------------------------------------------------------------------------------------------------------


def _learners(core: Core) -> list[int]:
    """Return people from all over the company, as a filter by department would find them."""
    with core.operator_look() as look:
        anywhere = User.id * 7_919 % 1_000_003
        query = select(User.id).where(User.role == 10, User.status == "active").order_by(anywhere).limit(MANY)
        return list(look.db.scalars(query))


def _license(core: Core) -> int:
    """Record a license that nobody holds yet, with a seat for everybody."""
    with core.operator() as work:
        columns = {
            "name": "Everything",
            "name_key": "everything",
            "seats_total": 2 * PEOPLE,
            "created_at": work.now,
        }
        return work.db.execute(insert(License).values(columns).returning(License.id)).scalar_one()


def _held(core: Core, bought: int) -> int:
    with core.operator_look() as look:
        return len(look.db.scalars(select(Seat.user_id).where(Seat.license_id == bought)).all())


def _restore(core: Core, bought: int, *, total: int = 2 * PEOPLE, waiting: bool = False) -> None:
    """Let nobody hold or await a seat, and forget events and mails, so that each run begins from the same rows."""
    with core.operator() as work:
        work.db.execute(delete(Seat).where(Seat.license_id == bought))
        work.db.execute(delete(SeatWaiter).where(SeatWaiter.license_id == bought))
        work.db.execute(delete(OutboxMail).where(OutboxMail.kind == "seat_granted"))
        work.db.execute(delete(AuditEvent).where(AuditEvent.batch.is_not(None)))
        work.db.execute(delete(Batch))
        work.db.execute(
            update(License).where(License.id == bought).values(seats_total=total, waiting_list=waiting)
        )


if __name__ == "__main__":
    main()
