"""The command `academy`: alone it opens the console, with a word behind it it does one thing and ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from tui.cli.ending import ended

NAME = "academy"
# Command -> where it is below tui.cli, and what `academy --help` says of it without importing it.
COMMANDS = {
    "init": ("init:init", "Make data folder, key, database, company and first admin."),
    "demo": ("demo:demo", "Try everything with a made-up company."),
    "serve": ("serve:serve", "Serve the registration page and deliver mails."),
    "mail": ("mail:mail", "Deliver mails and look into the outbox."),
    "invite": ("invite:invite", "Invite people by mail."),
    "import": ("importing:import_people", "Invite everybody in a file."),
    "invitations": ("invitations:invitations", "List invitations."),
    "withdraw": ("invitations:withdraw", "Take open invitations back."),
    "renew": ("invitations:renew", "Send new links for the same role and places."),
    "users": ("users:users", "List people."),
    "show": ("show:show", "Show everything about one person."),
    "edit": ("edit:edit", "Edit one person's data."),
    "role": ("people:role", "Give people another role."),
    "place": ("people:place", "Put people into a department or learning groups."),
    "archive": ("people:archive", "Archive people, now or on a coming day."),
    "reactivate": ("people:reactivate", "Let archived people in again."),
    "delete": ("delete:delete", "Delete one person for good."),
    "licenses": ("licenses:licenses", "List licenses."),
    "license": ("license:license", "Record licenses: add, resize, edit, remove."),
    "seats": ("seats:seats", "Give seats, take them away, find idle ones."),
    "departments": ("departments:departments", "List, add, rename, merge and remove departments."),
    "groups": ("groups:groups", "List, add, edit, rename, merge and remove learning groups."),
    "company": ("company:company", "Show and change the company's record."),
    "undo": ("undo:undo", "Take back a bulk change."),
    "log": ("log:log", "List what was changed by whom."),
    "tasks": ("tasks:tasks", "List and run what is done by itself."),
    "doctor": ("doctor:doctor", "Check this host, one line for each thing."),
    "backup": ("backup:backup", "Copy the whole database into one file."),
    "restore": ("backup:restore", "Fill an empty database from a backup."),
    "db": ("db:db", "Look after the database."),
}


class Academy(click.Group):
    """Imports a command when it is asked for, and ends every one of them the same way."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a command, or None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(f"tui.cli.{module}"), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands; importing them all would take a third of the time of the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def main(  # type: ignore[override]  # click has overloads for standalone_mode, which decide nothing here
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,  # noqa: ARG002 - it has one name, however it was started
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - as above
        **extra: Any,
    ) -> int:
        """Run a command.

        Returns:
            Its exit code, where `standalone_mode` is off; otherwise the process ends with it.
        """
        arguments = list(sys.argv[1:] if args is None else args)

        def run() -> Any:
            return super(Academy, self).main(arguments, NAME, complete_var, standalone_mode=False, **extra)

        code = ended(run, as_json="--json" in arguments)
        if standalone_mode:
            sys.exit(code)
        return code


@click.group(
    cls=Academy,
    invoke_without_command=True,
    epilog="Exit codes: 0 done, 1 refused, 2 usage, 3 partly done, 75 try again. Settings: see the README.",
)
@click.version_option(package_name="academy-admin", prog_name=NAME)
@click.pass_context
def main(context: click.Context) -> int | None:
    """Manage one company's people, invitations and license seats.

    Without a command the full-screen console opens. Every command acts as the operator of this host.
    """
    if context.invoked_subcommand is not None:
        return None
    from tui.cli.console import open_console

    return open_console()


if __name__ == "__main__":
    main()
