"""What an admin can do with people: give roles and places, archive, reactivate; all of it by way of a plan.

Marked rows are the target, hidden ones too, or else the row under the cursor; which of the two is always said.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import partial

from core.services.people import Archive, Reactivate
from core.work import Look
from tui.screens import people_choices as choices
from tui.screens import plan_flow
from tui.screens.actions_menu import open_menu
from tui.screens.group_picker import GroupPicker
from tui.screens.people_refusals import EXAMPLES, refusals_for
from tui.screens.person_actions import PersonActions
from tui.screens.picker import Choice, Picker
from tui.screens.plan_people import Aim, ChangeProposal, Wanted
from tui.screens.plan_proposal import count_of

_Read = Callable[[Look], list[Choice]]
_Make = Callable[[Sequence[str], list[Choice]], Wanted]
JOB_TITLE = "job_title"
_ACTIONS = ("open", "edit", *EXAMPLES, "repeat", "why", "history", "copy", "copy_rows")
_MOST_ASKED = 500  # beyond it the menu would be late; the plan says it all anyway


class UserList(PersonActions):
    """The list of people."""

    last_wanted: Wanted | None = None
    """What was proposed last, for doing it again to others."""

    _aim = Aim(array("q"), "", "")

    def do_role(self, argument: str) -> None:
        """Give the marked people another role."""
        self._pick("Role", choices.role_choices, choices.role_wanted, argument)

    def do_department(self, argument: str) -> None:
        """Put the marked people into a department, or out of any."""
        self._pick("Department", choices.department_choices, choices.department_wanted, argument)

    def do_teams(self, argument: str) -> None:
        """Let the marked people join or leave learning groups."""
        self._pick("Learning groups", choices.group_choices, choices.groups_wanted, argument, several=True)

    def do_language(self, argument: str) -> None:
        """Set the language of the marked people."""
        self._pick("Language", choices.language_choices, choices.language_wanted, argument)

    def do_job_title(self, argument: str) -> None:
        """Set the job title of the marked people; it is asked for where it was not typed."""
        aim = self._find_aim()
        if aim is None:
            return
        if argument:
            self._propose(choices.title_wanted(argument), aim)
            return
        self._aim = aim
        self.say(f"Job title for {aim.words}; empty for none.")
        self.prompt.ask(JOB_TITLE, "Job title: ")

    def do_archive(self, _argument: str) -> None:
        """Archive the marked people."""
        self._do(Wanted(Archive(), "Archive", "archive"))

    def do_reactivate(self, _argument: str) -> None:
        """Let archived people in again."""
        self._do(Wanted(Reactivate(), "Reactivate", "reactivate"))

    def do_repeat(self, _argument: str) -> None:
        """Do the last change again, to what is marked now."""
        if self.last_wanted is None:
            self.say("No change was made yet that could be repeated. a shows what can be done.")
        else:
            self._do(self.last_wanted)

    def do_actions(self, _argument: str) -> None:
        """Show everything that can be done with the marked people, with core's reasons where it cannot."""
        aim = self._find_aim()
        if aim is not None:
            ask = partial(refusals_for, aim.ids) if len(aim.ids) <= _MOST_ASKED else None
            open_menu(self, aim.words, _ACTIONS, ask)

    def answer(self, kind: str, text: str) -> None:
        """Take a job title that was asked for."""
        if kind == JOB_TITLE:
            self._propose(choices.title_wanted(text.strip()), self._aim)
        else:
            super().answer(kind, text)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _find_aim(self) -> Aim | None:
        """Return whom a verb is about; says so where there is nobody."""
        marks = self.grid.marks
        ids = array("q", self.targets) if self.aimed_at is not None else self.grid.target_ids
        if not ids:
            self.say("Nobody is here to act on. Press i to invite somebody.")
            return None
        if marks.count and self.aimed_at is None:
            hidden = f", {marks.hidden:,} of them hidden by the filter" if marks.hidden else ""
            return Aim(ids, "", f"{count_of(marks.count, 'marked person', 'marked people')}{hidden}")
        row = self.row
        if row is None:
            return Aim(ids, "", "the row under the cursor")
        who = row.name if row.name == row.address else f"{row.name}, {row.address}"
        return Aim(ids, row.name, f"the row under the cursor: {who}")

    def _do(self, wanted: Wanted) -> None:
        aim = self._find_aim()
        if aim is not None:
            self._propose(wanted, aim)

    def _propose(self, wanted: Wanted, aim: Aim) -> None:
        self.last_wanted = wanted
        plan_flow.start(self, ChangeProposal(wanted, aim))

    def _pick(self, title: str, read: _Read, make: _Make, argument: str, *, several: bool = False) -> None:
        """Take what was typed, or let it be picked; then propose it.

        Args:
            title: of what is chosen.
            read: returns what there is to choose from.
            make: turns what was chosen into a change.
            argument: what was typed.
            several: whether several can be chosen, to join or to leave.
        """
        aim = self._find_aim()
        if aim is None:
            return

        def offer(offered: list[Choice]) -> None:
            self.asking = False
            if argument:
                self._take_typed(argument, offered, make, aim, several=several)
                return
            picker = (GroupPicker if several else Picker)(f"{title} for {aim.words}", offered)
            self.console.push_screen(picker, partial(self._picked, offered, make, aim))

        def refuse(problem: Exception) -> None:
            self.asking = False
            self.say(str(problem))

        self.asking = True
        self.jobs.ask(read, offer, refuse)

    def _take_typed(self, text: str, offered: list[Choice], make: _Make, aim: Aim, *, several: bool) -> None:
        found = choices.several_named(text, offered) if several else choices.named(text, offered)
        if isinstance(found, str):
            self.say(found)
        else:
            self._propose(make((found.key,) if isinstance(found, Choice) else found, offered), aim)

    def _picked(self, offered: list[Choice], make: _Make, aim: Aim, taken: tuple[str, ...] | None) -> None:
        if taken:
            self._propose(make(taken, offered), aim)
