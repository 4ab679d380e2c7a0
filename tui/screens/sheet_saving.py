"""Saving a sheet: conflicts field by field first, then the plan of differences, then one batch that `u` takes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from core.errors import Problem
from core.services.editing import Edit, edit_people
from core.tally import Tally
from core.work import Work
from tui.leash import Leash
from tui.screens.conflict_panel import ConflictPanel, Decisions
from tui.screens.person_fields import label_of
from tui.screens.plan_flow import start
from tui.screens.plan_proposal import Asked, Progress, Proposal, people
from tui.screens.sheet_view import SheetView


class EditProposal(Proposal):
    """Different texts for each of some people."""

    verb = "edit"
    has_report = False

    def __init__(self, edits: Sequence[Edit], settle: Callable[[Tally], bool]) -> None:
        """Propose edits.

        Args:
            edits: what is wanted, and what was seen.
            settle: asks what is to become of conflicts; returns whether there were any.
        """
        self._edits, self._settle = list(edits), settle
        fields = dict.fromkeys(field for each in edits for field in each.values)
        self.summary = f"edit: {', '.join(label_of(field).lower() for field in fields)}"

    def heading(self, done: int, all_rows: int) -> str:
        """Return what would be done to how many of how many rows, as a title."""
        return f"Edit {people(done)}" if done == all_rows else f"Edit {done:,} of {people(all_rows)}"

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
        wanted = [each for each in self._edits if each.id not in asked.without]
        return edit_people(work, wanted, preview=preview, expect=expect, batch=batch, progress=progress)

    def told(self, tally: Tally) -> str:
        """Return what was done, as a sentence for one line."""
        return f"{people(tally.done).capitalize()} edited."

    def conflicts(self, host: object, tally: Tally) -> bool:  # noqa: ARG002 - `settle` knows its screen
        """Ask what is to become of what somebody else has changed meanwhile."""
        return self._settle(tally)


class SheetSaving(SheetView):
    """What a sheet does from Ctrl+O to the end."""

    asking = False
    """Whether a question to core is on its way."""
    planning: Leash | None = None
    """Stops the plan that is on its way."""
    told: Callable[[Tally], None] | None = None
    """Hears what was saved."""

    @property
    def is_planning(self) -> bool:
        """Whether the plan is on its way."""
        return self.asking

    def do_save(self) -> None:
        """Ask core for conflicts, then show the plan of differences."""
        sheet = self.sheet
        if sheet is None or self.asking:
            return
        if not sheet.changed_cells:
            self.say("Nothing is changed, so there is nothing to save.")
            return
        self.asking = True
        self.say("Planning …")
        edits = sheet.edits()
        self.jobs.plan(lambda work: edit_people(work, edits, preview=True), self._planned, self._not_planned)

    def settle(self, tally: Tally) -> bool:
        """Show the conflicts of a run; return whether there were any."""
        if tally.conflicts:
            self.console.push_screen(ConflictPanel(tally.conflicts), partial(self._settled, tally))
        return bool(tally.conflicts)

    def _planned(self, tally: Tally) -> None:
        self.asking = False
        self.say("")
        if not self.settle(tally) and self.sheet is not None:
            start(self, EditProposal(self.sheet.edits(), self.settle), self._saved)

    def _not_planned(self, problem: Problem) -> None:
        self.asking = False
        self.say(problem.message)

    def _settled(self, tally: Tally, decisions: Decisions | None) -> None:
        """Take the decisions into the sheet, and plan again."""
        sheet = self.sheet
        if sheet is None or decisions is None:
            self.say("Nothing was saved. What you typed is still here.")
            return
        for each in tally.conflicts:
            sheet.settle(each.id, each.field, each.now, overwrite=decisions[each.id, each.field])
        self.grid.refresh()
        if sheet.changed_cells:
            self.do_save()
        else:
            self.say("Nothing is left to save: it stays as the others made it.")

    def _saved(self, tally: Tally) -> None:
        """Leave; what was refused stays open with what was typed."""
        sheet = self.sheet
        if sheet is None:
            return
        sheet.saved(tally.done_ids)
        if self.told is not None:
            self.told(tally)
        if sheet.changed_cells:
            self.grid.refresh()
            self.show_lines()
        else:
            self.dismiss()
