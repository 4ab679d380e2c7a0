"""Taking back a bulk change (R60): found by the last one, by name or by a row of the audit trail, then the usual way."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.errors import Problem
from core.reading import batches
from core.reading.batches import BatchRow
from core.services import merging, undoing
from core.tally import Tally
from core.work import Look, Work
from tui import keys
from tui.screens import plan_flow
from tui.screens.actions import ActingList
from tui.screens.import_undo import ends_of
from tui.screens.plan_proposal import Asked, Progress, Proposal, count_of, people, people_and_invitations

_OF_INVITATIONS = frozenset({"invite", "renew", "withdraw"})
_SENT = frozenset({"invite", "renew"})
_OF_BOTH = frozenset({merging.VERB, "undo"})  # taking a merge back can be taken back as well


class UndoProposal(Proposal):
    """The inverse of a bulk change, with the rows that were changed since left alone."""

    verb = "undo"
    may_drop = False
    waits = "take it back"
    will = "will be as before"
    was = "as before"

    def __init__(self, row: BatchRow) -> None:
        """Propose to take back one change."""
        self._row = row
        self.summary = f"undo {row.summary or row.verb}"
        self._what = row.summary or row.verb
        self.size = row.done
        self.has_report = row.verb not in _OF_INVITATIONS
        if row.verb in _OF_INVITATIONS:
            self.list_name = keys.INVITATIONS
        if row.verb in _SENT:
            self.will, self.was = "will be withdrawn", "withdrawn"
        else:
            self.aim = f"{row.actor} did it on {row.at:%Y-%m-%d %H:%M} UTC; it is called {row.batch}."

    def heading(self, done: int, all_rows: int) -> str:
        """Return what would be taken back."""
        row = self._row
        if row.verb in _SENT:
            ends, sent = ends_of(row), sum(row.states.values())
            when = f"{row.at:%Y-%m-%d %H:%M} UTC, {row.batch}"
            return f"Withdraw {ends:,} of the {sent:,} invitations that {row.actor} sent together ({when})"
        if row.verb in _OF_INVITATIONS:
            return f"Take back “{self._what}” for {count_of(all_rows, 'invitation', 'invitations')}"
        of_all = people(all_rows) if done == all_rows else f"{done:,} of {people(all_rows)}"
        return f"Take back “{self._what}” for {of_all}"

    def heading_of(self, tally: Tally, all_rows: int) -> str:
        """Return it with who and what moves back, where invitations do too."""
        if self._row.verb in _OF_BOTH:
            return f"Take back “{self._what}” for {people_and_invitations(tally, all_rows)}"
        return super().heading_of(tally, all_rows)

    def number_in(self, tally: Tally) -> int:
        """Return how many it is about; a run that only let people wait for a seat is one thing to take back."""
        ends_waiting = not self._row.done and tally.effects is not None and bool(tally.effects.notes)
        return super().number_in(tally) or int(ends_waiting)

    def run(
        self,
        work: Work,
        asked: Asked,  # noqa: ARG002 - a change is taken back as a whole
        *,
        preview: bool,
        expect: int | None = None,
        batch: str | None = None,
        progress: Progress | None = None,
    ) -> Tally:
        """Let core plan it or do it."""
        return undoing.undo(
            work, self._row.batch, preview=preview, expect=expect, name=batch, progress=progress
        )

    def refused(self, sentence: str) -> str:
        """Return that it cannot be taken back, and why."""
        return f"“{self._what}” cannot be taken back. {sentence}"

    def told(self, tally: Tally) -> str:
        """Return what was taken back."""
        if self._row.verb in _SENT:
            kept = f" {tally.refused:,} stay as they are." if tally.refused else ""
            return f"{tally.done:,} invitations withdrawn; their links are dead.{kept}"
        of_both = self._row.verb in _OF_BOTH
        whom = people_and_invitations(tally, tally.done) if of_both else people(tally.done)
        return f"“{self._what}” is taken back for {whom}."


def ask_to_undo(screen: ActingList[Any], name: str) -> None:
    """Show the plan of taking back a change.

    Args:
        screen: the list in front.
        name: of the change; empty for that of the audit row under the cursor, or else the last one.
    """
    chosen = name.lower() or _batch_of_row(screen)

    def refuse(problem: Problem) -> None:
        screen.asking = False
        screen.fail(problem)

    def found(row: BatchRow) -> None:
        screen.asking = False
        plan_flow.start(screen, UndoProposal(row))

    screen.asking = True
    screen.jobs.ask(partial(_find, chosen), found, refuse)


def _batch_of_row(screen: ActingList[Any]) -> str:
    """Return the run that the audit row under the cursor belongs to; empty for other lists and other rows."""
    if screen.kind.name != keys.AUDIT or screen.row is None:
        return ""
    return getattr(screen.row, "batch", None) or ""


def _find(name: str, look: Look) -> BatchRow:
    return batches.batch(look, name or undoing.last_undoable(look))
