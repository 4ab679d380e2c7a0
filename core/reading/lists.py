"""What every list shares: how it is sorted, and its ids in that order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from core.errors import Invalid
from core.work import Look

FIRST, CHUNK = 100, 2000


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and in which direction."""

    column: str
    descending: bool = False


def ordered(statement: Select[Any], sort: Sort, columns: dict[str, Any], tie: Any) -> Select[Any]:
    """Return `statement` in the order of `sort`; equal rows by `tie`, so that the order is total.

    Raises:
        Invalid: no such column; lists what exists.
    """
    if sort.column not in columns:
        raise Invalid(
            {"sort": f"There is no column {sort.column} to sort by. There is: {', '.join(columns)}."}
        )
    column = columns[sort.column]
    if not getattr(column, "nullable", True):  # the words about NULL would hide an index from the planner
        return statement.order_by(
            *((each.desc() if sort.descending else each.asc()) for each in (column, tie))
        )
    if sort.descending:
        return statement.order_by(column.desc().nulls_last(), tie.desc())
    return statement.order_by(column.asc().nulls_first(), tie.asc())


def id_chunks(look: Look, statement: Select[int]) -> Iterator[Sequence[int]]:
    """Return the ids in order, in chunks: the first one small, so that it comes at once."""
    return in_chunks(parts_of(look, statement))


def parts_of(look: Look, statement: Select[int]) -> Iterator[Sequence[int]]:
    """Yield the ids as they come, so that a reader thread never holds the interpreter for long.

    They are taken from the driver's own cursor: rows of SQLAlchemy's would make a million ids cost a second more.
    """
    look.db.flush()
    with look.db.connection().execute(statement.execution_options(stream_results=True)) as result:
        found: Sequence[Any] = result.fetchmany(FIRST)
        while found:
            yield [row[0] for row in found]
            cursor: Any = result.cursor  # gone where the result has ended
            found = cursor.fetchmany(CHUNK) if cursor else ()


def in_chunks(parts: Iterable[Sequence[int]]) -> Iterator[Sequence[int]]:
    """Yield what comes in parts of any size in chunks: a first one of `FIRST`, then each of `CHUNK`."""
    waiting: list[int] = []
    size = FIRST
    for part in parts:
        waiting += part
        while len(waiting) >= size:
            yield waiting[:size]
            del waiting[:size]
            size = CHUNK
    if waiting:
        yield waiting
