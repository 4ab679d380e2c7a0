"""The dialogs of an import: what everybody gets, the plan, and the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from core.errors import Problem
from core.importing import Reject
from core.tally import Tally
from tui.screens import import_jobs
from tui.screens.facts import Facts, FactsScreen, content_lines
from tui.screens.import_words import reasons_of
from tui.screens.offer_fields import (
    HOW_MANY_DAYS,
    ChoiceField,
    OfferFields,
    Options,
    Wish,
    read_options,
)
from tui.screens.plan_screen import MOST_BY_ONE_KEY
from tui.screens.questions import Question
from tui.text import content, fit, shown
from tui.widgets.field import Field

if TYPE_CHECKING:
    from tui.app import Console

_NUMBER = 9
_EXAMPLES = 200


class OfferScreen(ModalScreen[Wish], inherit_bindings=False):
    """Asks what everybody of an import gets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", show=False, priority=True, id="offer.go_on"),
        Binding("space", "choose", show=False, id="offer.choose"),
        Binding("escape,ctrl+g", "dismiss", show=False, id="offer.close"),
        Binding("tab,down", "app.focus_next", show=False, priority=True, id="offer.next"),
        Binding("shift+tab,up", "app.focus_previous", show=False, priority=True, id="offer.previous"),
    ]

    def __init__(self, wish: Wish, options: Options | None) -> None:
        """Open with what was chosen before, and what there is to choose from, where that is known already."""
        super().__init__()
        self._wish, self._options = wish, options

    def compose(self) -> ComposeResult:
        """Lay out the form."""
        with Vertical(classes="panel form"):
            yield Static("Everybody of this import gets", classes="panel-title", markup=False)
            yield OfferFields(self._wish, several_roles=True)
            yield ChoiceField("send", "[ Take ]")
            yield Static("", id="invite-message", markup=False)
            yield Static(
                "Tab next   Shift+Tab back   Enter choose or go on   Esc leave as it was",
                classes="panel-keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Start with the role."""
        self.set_focus(self.query_one("#role"))
        if self._options is not None:
            self._offer(self._options)
        else:
            cast("Console", self.app).jobs.ask(read_options, self._offer, self._refused)

    @property
    def holds_keys(self) -> bool:
        """Whether a list to choose from is on its way."""
        return any(fields.is_opening for fields in self.query(OfferFields))

    def action_go_on(self) -> None:
        """Go on to the next field, or open the choice."""
        if isinstance(self.focused, ChoiceField):
            self.action_choose()
        else:
            self.focus_next()

    def action_choose(self) -> None:
        """Open the list of the choice that has the focus; or take what is chosen."""
        name = self.focused.id if self.focused else None
        if name == "send":
            self._take()
        elif name:
            self.query_one(OfferFields).choose(name)

    def _take(self) -> None:
        wish = self.query_one(OfferFields).wish
        if wish is None:
            self._say(HOW_MANY_DAYS)
            self.query_one("#days").focus()
        else:
            self.dismiss(wish)

    def _offer(self, options: Options) -> None:
        self.query_one(OfferFields).show_options(options)

    def _refused(self, problem: Problem) -> None:
        self.query_one(OfferFields).stop_opening()
        self._say(problem.message)

    def _say(self, sentence: str) -> None:
        self.query_one("#invite-message", Static).update(content(sentence))


class PlanScreen(Question):
    """Shows what the import would do, and asks."""

    def __init__(self, tally: Tally, facts: Facts) -> None:
        """Ask about a plan.

        Args:
            tally: the plan.
            facts: what everybody gets, and what else there is to know.
        """
        people = "person" if tally.done == 1 else "people"
        super().__init__(
            f"Invite {tally.done:,} {people}?",
            typed=str(tally.done) if tally.done > MOST_BY_ONE_KEY else "",
        )
        self._tally, self._facts = tally, facts

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static(content(self._sentence), classes="panel-title", markup=False)
            yield Static(content_lines(self._lines()), markup=False)
            if self._typed:
                yield Field("typed", placeholder=f"type {self._typed} and Enter to go on, Esc to stop")
            else:
                yield Static("y yes   n no", classes="panel-keys", markup=False)

    def _lines(self) -> Sequence[str]:
        reasons = [f"{number:>{_NUMBER}}  {what}" for number, what in reasons_of(self._tally)]
        facts = [f"{fit(shown(label), 18)}{shown(value)}" for label, value in self._facts]
        return [f"{self._tally.done:>{_NUMBER},}  will be invited", *reasons, "", *facts]


class ResultScreen(FactsScreen):
    """Shows what became of an import; the lines with errors can be saved as a file, to be mended and imported."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "save", show=False, id="result.save"),
    ]

    def __init__(self, tally: Tally, refused: Sequence[Reject], to_mend: Sequence[Reject]) -> None:
        """Show an outcome.

        Args:
            tally: of the run.
            refused: every row that was not invited.
            to_mend: those of them with an error.
        """
        skipped, errors = sum(tally.skipped.values()), sum(tally.failed.values())
        super().__init__(
            f"{tally.done:,} created, {skipped:,} skipped, {errors:,} {'error' if errors == 1 else 'errors'}",
            _result_facts(tally, refused),
        )
        self._rejects = to_mend

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        save = "s save the lines with errors   " if self._rejects else ""
        with Vertical(classes="panel tall"):
            yield Static(content(self._title), classes="panel-title", markup=False)
            with VerticalScroll(id="facts", can_focus=False):
                yield Static("", id="facts-text", markup=False)
            yield Static("", id="invite-message", markup=False)
            yield Static(f"{save}↑↓ scroll   Esc go on", classes="panel-keys", markup=False)

    def action_save(self) -> None:
        """Save the lines with errors."""
        rejects = self._rejects
        if not rejects:
            return
        cast("Console", self.app).jobs.run(
            lambda core: import_jobs.save_rejects(core, rejects),
            lambda path: self._say(f"Saved as {path}. Mend it there, then import it."),
            lambda problem: self._say(problem.message),
        )

    def _say(self, sentence: str) -> None:
        if self.is_running:
            self.query_one("#invite-message", Static).update(content(sentence))


def _result_facts(tally: Tally, refused: Sequence[Reject]) -> Facts:
    facts = reasons_of(tally)
    if refused:
        facts.append(("", ""))
    for reject in refused[:_EXAMPLES]:
        reason = reject.reason if reject.text in reject.reason else f"{reject.text}: {reject.reason}"
        facts.append((f"line {reject.line:,}", reason))
    if len(refused) > _EXAMPLES:
        facts.append(("", f"and {len(refused) - _EXAMPLES:,} more."))
    return facts
