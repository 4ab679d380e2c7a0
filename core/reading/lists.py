"""What every list shares: how it is sorted, and its ids in that order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from core.errors import Invalid
from core.work import Look

CHUNK = 2000


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
    if sort.descending:
        return statement.order_by(column.desc().nulls_last(), tie.desc())
    return statement.order_by(column.asc().nulls_first(), tie.asc())


def id_chunks(look: Look, statement: Select[int]) -> Iterator[Sequence[int]]:
    """Yield the ids in order, some thousand at a time, so that a reader thread never holds the interpreter for long."""
    result = look.db.execute(statement.execution_options(yield_per=CHUNK))
    yield from result.scalars().partitions(CHUNK)
