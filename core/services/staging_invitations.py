"""Step one of inviting: the rows to judge in a temporary table.

Staging touches nothing but that table. So a file, or a pipe that takes an hour, can be read before the lock is taken
that keeps everybody else from inviting: `StagedLines` does that through the door's `first`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, SmallInteger, String, Table
from sqlalchemy.orm import Session

from core.dialects import load_rows
from core.errors import InvalidAddress
from core.models.base import ordered_text
from core.ports import ID_BYTES
from core.values import Address

PROGRESS = 5000
_IDS_AT_ONCE = 1000

Tell = Callable[[str, int], None]


class Line(NamedTuple):
    """One row to invite: where it stood and what it said; a `core.importing.Row` is one too.

    Attributes:
        problem: what a reading of a file found wrong with the line, one of `core.importing.LINE_PROBLEMS`; or empty.
    """

    number: int
    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """One row to judge.

    Attributes:
        line: its place in the order of the run: a line number, or an invitation's id when renewing.
        role, department_id: None for those of the offer.
        copies_id: the invitation whose groups the new one takes over; 0 for none.
    """

    line: int
    address: Address
    public_id: bytes
    role: int | None = None
    department_id: int | None = None
    copies_id: int = 0


def _tables() -> tuple[Table, Table]:
    metadata = MetaData()

    def shared() -> list[Column[Any]]:
        return [
            Column("line", BigInteger, primary_key=True),
            Column("address", String),
            Column("address_key", ordered_text()),
            Column("public_id", LargeBinary),
            Column("role", SmallInteger),
            Column("department_id", BigInteger),
            Column("copies_id", BigInteger),
            Column("code", String),
        ]

    staged = Table("staged_invitations", metadata, *shared(), prefixes=["TEMPORARY"])
    judged = Table(
        "judged_invitations",
        metadata,
        *shared(),
        Column("takes_place", SmallInteger),
        Column("refused_by", String),
        prefixes=["TEMPORARY"],
    )
    return staged, judged


# Made once: a statement on the same table objects is compiled once and then found in SQLAlchemy's cache.
STAGED, JUDGED = _tables()


def stage_rows(db: Session, rows: Iterable[Staged]) -> None:
    """Make the table of staged rows and fill it with `rows`."""
    _stage(
        db,
        (
            (
                row.line,
                row.address.typed,
                row.address.key,
                row.public_id,
                row.role,
                row.department_id,
                row.copies_id,
                "",
            )
            for row in rows
        ),
    )


def stage_lines(db: Session, lines: Iterable[tuple[int, str, str]], tell: Tell) -> None:
    """Make the table of staged rows and fill it with `lines`, taken one by one; role and places are the offer's.

    Args:
        db: where.
        lines: number, text, problem.
        tell: hears of `read` with the lines so far, then of `judge` with all of them.
    """
    _stage(db, _parsed(lines, tell))


def _stage(db: Session, rows: Iterable[Sequence[Any]]) -> None:
    STAGED.create(db.connection(), checkfirst=False)
    load_rows(db, STAGED, rows)


def _parsed(lines: Iterable[tuple[int, str, str]], tell: Tell) -> Iterator[Sequence[Any]]:
    parse = Address.parse
    public_ids = _public_ids()
    count = 0
    for count, (number, text, problem) in enumerate(lines, 1):
        if count % PROGRESS == 0:
            tell("read", count)
        if problem:
            yield number, storable(text), "", b"", None, None, 0, problem
            continue
        try:
            address = parse(text)
        except InvalidAddress as wrong:
            yield number, storable(text), "", b"", None, None, 0, wrong.code
        else:
            yield number, address.typed, address.key, next(public_ids), None, None, 0, ""
    tell("judge", count)


def _public_ids() -> Iterator[bytes]:
    """Yield random ids; asking the system for each of them costs as much as judging an address."""
    while True:
        drawn = os.urandom(ID_BYTES * _IDS_AT_ONCE)
        for start in range(0, len(drawn), ID_BYTES):
            yield drawn[start : start + ID_BYTES]


def storable(text: str) -> str:
    """Return what is no address anyway without what PostgreSQL cannot store."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
