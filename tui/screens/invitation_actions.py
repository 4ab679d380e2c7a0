"""What an admin can do with invitations: withdraw, renew, show the link.

Marked rows are the target, hidden ones too, or else the row under the cursor; the question always says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from core.facts import InvitationFacts
from core.filters import Filter
from core.models.invitations import OPEN
from core.reading.invitations import InvitationRow
from core.rules import BELOW_OWN, COPY_LINK, WITHDRAW, refusal_of
from core.services import inviting
from core.tally import Tally
from core.values import Secret
from core.work import Look, Work
from tui import keys
from tui.screens.actions_menu import open_menu
from tui.screens.front import is_in_front
from tui.screens.import_undo import Told, read_told
from tui.screens.plan_screen import MOST_BY_ONE_KEY
from tui.screens.questions import Question
from tui.screens.why_actions import WhyActions

if TYPE_CHECKING:
    from tui.screens.why_screen import Question as Why

_RULES = {"withdraw": WITHDRAW, "renew": BELOW_OWN, "copy_link": COPY_LINK}
_ACTIONS = ("open", *_RULES, "why", "history", "copy", "copy_rows", "invite", "import")


class InvitationList(WhyActions[InvitationRow]):
    """The list of invitations."""

    def question_about(self, row_id: int) -> Why:
        """Return the question why an invitation is as it is."""
        from tui.screens.why_screen import about_invitation  # noqa: PLC0415 - opened by hand

        return about_invitation(row_id)

    def do_history(self, _argument: str) -> None:
        """Show the audit trail of the address under the cursor."""
        row = self.row
        if row is None:
            self._say_there_is_none("show the history of")
        else:
            self.console.show_list(keys.AUDIT, f'"{row.address}"')

    _countdown: Timer | None = None

    def read(self) -> None:
        """Read the list anew, and what has become of the bulk invitation it is narrowed down to."""
        super().read()
        self._ask_what_became()

    def hear_of_change(self) -> None:
        """Follow what becomes of the bulk invitation too, such as its mails."""
        super().hear_of_change()
        if is_in_front(self):
            self._ask_what_became()

    def _ask_what_became(self) -> None:
        if self._countdown is not None:
            self._countdown.stop()
        names = self.filter.of("batch")
        if len(names) == 1 and not names[0].negated:
            job = partial(read_told, names[0].value.lower())
            self.jobs.ask(job, partial(self._tell_told, self.filter), lambda _none: None, latest="batch")

    def _tell_told(self, chosen: Filter, told: Told) -> None:
        """Say what has become of it; the seconds until its mails leave are counted down."""
        self._tell_about(chosen, told.text)
        if told.leaves_in and chosen == self.filter:
            self._countdown = self.set_timer(1.0, partial(self._tell_told, chosen, told.a_second_later()))

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

    def do_actions(self, _argument: str) -> None:
        """Show everything that can be done with the marked invitations, with the reason where one alone cannot."""
        targets = self.grid.target_ids
        if not targets:
            self._say_there_is_none("act on")
            return
        row = None if self.grid.marks.count else self.row
        words = self.grid.target_words if row is None else f"the invitation of {row.address}"
        open_menu(self, words, _ACTIONS, None if row is None else partial(_refusals, row))

    def _ask(self, verb: str, done: str, act: Callable[[Work, Sequence[int]], Tally]) -> None:
        targets = list(self.targets)
        if not targets:
            self._say_there_is_none(verb.lower())
            return
        row = self.row
        alone = (
            row is not None
            and targets == [row.id]
            and (self.aimed_at is not None or not self.grid.marks.count)
        )
        what = row.address if row is not None and alone else ""
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

    def _tell(self, done: str, targets: Sequence[int], tally: Tally) -> None:
        self.grid.forget_marks(targets)
        reasons = "".join(f"  {verdict.message}" for verdict in tally.verdicts[:1])
        more = f"  {len(tally.verdicts):,} not." if len(tally.verdicts) > 1 else ""
        self.say(f"{tally.done:,} {done}.{more}{reasons}")
        self.do_refresh("")


def _refusals(row: InvitationRow, look: Look) -> dict[str, str]:
    """Return command -> why core refuses it for one invitation."""
    state = OPEN if row.state == "expired" else row.state  # told by the time of looking
    facts = InvitationFacts(row.address, row.role, state, row.expires, look.now)
    asked = {name: refusal_of(rules, look.actor, facts) for name, rules in _RULES.items()}
    return {name: refusal.message for name, refusal in asked.items() if refusal is not None}


def _act(act: Callable[[Work, Sequence[int]], Tally], targets: Sequence[int], work: Work) -> Tally:
    return act(work, targets)
