"""Faults at chosen statements of a transaction, and a look at every row there is. What the tests of faults share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, select

from core.core import Core
from core.models import Base

Fault = Callable[[Connection], None]


class BrokenError(RuntimeError):
    """A mistake nobody has thought of."""


class FaultAt:
    """Counts the statements of writing transactions and lets one of them go wrong.

    Attributes:
        number: which statement, from 1 on; 0 for none.
        seen: how many statements there were since `number` was set.
    """

    def __init__(self, fault: Fault) -> None:
        """Let `fault` happen; it gets the connection and raises, or breaks something so that the database does."""
        self._fault = fault
        self.number = 0
        self.seen = 0

    def arm(self, number: int) -> None:
        """Break the statement with that number from now on."""
        self.number, self.seen = number, 0

    def __call__(self, connection: Connection, *_: Any) -> None:
        """Take note of a statement that is about to be run."""
        if connection.get_execution_options().get("academy_writes"):
            self.seen += 1
            if self.seen == self.number:
                self._fault(connection)


@contextmanager
def faulty(core: Core, fault: Fault) -> Iterator[FaultAt]:
    """Lend what breaks statements of `core`."""
    listener = FaultAt(fault)
    event.listen(core._engine, "before_cursor_execute", listener)
    try:
        yield listener
    finally:
        event.remove(core._engine, "before_cursor_execute", listener)


def everything(core: Core) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with core.operator_look() as look:
        return {
            each.name: sorted((tuple(row) for row in look.db.execute(select(each))), key=repr)
            for each in Base.metadata.sorted_tables
        }
