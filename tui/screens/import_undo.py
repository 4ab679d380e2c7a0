"""What taking back a bulk invitation means (R60), and what has become of one, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.reading import batches
from core.reading.batches import BatchRow
from core.work import Look

_ENDS = ("open", "expired")


def ends_of(row: BatchRow) -> int:
    """Return how many invitations of a run can still be withdrawn."""
    return _number(row.states, _ENDS)


@dataclass(frozen=True, slots=True)
class Told:
    """What has become of a bulk invitation, for the line of a list.

    Attributes:
        facts: who is invited, and how far the mails are.
        leaves_in: seconds until the mails leave; 0 where they are not held back.
        is_undoable: whether something of it can still be withdrawn.
    """

    facts: str
    leaves_in: int
    is_undoable: bool

    @property
    def text(self) -> str:
        """All of it as one line."""
        held = f"  They leave in {self.leaves_in} s." if self.leaves_in else ""
        return f"{self.facts}{held}{'  u takes it back' if self.is_undoable else ''}"

    def a_second_later(self) -> Told:
        """Return the same a second later."""
        return replace(self, leaves_in=max(0, self.leaves_in - 1))


def told_of(row: BatchRow) -> Told:
    """Return what has become of a bulk invitation, with the delivery of its mails."""
    states = ", ".join(f"{number:,} {state}" for state, number in sorted(row.states.items())) or "none left"
    mails = ", ".join(f"{number:,} {state}" for state, number in sorted(row.mails.items())) or "none"
    facts = f"{sum(row.states.values()):,} invited: {states}.  Mails: {mails}."
    return Told(facts, row.leaves_in, is_undoable=bool(ends_of(row)))


def read_told(name: str, look: Look) -> Told:
    """Return what has become of the bulk invitation called `name`.

    Raises:
        Missing: no such run.
    """
    return told_of(batches.batch(look, name))


def _number(counts: dict[str, int], names: tuple[str, ...]) -> int:
    return sum(counts.get(name, 0) for name in names)
