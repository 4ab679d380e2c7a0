"""`w` on a list: why a row is as it is, and the key that changes it, for this row whatever is marked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from tui.screens.actions import ActingList

if TYPE_CHECKING:
    from tui.screens.why_screen import Question

R = TypeVar("R")


class WhyActions(ActingList[R], Generic[R]):
    """A list whose rows can be asked about."""

    aimed_at: int | None = None
    """Whom the next command is about, whatever is marked: the row whose reasons were looked at."""

    @abstractmethod
    def question_about(self, row_id: int) -> Question:
        """Return the question why a row is as it is."""

    @property
    def targets(self) -> Sequence[int]:
        """What a command is about: the row whose reasons were looked at, or what is marked, or the cursor's row."""
        return [self.aimed_at] if self.aimed_at is not None else self.grid.target_ids

    def do_why(self, _argument: str) -> None:
        """Say why the row under the cursor is as it is, and what would change it."""
        from tui.screens.why_screen import open_why  # noqa: PLC0415 - opened by hand, seldom in the first second

        row_id = self.grid.cursor_id
        if row_id is not None:
            question = self.question_about(row_id)
            open_why(self.console, question, self.kind.name, partial(self.press_for, row_id))

    def press_for(self, row_id: int, pressed: str) -> None:
        """Run a command for one row, whatever is marked.

        Args:
            row_id: which.
            pressed: id of the command, and after a blank what else it is about.
        """
        command_id, _, argument = pressed.partition(" ")
        self.go_to(row_id)
        self.aimed_at = row_id
        try:
            self.run(command_id, argument)
        finally:
            self.aimed_at = None

    def go_to(self, row_id: int) -> None:
        """Put the cursor on a row, where it is still in the list."""
        if row_id in self._ids:
            self.grid.go_to(self._ids.index(row_id))
