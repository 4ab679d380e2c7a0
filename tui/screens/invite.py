"""The form to invite people (R3-R7): addresses, role, department, groups, days of the link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import Invalid, Problem
from core.roles import Role
from core.services.inviting import Line, Offer, invite, invite_many
from core.tally import Tally
from core.work import Work
from tui import keys
from tui.owned_jobs import OwnedJobs
from tui.screens.facts import FactsScreen
from tui.screens.offer_fields import (
    HOW_MANY_DAYS,
    ChoiceField,
    OfferFields,
    Options,
    labeled,
    read_options,
)
from tui.text import content
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console

_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Outcome:
    """What came of it: a sentence, how many were invited, and who was not, with the reason."""

    sentence: str
    done: int
    refused: Sequence[tuple[str, str]]


class InviteScreen(ModalScreen[Outcome], inherit_bindings=False):
    """Asks what an invitation needs; stays open, with everything typed, when core refuses."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", show=False, priority=True, id="invite.go_on"),
        Binding("space", "choose", show=False, id="invite.choose"),
        Binding("escape,ctrl+g", "dismiss", show=False, id="invite.close"),
        Binding("tab,down", "app.focus_next", show=False, priority=True, id="invite.next"),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True, id="invite.previous"),
    ]

    def __init__(self, addresses: str) -> None:
        """Open with what was typed already; what the form offers is read behind the first frame."""
        super().__init__()
        self._addresses = addresses
        self._sending = False

    def compose(self) -> ComposeResult:
        """Lay out the form."""
        with Vertical(classes="panel form"):
            yield Static("Invite people", classes="panel-title", markup=False)
            yield from labeled("Email, one or several", Field("addresses", text=self._addresses))
            yield OfferFields()
            yield ChoiceField("send", "[ Send ]")
            yield Static("", id="invite-message", markup=False)
            yield Static(
                "Tab next   Shift+Tab back   Enter choose or go on   Esc leave",
                classes="panel-keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Start with the addresses, and ask what there is to choose from."""
        self.set_focus(self.query_one("#addresses"))
        self._jobs.ask(read_options, self._offer, self._refused)

    @property
    def _jobs(self) -> OwnedJobs:
        return OwnedJobs(cast("Console", self.app).jobs, self)

    @property
    def holds_keys(self) -> bool:
        """Whether a list to choose from is on its way."""
        return any(fields.is_opening for fields in self.query(OfferFields))

    def action_go_on(self) -> None:
        """Go on to the next field, or open the choice, at once: keys that arrived together with Enter land there."""
        if isinstance(self.focused, ChoiceField):
            self.action_choose()
        else:
            self.focus_next()

    def action_choose(self) -> None:
        """Open the list of the choice that has the focus, as soon as it is known; or send."""
        name = self.focused.id if self.focused else None
        if name == "send":
            self.send()
        elif name:
            self.query_one(OfferFields).choose(name)

    def send(self) -> None:
        """Hand the form to core, once at a time."""
        addresses = [each for each in _BETWEEN.split(self.query_one("#addresses", Input).value) if each]
        if not addresses:
            self._say("Enter an email address.")
            self.query_one("#addresses", Input).focus()
            return
        wish = self.query_one(OfferFields).wish
        if wish is None:
            self._say(HOW_MANY_DAYS)
            self.query_one("#days", Input).focus()
            return
        if self._sending:
            return
        self._sending = True
        offer = wish.offer
        self._say("Inviting …")
        if len(addresses) == 1:
            job = partial(_invite_one, address=addresses[0], offer=offer)
        else:
            job = partial(_invite_several, addresses=addresses, offer=offer)
        self._jobs.change(job, partial(self._done, addresses, offer.role), self._refused)

    def _done(self, addresses: list[str], role: Role, tally: Tally) -> None:
        console = cast("Console", self.app)
        reasons = tuple((verdict.address, verdict.message) for verdict in tally.verdicts)
        if not tally.done:
            self._sending = False
            self._say("Nobody was invited. " + " ".join(dict.fromkeys(reason for _, reason in reasons)))
            return
        note = "" if console.mail_is_real else f" {console.mail_description}"
        what = addresses[0] if len(addresses) == 1 else f"{tally.done:,} of {len(addresses):,} addresses"
        self.dismiss(Outcome(f"Invited {what} as {role.label}.{note}", tally.done, reasons))

    def _refused(self, problem: Problem) -> None:
        self._sending = False
        self.query_one(OfferFields).stop_opening()
        self._say(problem.message)
        if isinstance(problem, Invalid):
            self.set_focus(self.query_one("#days" if "days" in problem.fields else "#addresses"))

    def _offer(self, options: Options) -> None:
        left = options.company.places_left
        self._say("" if left is None else f"{left:,} of {options.company.user_cap:,} places are left.")
        self.query_one(OfferFields).show_options(options)

    def _say(self, sentence: str) -> None:
        self.query_one("#invite-message", Static).update(content(sentence))


def open_form(console: Console, addresses: str) -> None:
    """Open the form; its outcome is said on the list of invitations."""

    def closed(outcome: Outcome | None) -> None:
        if outcome is None:
            return
        console.show_list(keys.INVITATIONS)
        console.say(outcome.sentence)
        if outcome.refused:
            title = f"{outcome.done:,} invited, {len(outcome.refused):,} not"
            console.push_screen(FactsScreen(title, outcome.refused))

    console.push_screen(InviteScreen(addresses), closed)


def _invite_one(work: Work, *, address: str, offer: Offer) -> Tally:
    invite(work, address, offer)
    return Tally(1)


def _invite_several(work: Work, *, addresses: list[str], offer: Offer) -> Tally:
    lines = [Line(number, text) for number, text in enumerate(addresses, 1)]
    return invite_many(work, lines, offer, renew=True)
