"""What an admin can do on the list of people that is about one person at a time, or about a sheet of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.reading.users import UserRow
from core.tally import Tally
from tui.owned_jobs import is_there
from tui.screens.why_actions import WhyActions

if TYPE_CHECKING:
    from tui.screens.why_screen import Question


class PersonActions(WhyActions[UserRow]):
    """Open, edit, why and history."""

    def open_row(self, row_id: int) -> None:
        """Show everything about a person; the cursor follows to the one they were left for."""
        self._open(row_id)

    def do_edit(self, _argument: str) -> None:
        """Edit marked people as a sheet, or the person under the cursor on their own screen."""
        row_id = self.aimed_at or self.grid.cursor_id
        if self.grid.marks.count and self.aimed_at is None:
            from tui.screens.sheet_screen import open_sheet  # noqa: PLC0415 - opened by hand, seldom at once

            open_sheet(self.console, self.grid.target_ids, self._edited)
        elif row_id is not None:
            self._open(row_id, edit="first_name")

    def do_history(self, _argument: str) -> None:
        """Show what was changed on the person under the cursor."""
        if self.grid.cursor_id is not None:
            self._open(self.grid.cursor_id, at_history=True)

    def do_why(self, _argument: str) -> None:
        """Say why the person under the cursor is as they are, and what they can and cannot open."""
        from tui.screens.why_courses import open_why_person  # noqa: PLC0415 - as above

        row_id = self.grid.cursor_id
        if row_id is not None:
            open_why_person(self.console, row_id, self.kind.name, partial(self.press_for, row_id))

    def question_about(self, row_id: int) -> Question:
        """Return the question why a person is as they are."""
        from tui.screens.why_screen import about_person  # noqa: PLC0415 - as above

        return about_person(row_id)

    def _open(self, row_id: int, *, edit: str = "", at_history: bool = False) -> None:
        from tui.screens.person_screen import PersonScreen  # noqa: PLC0415 - as above

        screen = PersonScreen(
            row_id, self._ids, moved=self._left_at, press=self.press_for, edit=edit, at_history=at_history
        )
        self.console.push_screen(screen)

    def _left_at(self, row_id: int) -> None:
        """Put the cursor on the person who was in front, and show what was changed meanwhile."""
        if is_there(self):
            self.go_to(row_id)
            self.grid.reread()

    def _edited(self, tally: Tally) -> None:
        self.grid.forget_marks(tally.done_ids)
        self.grid.reread()
