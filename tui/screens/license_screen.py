"""One license: its facts, its members, and every way to give seats and to take them back (S17-S20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType

from core.services.waiting import leave_waiting_list
from tui import keys
from tui.screens import license_keys
from tui.screens.full_screen import to_lists
from tui.screens.license_giving import LicenseGiving
from tui.screens.license_lists import LICENSES, members_words, nobody_can_be_found, switch_waiting
from tui.screens.license_view import Held
from tui.screens.picker import Choice, Picker
from tui.screens.plan_people import Aim
from tui.screens.plan_proposal import count_of, people
from tui.screens.questions import Question
from tui.screens.seat_choices import take
from tui.screens.undo_flow import ask_to_undo
from tui.widgets.grid import Grid

if TYPE_CHECKING:
    from tui.screens.why_actions import WhyActions


class LicenseScreen(LicenseGiving):
    """The screen with its commands."""

    kind = LICENSES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+g,q", "step_back", show=False, id="license.step_back"),
        *to_lists("license"),
        *(
            Binding(command.keys, f"command('{command.id}')", show=False, id=f"license.{command.id}")
            for command in license_keys.COMMANDS
            if command.keys
        ),
    ]

    def __init__(self, license_id: int, *, adding: bool = False) -> None:
        """Open on a license; with `adding` the search for a person is open at once."""
        super().__init__(license_id)
        self._adding = adding

    def on_mount(self) -> None:
        """Read the license."""
        self.grid.focus()
        self._show_hints()
        self.read()

    def _show(self, held: Held) -> None:
        super()._show(held)
        if self._adding:
            self._adding = False
            self.do_add()

    def run(self, command_id: str, argument: str) -> None:
        """Take back a change from its report."""
        if command_id == "undo":
            ask_to_undo(self, argument)  # type: ignore[arg-type]

    def action_command(self, command_id: str) -> None:
        """Run a command by its id."""
        self._message = ""
        self._show_status()
        action: Callable[[], None] = getattr(self, f"do_{command_id}")
        action()

    # --- taking back ----------------------------------------------------------------------------------------------

    def do_revoke(self) -> None:
        """Take back the seat of the marked people or of this one; or take them off the waiting list."""
        row, aim = self.bought, self._aim()
        if aim is None:
            return
        if not self.shows_waiting:
            self.propose(take((row.id,), row.name), aim)
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                self.jobs.change(
                    lambda work: leave_waiting_list(work, row.id, list(aim.ids)),
                    lambda _none: taken_off(),
                    self.fail,
                )

        def taken_off() -> None:
            self.grid.forget_marks(aim.ids)
            self.read()
            self.say(f"{whom} wait{'s' if len(aim.ids) == 1 else ''} no longer.")

        whom = aim.name or people(len(aim.ids))
        question = f"Take {whom} off the waiting list of {row.name}?"
        self.console.push_screen(Question(question, "They keep every seat they hold."), answered)

    def do_waiting(self) -> None:
        """Let the license keep a waiting list, or no longer."""
        row = self.bought

        def said(sentence: str) -> None:
            self.read()
            self.say(sentence)

        self.jobs.change(lambda work: switch_waiting(work, row), said, self.fail)

    def do_waiters(self) -> None:
        """Show who waits, or who holds a seat."""
        self.shows_waiting = not self.shows_waiting
        self.grid.action_clear_marks()
        self.show_people()

    # --- going elsewhere ------------------------------------------------------------------------------------------

    def do_members(self) -> None:
        """Show who holds a seat in the list of people, where everything can be done with them."""
        row = self.bought
        refusal = nobody_can_be_found(row)
        if refusal:
            self.say(refusal)
            return
        words = members_words(row)
        words = words.replace("seat:", "waits:", 1) if self.shows_waiting else words
        self.console.show_list(keys.USERS, words)

    @on(Grid.RowOpened)
    def do_open(self) -> None:
        """Show everything about the person under the cursor."""
        from tui.screens.person_screen import PersonScreen  # noqa: PLC0415 - opened by hand, seldom at once

        row_id, held = self.grid.cursor_id, self.held
        if row_id is not None and held is not None:
            ids = held.waiters if self.shows_waiting else held.members
            self.console.push_screen(PersonScreen(row_id, ids, press=self._press))

    def _press(self, row_id: int, command_id: str) -> None:
        """Run a command of the list of people for somebody whose reasons were looked at."""
        self.console.show_list(keys.USERS)
        cast("WhyActions[Any]", self.console.desk.front).press_for(row_id, command_id)

    def do_undo(self) -> None:
        """Take back the last bulk change."""
        self.run("undo", "")

    def do_refresh(self) -> None:
        """Read everything again."""
        self.grid.reread()
        self.read()

    def do_help(self) -> None:
        """Show and run every command."""
        offered = [
            Choice(command.id, f"{command.shown:<7}{command.title}", command.help)
            for command in license_keys.COMMANDS
            if command.id != "help"
        ]
        moving = [Choice("", key, does) for key, does in keys.MOVING]

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken and taken[0]:
                self.action_command(taken[0])

        self.console.push_screen(Picker("Commands and keys", [*offered, *moving]), chosen)

    def interrupt(self) -> None:
        """Ctrl+C: close the prompt, stop what is under way, or else leave."""
        runs = self.console.jobs.runs
        if self.prompt.is_open:
            self.prompt.cancel()
        elif self.planning is not None:
            self.planning.stop()
        elif runs:
            runs[0].stop()
        else:
            self.dismiss()

    def action_step_back(self) -> None:
        """Close the range, go back to the members, or back to the list."""
        if self.grid.cancel_range():
            return
        if self.shows_waiting:
            self.do_waiters()
        else:
            self.dismiss()

    # --- inside ---------------------------------------------------------------------------------------------------

    def _aim(self) -> Aim | None:
        grid, row = self.grid, self.row
        if not grid.target_ids:
            self.say("Nobody is here. n gives somebody a seat.")
            return None
        if grid.marks.count:
            return Aim(grid.target_ids, "", count_of(grid.marks.count, "marked person", "marked people"))
        name = row.name if row is not None else ""
        return Aim(grid.target_ids, name, f"the row under the cursor: {name}")
