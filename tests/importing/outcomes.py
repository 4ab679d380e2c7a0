"""What became of each line: the reading's problem, or what the judge of addresses says."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import InvalidAddress
from core.importing import Row
from core.values import Address

# Longer than what is read ahead, without content but for one address: what follows comes in pieces as they are, and
# may go the quick way of plain blocks.
FAR = (b"# " + b"-" * 1_000 + b"\n") * 70 + b"ada@example.com\n"


def outcome(row: Row) -> str:
    """Return `ok` or the code of what is wrong with the line."""
    if row.problem:
        return row.problem
    try:
        Address.parse(row.text)
    except InvalidAddress as problem:
        return problem.code
    return "ok"


def told(rows: Iterable[Row], most: int = 60) -> list[str]:
    """Return each row as `expected.toml` writes it: number, outcome, the first `most` characters."""
    return [f"{row.line} {outcome(row)} {row.text[:most]}" for row in rows]
