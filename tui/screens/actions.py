"""What an admin can do on any list: every command of `tui.keys` that is not about one kind of row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Event

from core.filters import Filter
from tui import keys
from tui.screens.listing import ListScreen
from tui.screens.mail_actions import MailActions
from tui.text import shown
from tui.widgets.rows import Absent

R = TypeVar("R")
MOST_COPIED = 1000


class ActingList(MailActions, ListScreen[R], Generic[R], inherit_bindings=True):
    """A list with its commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            command.keys,
            f"command('{command.id}')",
            command.title,
            show=False,
            priority=True,
            id=f"list.{command.id}",
        )
        for command in keys.COMMANDS
        if command.keys
    ]

    asking = False
    """Whether a question is on its way, so that keys wait for it."""

    def is_too_early(self, event: Event) -> bool:
        """Say whether a key would hit rows or miss a question that are still on their way."""
        return self.asking or super().is_too_early(event)

    def action_command(self, command_id: str) -> None:
        """Run a command by its id; while somebody types, its key is just a letter."""
        if self.prompt.is_open:
            raise SkipAction
        self.run(command_id, "")

    def run(self, command_id: str, argument: str) -> None:
        """Run a command.

        Args:
            command_id: from the registry.
            argument: what was typed behind its name.
        """
        command = next(command for command in keys.COMMANDS if command.id == command_id)
        if self.kind.name not in command.lists:
            where = " or ".join(command.lists)
            self.say(f"{command.title.capitalize()} works on the list of {where}.")
            return
        self.say("")
        action: Callable[[str], None] = getattr(self, f"do_{command_id}")
        action(argument)

    def read(self) -> None:
        """Read the list anew, and what has become of the bulk invitation it is narrowed down to."""
        super().read()
        self.about = ""
        names = self.filter.of("batch")
        if len(names) == 1 and not names[0].negated:
            from tui.screens.import_undo import read_summary  # noqa: PLC0415 - as in `open_row`

            batch, chosen = names[0].value.lower(), self.filter
            self.console.jobs.ask(
                partial(read_summary, batch),
                partial(self._tell_about, chosen),
                lambda _none: None,
                latest="batch",
            )

    def _tell_about(self, chosen: Filter, summary: str) -> None:
        if chosen == self.filter:
            self.about = f"/{chosen}  {summary}"
            self._show_status()

    def answer(self, kind: str, text: str) -> None:
        """Take what was typed behind the colon."""
        if kind == "command":
            self._run_typed(text.strip().removeprefix(":"))

    def _run_typed(self, text: str) -> None:
        name, _, argument = text.partition(" ")
        if not name:
            return
        if name.isdigit():
            self.grid.action_top()
            self.grid.action_move(int(name) - 1)
            return
        command = keys.named(name.lower())
        if command is None:
            known = ", ".join(command.name for command in keys.commands_of(self.kind.name))
            self.say(f"There is no command {name}. There is: {known}.")
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

        open_facts(self.console, self.kind.name, row_id, self.fail)

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
        from tui.screens.import_undo import ask_to_undo  # noqa: PLC0415 - as in `open_row`

        ask_to_undo(self, argument)

    def do_copy(self, _argument: str) -> None:
        """Copy the addresses of the marked rows, or of this one."""
        wanted = self.grid.target_ids[:MOST_COPIED]
        more = len(self.grid.target_ids) - len(wanted)

        def copied(rows: list[Any]) -> None:
            self.console.copy_to_clipboard("\n".join(shown(row.address) for row in rows))
            rest = f"; {more:,} more did not fit" if more else ""
            self.say(f"{len(rows):,} {'address' if len(rows) == 1 else 'addresses'} copied{rest}.")

        self.console.jobs.ask(lambda look: list(self.kind.rows(look, wanted)), copied, self.fail)

    def do_users(self, argument: str) -> None:
        """Go to the list of people."""
        self.console.show_list(keys.USERS, argument or None)

    def do_invitations(self, argument: str) -> None:
        """Go to the list of invitations."""
        self.console.show_list(keys.INVITATIONS, argument or None)

    def do_previous_list(self, _argument: str) -> None:
        """Go back to the list before."""
        self.console.show_previous_list()

    def do_filter(self, argument: str) -> None:
        """Narrow the list down."""
        if argument:
            self.set_filter(argument)
        else:
            self.open_filter()

    def do_clear_filter(self, _argument: str) -> None:
        """Drop the filter."""
        self.set_filter("")

    def do_mark(self, _argument: str) -> None:
        """Mark the row and go down."""
        self.grid.action_mark()

    def do_refresh(self, _argument: str) -> None:
        """Read the list again."""
        self.grid.reread()
        self.read()

    def do_command(self, _argument: str) -> None:
        """Type a command."""
        words = tuple(command.name for command in keys.commands_of(self.kind.name))
        self.prompt.ask("command", ":", words=words)

    def do_help(self, _argument: str) -> None:
        """Show and run every command."""
        from tui.screens.help import open_help  # noqa: PLC0415 - as in `open_row`

        open_help(self.console, self.kind.name, lambda command_id: self.run(command_id, ""))

    def do_password(self, _argument: str) -> None:
        """Change one's own password."""
        from tui.screens.password import PasswordScreen  # noqa: PLC0415 - as in `open_row`

        self.console.push_screen(PasswordScreen())

    def do_sign_out(self, _argument: str) -> None:
        """Sign out."""
        self.console.sign_out()

    def do_quit(self, _argument: str) -> None:
        """Leave the console."""
        self.console.exit(0)
