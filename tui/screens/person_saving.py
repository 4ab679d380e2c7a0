"""Saving the form of one person: explicit, with conflicts shown field by field, and a new role planned first (R37, R38)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from core.errors import EditConflict, Invalid, Problem
from core.services.editing import Edit, edit, edit_people
from core.tally import Conflict, Tally
from tui.screens.conflict_panel import ConflictPanel, Decisions
from tui.screens.person_view import PersonView
from tui.screens.plan_screen import Confirmed, PlanScreen
from tui.screens.sheet_saving import EditProposal

_SAVED_ALONE = frozenset({"address"})


class PersonSaving(PersonView):
    """What the form does from Ctrl+O to the end."""

    user_id = 0
    asking = False
    """Whether core was asked to plan or save."""

    def read(self) -> None:
        """Read the person anew; the screen does."""

    def save(self) -> None:
        """Hand what was changed to core, once at a time; a new role shows first what follows from it."""
        wanted = self.form.wanted
        if self.asking:
            return
        if not wanted:
            self.end_editing("Nothing was changed, so there was nothing to save.")
            return
        seen = self.form.seen
        one = Edit(self.user_id, wanted, {field: seen[field] for field in wanted})
        self.asking = True
        self.form.mark({})
        self.say("Saving …")
        if "role" in wanted:
            self._plan(one)
        else:
            self._write(one)

    def _plan(self, one: Edit) -> None:
        bulk = Edit(
            one.id,
            {field: text for field, text in one.values.items() if field not in _SAVED_ALONE},
            {field: text for field, text in one.seen.items() if field not in _SAVED_ALONE},
        )

        def planned(tally: Tally) -> None:
            if tally.done and not tally.conflicts:
                self.asking = False
                self.say("")
                screen = PlanScreen(EditProposal([bulk], lambda _tally: False), tally)
                self.console.push_screen(screen, partial(self._confirmed, one))
            else:
                self._write(one)  # core says what is in the way, field by field

        self.jobs.plan(lambda work: edit_people(work, [bulk], preview=True), planned, self._refused)

    def _confirmed(self, one: Edit, confirmed: Confirmed | None) -> None:
        if confirmed is None or one.id in confirmed.asked.without:
            self.say("Nothing was saved. What you typed is still here.")
            return
        self.asking = True
        self._write(one)

    def _write(self, one: Edit) -> None:
        def done(tally: Tally) -> None:
            self.asking = False
            relog = " A new role counts from the next sign-in." if "role" in one.values else ""
            back = " On the list, u takes it back." if tally.batch else ""
            self.end_editing(f"Saved.{relog}{back}")

        self.jobs.change(lambda work: edit(work, one), done, self._refused)

    def _refused(self, problem: Problem) -> None:
        self.asking = False
        self.say(problem.message)
        if isinstance(problem, EditConflict):
            self.say("")
            panel = ConflictPanel(problem.conflicts)
            self.console.push_screen(panel, partial(self._settled, problem.conflicts))
        elif isinstance(problem, Invalid):
            self.say("Nothing was saved yet. What is marked cannot be meant.")
            self.form.mark(problem.fields)

    def _settled(self, conflicts: Sequence[Conflict], decisions: Decisions | None) -> None:
        if decisions is None:
            self.say("Nothing was saved. What you typed is still here.")
            return
        for each in conflicts:
            self.form.settle(each.field, each.now, overwrite=decisions[each.id, each.field])
        if self.form.wanted:
            self.save()
        else:
            self.end_editing("Nothing was left to save: it stays as the others made it.")

    def end_editing(self, sentence: str) -> None:
        """Put the facts back in place of the form."""
        self.is_editing = False
        self.screen.set_focus(None)
        self.read()
        self.show()
        self.say(sentence)
