"""What can be done on every list because it is about the console: going elsewhere, commands by name, help, colors, leaving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from tui import keys, themes
from tui.screens.picker import Choice, Picker
from tui.screens.questions import Question

if TYPE_CHECKING:
    from tui.screens.actions import ActingList
    from tui.screens.why_actions import WhyActions

COMMAND = "command"


class ConsoleActions:
    """The commands about the console, for every list."""

    # --- lists ----------------------------------------------------------------------------------------------------

    def do_users(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the list of people."""
        self.console.show_list(keys.USERS, argument or None)

    def do_as_of(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Show over the list of people who was active on a past day, which is asked for where it was not typed."""
        if not argument:
            self.do_command("as-of ")
            self.say("Which day? Such as 2026-03-31; a filter may follow.")
            return
        from tui.screens.past_list import open_past  # noqa: PLC0415 - opened by hand, seldom in the first second

        self.console.show_list(keys.USERS)
        open_past(cast("WhyActions[Any]", self.console.desk.front), argument)

    def do_invitations(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the list of invitations."""
        self.console.show_list(keys.INVITATIONS, argument or None)

    def do_licenses(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the licenses."""
        self.console.show_list(keys.LICENSES, argument or None)

    def do_departments(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the departments."""
        self.console.show_list(keys.DEPARTMENTS, argument or None)

    def do_groups(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the learning groups."""
        self.console.show_list(keys.GROUPS, argument or None)

    def do_roles(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Go to the ladder of roles."""
        self.console.show_list(keys.ROLES)

    def do_audit(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the audit trail."""
        self.console.show_list(keys.AUDIT, argument or None)

    def do_mail(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Go to the mails."""
        self.console.show_list(keys.MAIL, argument or None)

    def do_company(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Go to the company's record."""
        self.console.show_list(keys.COMPANY)

    def do_previous_list(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Go back to the list before."""
        self.console.show_previous_list()

    # --- commands by name -----------------------------------------------------------------------------------------

    def do_command(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Type a command."""
        self._ask_for(COMMAND, ":", argument, COMMAND)

    def do_help(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Show and run every command."""
        from tui.screens.help import open_help  # noqa: PLC0415 - opened by hand, seldom in the first second

        open_help(self)

    def do_palette(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Find a command by any of its words."""
        from tui.screens.help import open_palette  # noqa: PLC0415 - as in `do_help`

        open_palette(self)

    # --- the console ----------------------------------------------------------------------------------------------

    def do_jobs(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Show what runs, and the bulk changes that were made."""
        from tui.screens.job_list import JobScreen  # noqa: PLC0415 - as in `do_help`

        self.console.push_screen(JobScreen())

    def do_warnings(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Show everything the company is warned of."""
        from tui.screens.warnings_panel import open_warnings  # noqa: PLC0415 - as in `do_help`

        open_warnings(self)

    def do_messages(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Show what the console has said so far."""
        from tui.screens.facts import FactsScreen  # noqa: PLC0415 - as in `do_help`

        said = [(f"{moment:%H:%M:%S}", sentence) for moment, sentence in self.console.messages.all]
        facts = said or [("", "Nothing was said yet.")]
        self.console.push_screen(FactsScreen("What the console has said, newest first (UTC)", facts))

    def do_theme(self: ActingList[Any], argument: str) -> None:  # type: ignore[misc]
        """Choose the colors."""
        console, name = self.console, argument.lower()

        def use(taken: tuple[str, ...] | None) -> None:
            if taken and not console.choose_theme(taken[0]):
                self.say(
                    f"This terminal shows {console.theme} instead: it has too few colors, or NO_COLOR is set."
                )

        if not name:
            choices = [Choice(each, each, what) for each, what in themes.WHAT.items()]
            console.push_screen(Picker("Theme", choices, taken=(console.theme,)), use)
        elif name in themes.WHAT:
            use((name,))
        else:
            self.say(f"There is no theme {argument}. There is: {', '.join(themes.WHAT)}.")

    def do_password(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Change one's own password."""
        from tui.screens.password import PasswordScreen  # noqa: PLC0415 - as in `do_help`

        self.console.push_screen(PasswordScreen())

    def do_sign_out(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Sign out; asks while something runs."""
        self._leave_by(self.console.sign_out)

    def do_quit(self: ActingList[Any], _argument: str) -> None:  # type: ignore[misc]
        """Leave the console; asks while something runs."""
        self._leave_by(partial(self.console.exit, 0))

    def _leave_by(self: ActingList[Any], leave: Any) -> None:  # type: ignore[misc]
        runs = self.console.jobs.runs
        if not runs:
            leave()
            return

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                for run in runs:
                    run.stop()
                leave()

        what = " and ".join(run.title for run in runs)
        question = Question(
            f"{what} is still running. Stop it and leave?",
            "Stopped, it leaves nothing behind: all or nothing.",
        )
        self.console.push_screen(question, answered)
