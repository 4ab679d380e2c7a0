"""The form to invite people (R3-R7): addresses, role, department, groups, days of the link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from core.errors import Invalid, Problem
from core.reading import company
from core.reading.company import CompanyRow, Place, RoleChoice
from core.roles import Role
from core.services.inviting import MOST_DAYS, Line, Offer, invite, invite_many
from core.tally import Tally
from core.work import Look, Work
from tui import keys
from tui.screens.facts import FactsScreen
from tui.screens.picker import Choice, Picker
from tui.text import content
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console

_BETWEEN = re.compile(r"[\s,;]+")
NONE = "none"


@dataclass(frozen=True)
class Options:
    """What the form offers, read when it opens."""

    company: CompanyRow
    roles: list[RoleChoice]
    departments: list[Place]
    groups: list[Place]


@dataclass(frozen=True)
class Outcome:
    """What came of it: a sentence, how many were invited, and who was not, with the reason."""

    sentence: str
    done: int
    refused: Sequence[tuple[str, str]]


class ChoiceField(Static, can_focus=True):
    """A line that shows what was chosen; Enter or Space opens the list to choose from."""

    def __init__(self, name: str, text: str = "") -> None:
        """Make a field whose id is `name`."""
        super().__init__(text, id=name, markup=False)


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
        self._options: Options | None = None
        self._addresses = addresses
        self._role = Role.LEARNER
        self._department: str | None = None
        self._groups: tuple[str, ...] = ()
        self._sending = False
        self._opening = ""

    def compose(self) -> ComposeResult:
        """Lay out the form."""
        with Vertical(classes="panel form"):
            yield Static("Invite people", classes="panel-title", markup=False)
            yield from _row("Email, one or several", Field("addresses", text=self._addresses))
            yield from _row("Role", ChoiceField("role"))
            yield from _row("Department", ChoiceField("department"))
            yield from _row("Learning groups", ChoiceField("groups"))
            yield from _row("Days the link works", Field("days"))
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
        cast("Console", self.app).jobs.ask(_options, self._offer, self._refused)

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
        elif self._options is None:
            self._opening = name or ""
        elif name in {"role", "department", "groups"}:
            getattr(self, f"_choose_{name}")(self._options)

    def _choose_role(self, options: Options) -> None:
        """Show the ladder; what is out of reach says why and who could give it (R55)."""
        choices = [
            Choice(
                each.role.slug,
                each.role.label,
                each.role.summary,
                each.refusal.message if each.refusal else "",
            )
            for each in options.roles
        ]

        def chosen(taken: tuple[str, ...] | None) -> None:
            role = Role.from_slug(taken[0]) if taken else None
            if role is not None:
                self._role = role
                self._draw()

        self.app.push_screen(Picker("Role", choices, taken=(self._role.slug,)), chosen)

    def _choose_department(self, options: Options) -> None:
        """Show the departments."""
        choices = [
            Choice(NONE, NONE),
            *(Choice(str(each.id), each.name) for each in options.departments),
        ]

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken:
                self._department = None if taken[0] == NONE else taken[0]
                self._draw()

        self.app.push_screen(Picker("Department", choices, taken=(self._department or NONE,)), chosen)

    def _choose_groups(self, options: Options) -> None:
        """Show the learning groups; any number can be ticked."""
        choices = [Choice(str(each.id), each.name) for each in options.groups]

        def chosen(taken: tuple[str, ...] | None) -> None:
            if taken is not None:
                self._groups = taken
                self._draw()

        self.app.push_screen(Picker("Learning groups", choices, several=True, taken=self._groups), chosen)

    def send(self) -> None:
        """Hand the form to core, once at a time."""
        addresses = [each for each in _BETWEEN.split(self.query_one("#addresses", Input).value) if each]
        if not addresses:
            self._say("Enter an email address.")
            self.query_one("#addresses", Input).focus()
            return
        days = self.query_one("#days", Input).value.strip()
        if not (days.isascii() and days.isdigit()):
            self._say(f"Enter the days as a number from 1 to {MOST_DAYS}.")
            self.query_one("#days", Input).focus()
            return
        if self._sending:
            return
        self._sending = True
        department = int(self._department) if self._department else None
        offer = Offer(self._role, department, tuple(int(each) for each in self._groups), int(days))
        self._say("Inviting …")
        if len(addresses) == 1:
            job = partial(_invite_one, address=addresses[0], offer=offer)
        else:
            job = partial(_invite_several, addresses=addresses, offer=offer)
        cast("Console", self.app).jobs.change(job, partial(self._done, addresses), self._refused)

    def _done(self, addresses: list[str], tally: Tally) -> None:
        console = cast("Console", self.app)
        reasons = tuple((verdict.address, verdict.message) for verdict in tally.verdicts)
        if not tally.done:
            self._sending = False
            self._say("Nobody was invited. " + " ".join(dict.fromkeys(reason for _, reason in reasons)))
            return
        note = "" if console.mail_is_real else f" {console.mail_description}"
        what = addresses[0] if len(addresses) == 1 else f"{tally.done:,} of {len(addresses):,} addresses"
        self.dismiss(Outcome(f"Invited {what} as {self._role.label}.{note}", tally.done, reasons))

    def _refused(self, problem: Problem) -> None:
        self._sending = False
        self._say(problem.message)
        if isinstance(problem, Invalid):
            self.set_focus(self.query_one("#days" if "days" in problem.fields else "#addresses"))

    def _offer(self, options: Options) -> None:
        self._options = options
        days = self.query_one("#days", Input)
        days.value = days.value or str(options.company.link_days)
        left = options.company.places_left
        self._say("" if left is None else f"{left:,} of {options.company.user_cap:,} places are left.")
        self._draw()
        if self._opening and self.focused and self.focused.id == self._opening:
            self.action_choose()

    def _draw(self) -> None:
        if self._options is None:
            return
        departments = {str(each.id): each.name for each in self._options.departments}
        groups = {str(each.id): each.name for each in self._options.groups}
        shown_department = departments.get(self._department or "", NONE)
        shown_groups = ", ".join(groups[each] for each in self._groups) or NONE
        for name, value in (
            ("role", self._role.label),
            ("department", shown_department),
            ("groups", shown_groups),
        ):
            self.query_one(f"#{name}", ChoiceField).update(content(value))

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


def _options(look: Look) -> Options:
    return Options(
        company.company(look), company.roles(look), company.departments(look), company.groups(look)
    )


def _invite_one(work: Work, *, address: str, offer: Offer) -> Tally:
    invite(work, address, offer)
    return Tally(1)


def _invite_several(work: Work, *, addresses: list[str], offer: Offer) -> Tally:
    lines = [Line(number, text) for number, text in enumerate(addresses, 1)]
    return invite_many(work, lines, offer, renew=True)


def _row(label: str, field: Widget) -> Iterator[Widget]:
    with Horizontal(classes="row"):
        yield Static(label, classes="label", markup=False)
        yield field
