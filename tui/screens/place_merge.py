"""Merging a department or learning group into another one, the way of every bulk change: plan, confirm, apply, undo."""

from __future__ import annotations

from collections.abc import Callable

from core.services.carrying_out import How
from core.services.merging import VERB
from core.tally import Tally
from core.work import Work
from tui.screens.plan_proposal import Asked, Progress, Proposal, people, people_and_invitations

Verb = Callable[[Work, int, int, How], Tally]


class MergeProposal(Proposal):
    """Everybody and every invitation moves; then the empty place goes."""

    verb = VERB
    may_drop = False
    has_report = False

    def __init__(self, merge: Verb, source: tuple[int, str], into: tuple[int, str]) -> None:
        """Propose a merge.

        Args:
            merge: core's verb.
            source: id and name of what goes.
            into: id and name of what stays.
        """
        self._merge, self._source, self._into = merge, source, into
        self.summary = f"{source[1]} into {into[1]}"

    def heading(self, done: int, all_rows: int) -> str:  # noqa: ARG002 - nobody is left out
        """Return what would be merged."""
        return f"Merge {self._source[1]} into {self._into[1]}"

    def heading_of(self, tally: Tally, all_rows: int) -> str:
        """Return it with who and what moves: as many as have to be confirmed."""
        return f"{self.heading(tally.done, all_rows)} for {people_and_invitations(tally, all_rows)}"

    def run(
        self,
        work: Work,
        asked: Asked,  # noqa: ARG002 - it is done as a whole
        *,
        preview: bool,
        expect: int | None = None,
        batch: str | None = None,
        progress: Progress | None = None,
    ) -> Tally:
        """Let core plan it or do it."""
        how = How(preview=preview, expect=expect, batch=batch, progress=progress)
        return self._merge(work, self._source[0], self._into[0], how)

    def told(self, tally: Tally) -> str:
        """Return what was merged."""
        moved = people(len(tally.done_ids))
        return f"{self._source[1]} is merged into {self._into[1]}: {moved} moved."
