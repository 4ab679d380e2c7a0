"""What an admin can do with the line that mails wait in: pause, resume, slow down."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from core.services import mail_line

if TYPE_CHECKING:
    from tui.screens.listing import ListScreen


class MailActions:
    """The commands about the line, for every list."""

    def do_mail_pause(self: ListScreen[Any], argument: str) -> None:  # type: ignore[misc]
        """Let no mail leave until somebody resumes."""
        job = partial(mail_line.pause, reason=argument)
        self.jobs.change(job, lambda _: self.say("Mail is paused. :mail-resume lets it go on."), self.fail)

    def do_mail_resume(self: ListScreen[Any], _argument: str) -> None:  # type: ignore[misc]
        """Let mails leave again."""
        self.jobs.change(mail_line.resume, lambda _: self.say("Mails leave again."), self.fail)

    def do_mail_rate(self: ListScreen[Any], argument: str) -> None:  # type: ignore[misc]
        """Set how many mails may leave in a minute."""
        if argument != "none" and not (argument.isascii() and argument.isdigit()):
            self.say("Type how many mails may leave in a minute, such as :mail-rate 600, or :mail-rate none.")
            return
        rate = None if argument == "none" else int(argument)
        told = (
            "Mails leave as fast as the server takes them."
            if rate is None
            else f"{rate:,} mails a minute at most."
        )
        job = partial(mail_line.set_rate, per_minute=rate)
        self.jobs.change(job, lambda _: self.say(told), self.fail)
