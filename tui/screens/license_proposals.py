"""A pasted list or a file of addresses that is to get seats (S18), as a proposal."""

from __future__ import annotations

from collections.abc import Sequence

from core.reading.licenses import LicenseRow
from core.services.inviting import Line
from core.services.seats import allocate_listed
from core.tally import Tally
from core.work import Work
from tui.screens.plan_proposal import Asked, Progress, Proposal, people, waiting_heading


class ListedProposal(Proposal):
    """Everybody in a list gets a seat, in its order."""

    verb = "allocate"
    may_drop = False
    gives_seats = True
    will, was = "will get a seat", "got a seat"

    def __init__(self, row: LicenseRow, lines: Sequence[Line], about: str) -> None:
        """Propose it.

        Args:
            row: the license.
            lines: of the list.
            about: where they came from.
        """
        self._row, self._lines = row, lines
        self.summary = f"give a seat: {row.name}"
        self.aim = about
        self.size = len(lines)

    def heading(self, done: int, all_rows: int) -> str:
        """Return what would be given to how many lines."""
        whom = people(done) if done == all_rows else f"{people(done)} of {all_rows:,} lines"
        return f"Give a seat of {self._row.name} to {whom}"

    def heading_of(self, tally: Tally, all_rows: int) -> str:
        """Return what would be given; where nobody finds a seat, for what they wait."""
        return waiting_heading(tally, "", self._row.name) or super().heading_of(tally, all_rows)

    def run(
        self,
        work: Work,
        asked: Asked,
        *,
        preview: bool,
        expect: int | None = None,
        batch: str | None = None,
        progress: Progress | None = None,
    ) -> Tally:
        """Let core plan it or do it."""
        return allocate_listed(
            work,
            self._row.id,
            self._lines,
            all_or_none=asked.all_or_none,
            preview=preview,
            expect=expect,
            batch=batch,
            progress=progress,
        )
