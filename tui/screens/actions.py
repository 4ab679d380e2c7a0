"""What an admin can do on any list: every command of `tui.keys` that is not about one kind of row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Event

from core.filters import Filter
from core.work import Look
from tui import keys
from tui.leash import Leash
from tui.screens.console_actions import COMMAND, ConsoleActions
from tui.screens.copy_actions import CopyActions
from tui.screens.mail_actions import MailActions
from tui.screens.view_actions import ViewActions
from tui.widgets.rows import Absent

R = TypeVar("R")


class ActingList(ViewActions[R], CopyActions, MailActions, ConsoleActions, Generic[R], inherit_bindings=True):
    """A list with its commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"press('{key}')", show=False, priority=True, id=f"list.{key}") for key in keys.KEYS
    ]

    asking = False
    """Whether a question is on its way, so that keys wait for it."""
    planning: Leash | None = None
    """Stops the plan that is on its way."""

    def is_too_early(self, event: Event) -> bool:
        """Say whether a key would hit rows or miss a question that are still on their way."""
        return self.asking or super().is_too_early(event)

    def interrupt(self) -> None:
        """Ctrl+C: stop the plan that is on its way, or else what the list itself would."""
        if self.planning is not None:
            self.planning.stop()
        else:
            super().interrupt()

    def action_press(self, key: str) -> None:
        """Run the command of a key; while somebody types, it is just a letter."""
        if self.prompt.is_open:
            raise SkipAction
        command = keys.at(key, self.kind.name) or keys.elsewhere(key)
        self.run(command.id, "")

    def run(self, command_id: str, argument: str) -> None:
        """Run a command, or say why it is refused.

        Args:
            command_id: from the registry.
            argument: what was typed behind its name.
        """
        refusal = self.refusal_of(command_id)
        self.say(refusal)
        if not refusal:
            action: Callable[[str], None] = getattr(self, f"do_{command_id}")
            action(argument)

    def refusal_of(self, command_id: str) -> str:
        """Return why a command is refused now, as a sentence; empty where it works."""
        command = keys.by_id(command_id)
        if self.kind.name in command.lists:
            return ""
        return f"{command.title.capitalize()} works on the list of {' or '.join(command.lists)}."

    def read(self) -> None:
        """Read the list anew; what was told about the bulk change it is narrowed down to is read by those lists."""
        super().read()
        self.about = ""

    def _tell_about(self, chosen: Filter, summary: str) -> None:
        if chosen == self.filter:
            self.about = f"/{chosen}  {summary}"
            self._show_status()

    def answer(self, kind: str, text: str) -> None:
        """Take what was typed behind the colon."""
        if kind == COMMAND:
            self.run_typed(text.strip().removeprefix(":"))
        else:
            super().answer(kind, text)

    def offers_for(self, kind: str, text: str) -> Callable[[Look], Sequence[str]] | None:
        """Return the question what may stand in place of `text`: of a command, or of a filter."""
        if kind != COMMAND:
            return super().offers_for(kind, text)
        from tui.screens.command_words import offers_for  # noqa: PLC0415 - as in `open_row`

        return offers_for(text, self.kind.name, self.console.desk.kind_of)

    def run_typed(self, text: str) -> None:
        """Run what was typed: a name with its argument, or the number of a row."""
        name, _, argument = text.partition(" ")
        if not name:
            return
        if name.isdigit():
            self.grid.action_top()
            self.grid.action_move(int(name) - 1)
            return
        command = keys.named(name.lower(), self.kind.name)
        if command is None:
            self.say(keys.unknown(name.lower(), self.kind.name))
            return
        self.run(command.id, argument.strip())

    @property
    def row(self) -> R | None:
        """The row under the cursor, once it is here."""
        row = self.grid.cursor_row
        if isinstance(row, Absent):
            return None
        found: R = row
        return found

    # --- commands -------------------------------------------------------------------------------------------------

    def do_open(self, _argument: str) -> None:
        """Show everything about the row."""
        row_id = self.grid.cursor_id
        if row_id is not None:
            self.open_row(row_id)

    def open_row(self, row_id: int) -> None:
        """Show everything about a row."""
        from tui.screens.facts import open_facts  # noqa: PLC0415 - opened by hand, seldom in the first second

        open_facts(self.console, row_id, self.fail)

    def on_grid_row_opened(self, message: Any) -> None:
        """Enter was pressed on a row."""
        self.open_row(message.row_id)

    def do_invite(self, argument: str) -> None:
        """Open the form."""
        from tui.screens.invite import open_form  # noqa: PLC0415 - as in `open_row`

        open_form(self.console, argument)

    def do_import(self, argument: str) -> None:
        """Stage many addresses, from a file where one is named."""
        from tui.screens.import_screen import ImportScreen  # noqa: PLC0415 - as in `open_row`

        self.console.push_screen(ImportScreen(self.console.jobs, argument))

    def do_undo(self, argument: str) -> None:
        """Take back the last bulk invitation, or the one that is named."""
        from tui.screens.undo_flow import ask_to_undo  # noqa: PLC0415 - as in `open_row`

        ask_to_undo(self, argument)

    def do_filter(self, argument: str) -> None:
        """Narrow the list down."""
        if argument:
            self.set_filter(argument)
        else:
            self.open_filter()

    def do_mark(self, _argument: str) -> None:
        """Mark the row and go down."""
        self.grid.action_mark()

    def do_refresh(self, _argument: str) -> None:
        """Read the list again."""
        self.grid.reread()
        self.read()
