"""What an admin can do with invitations: withdraw, renew, show the link.

Marked rows are the target, hidden ones too, or else the row under the cursor; the question always says how many.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.reading.invitations import InvitationRow
from core.services import inviting
from core.tally import Tally
from core.values import Secret
from core.work import Work
from tui.screens.actions import ActingList
from tui.screens.questions import Question

MOST_BY_ONE_KEY = 25  # above this the number has to be typed


class InvitationList(ActingList[InvitationRow]):
    """The list of invitations."""

    def do_withdraw(self, _argument: str) -> None:
        """Ask, then take the invitations back."""
        self._ask("Withdraw", "withdrawn", inviting.withdraw)

    def do_renew(self, _argument: str) -> None:
        """Ask, then replace the invitations by new ones."""
        self._ask("Renew", "renewed", inviting.renew)

    def do_copy_link(self, _argument: str) -> None:
        """Copy the link of the row, and show it."""
        row = self.row
        if row is None:
            self._say_there_is_none("show the link of")
            return

        def show(link: Secret) -> None:
            from tui.screens.link import LinkScreen  # noqa: PLC0415 - opened by hand

            self.console.copy_to_clipboard(link.reveal())
            self.console.push_screen(LinkScreen(row.address, link))

        self.console.jobs.change(partial(inviting.copy_link, invitation_id=row.id), show, self.fail)

    def _ask(self, verb: str, done: str, act: Callable[[Work, list[int]], Tally]) -> None:
        targets = self.grid.target_ids
        if not targets:
            self._say_there_is_none(verb.lower())
            return
        row = self.row
        what = row.address if len(targets) == 1 and row is not None and not self.grid.marks.count else ""
        hidden = self.grid.marks.hidden
        count = f"{len(targets):,} marked {'invitation' if len(targets) == 1 else 'invitations'}"
        aside = f" ({hidden:,} of them hidden by the filter)" if hidden else ""
        sentence = f"{verb} the invitation of {what}?" if what else f"{verb} {count}{aside}?"
        typed = str(len(targets)) if len(targets) > MOST_BY_ONE_KEY else ""

        def confirmed(yes: bool | None) -> None:  # noqa: FBT001 - the form Textual calls it in
            if yes:
                self.say(f"{verb} …")
                self.console.jobs.change(
                    partial(_act, act, targets), partial(self._tell, done, targets), self.fail
                )

        self.console.push_screen(Question(sentence, "The old links die at once.", typed=typed), confirmed)

    def _say_there_is_none(self, verb: str) -> None:
        if self.grid.cursor_id is None:
            self.say(f"There is no invitation to {verb}. Press i to invite somebody.")
        else:
            self.say("This row is still being read. Press the key again in a moment.")

    def _tell(self, done: str, targets: list[int], tally: Tally) -> None:
        self.grid.forget_marks(targets)
        reasons = "".join(f"  {verdict.message}" for verdict in tally.verdicts[:1])
        more = f"  {len(tally.verdicts):,} not." if len(tally.verdicts) > 1 else ""
        self.say(f"{tally.done:,} {done}.{more}{reasons}")
        self.do_refresh("")


def _act(act: Callable[[Work, list[int]], Tally], targets: list[int], work: Work) -> Tally:
    return act(work, targets)
