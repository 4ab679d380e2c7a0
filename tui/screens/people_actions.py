"""What an admin can do with people: give roles and places, archive, reactivate; all of it by way of a plan.

Marked rows are the target, hidden ones too, or else the row under the cursor; which of the two is always said.
"""

from __future__ import annotations

from array import array
from functools import partial

from core.services.people import Archive, Reactivate
from tui.screens import people_choices as choices
from tui.screens.actions_menu import open_menu
from tui.screens.people_refusals import EXAMPLES, OTHERS, refusals_for
from tui.screens.plan_people import Aim, Wanted
from tui.screens.seat_actions import SeatActions

JOB_TITLE = "job_title"
_ACTIONS = ("open", "edit", *EXAMPLES, *OTHERS, "repeat", "why", "history", "copy", "copy_rows")
_MOST_ASKED = 500  # beyond it the menu would be late; the plan says it all anyway


class UserList(SeatActions):
    """The list of people."""

    _aim = Aim(array("q"), "", "")

    def do_role(self, argument: str) -> None:
        """Give the marked people another role."""
        self.pick("Role", choices.role_choices, choices.role_wanted, argument)

    def do_department(self, argument: str) -> None:
        """Put the marked people into a department, or out of any."""
        self.pick("Department", choices.department_choices, choices.department_wanted, argument)

    def do_teams(self, argument: str) -> None:
        """Let the marked people join or leave learning groups."""
        self.pick("Learning groups", choices.group_choices, choices.groups_wanted, argument, several=True)

    def do_language(self, argument: str) -> None:
        """Set the language of the marked people."""
        self.pick("Language", choices.language_choices, choices.language_wanted, argument)

    def do_job_title(self, argument: str) -> None:
        """Set the job title of the marked people; it is asked for where it was not typed."""
        aim = self.find_aim()
        if aim is None:
            return
        if argument:
            self.propose(choices.title_wanted(argument), aim)
            return
        self._aim = aim
        self.say(f"Job title for {aim.words}; empty for none.")
        self.prompt.ask(JOB_TITLE, "Job title: ")

    def do_archive(self, _argument: str) -> None:
        """Archive the marked people."""
        self.do_wanted(Wanted(Archive(), "Archive", "archive", " "))

    def do_reactivate(self, _argument: str) -> None:
        """Let archived people in again."""
        self.do_wanted(Wanted(Reactivate(), "Reactivate", "reactivate", " "))

    def do_repeat(self, _argument: str) -> None:
        """Do the last change again, to what is marked now."""
        if self.last_wanted is None:
            self.say("No change was made yet that could be repeated. a shows what can be done.")
        else:
            self.do_wanted(self.last_wanted)

    def do_actions(self, _argument: str) -> None:
        """Show everything that can be done with the marked people, with core's reasons where it cannot."""
        aim = self.find_aim()
        if aim is not None:
            ask = partial(refusals_for, aim.ids) if len(aim.ids) <= _MOST_ASKED else None
            open_menu(self, aim.words, _ACTIONS, ask)

    def answer(self, kind: str, text: str) -> None:
        """Take a job title that was asked for."""
        if kind == JOB_TITLE:
            self.propose(choices.title_wanted(text.strip()), self._aim)
        else:
            super().answer(kind, text)
