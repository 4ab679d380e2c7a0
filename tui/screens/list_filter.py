"""The filter of a list, typed on its last line; the list narrows down meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from textual import on
from textual.events import Event, Key
from textual.timer import Timer

from core.errors import Invalid, InvalidFilter, Problem
from core.filters import Filter
from core.reading.completion import last_word
from core.work import Look
from tui.screens.completing import ended_by, words_of
from tui.screens.console_actions import COMMAND
from tui.screens.list_kind import ListKind
from tui.screens.list_live import LiveList
from tui.widgets.prompt import Prompt

R = TypeVar("R")
TYPING_PAUSE = 0.15
FILTER = "filter"
_GOES_ON = (":", "<", ">")
MOST_COUNTED = 1000


class FilteredList(LiveList[R], Generic[R], inherit_bindings=False):
    """A list with a filter and a prompt."""

    def __init__(self, kind: ListKind[R]) -> None:
        """Begin with everything."""
        super().__init__(kind)
        self._pause: Timer | None = None
        self._filter_before = Filter()
        self._filter_kinds: set[str] = set()
        self._remembered = self._label = ""
        self._refused: str | None = None
        self._given: Prompt.Given | None = None
        self._offers: Sequence[str] = ()
        self._offering = False

    def set_filter(self, text: str) -> None:
        """Narrow the list down, or say what is wrong with the text."""
        try:
            chosen = self.kind.parse(text)
        except Invalid as problem:
            self.say(problem.message)
            return
        self._message = ""
        self._choose(chosen)

    def open_filter(self) -> None:
        """Type a filter; the list narrows down while typing."""
        self._filter_before = self.filter
        text = str(self.filter)
        self.ask_for_filter(FILTER, "/", f"{text} " if text else "")

    def ask_for_filter(self, kind: str, label: str, text: str = "") -> None:
        """Ask for a filter in the prompt, with what may be typed next and how many rows it finds.

        Args:
            kind: comes back with the answer.
            label: stands before the field.
            text: to begin with.
        """
        self._filter_kinds.add(kind)
        self._ask_for(kind, label, text, f"{FILTER} {self.kind.name}")

    def _ask_for(self, kind: str, label: str, text: str, remembered: str) -> None:
        """Open the prompt, with what was typed into such a one before."""
        self._remembered, self._label, self._refused = remembered, label, None
        self._hint = ""
        self.prompt.ask(kind, label, text, before=self.console.typed_before.get(remembered, ()))
        self._offer(kind, text)

    @on(Prompt.Typed)
    def help_while_typing(self, message: Prompt.Typed) -> None:
        """Offer what may come next at once; after a pause in typing, narrow down and count."""
        self._stop_pause()
        self._refused = None
        self._offer(message.kind, message.text)
        if message.kind in self._filter_kinds:
            self._pause = self.set_timer(TYPING_PAUSE, partial(self._try, message.kind, message.text))

    @on(Prompt.Given)
    def take_answer(self, message: Prompt.Given) -> None:
        """Take what was typed."""
        self._stop_pause()
        self._hint = ""
        self.console.remember_typed(self._remembered, message.text)
        problem = self._wrong(message)
        if problem is not None:
            self.console.messages.add(problem.message)
            self._ask_again(message, problem)
            return
        self.set_focus(self.grid)  # at once: the answer may open the next prompt
        self._given = message
        if message.kind == FILTER:
            self.set_filter(message.text)
        else:
            self.answer(message.kind, message.text)
        self.catch_up()

    def _wrong(self, given: Prompt.Given) -> Problem | None:
        """Return what is wrong with a filter that was typed, as far as that is known without asking core."""
        try:
            if given.kind in self._filter_kinds:
                self.kind.parse(given.text)
        except Invalid as problem:
            return problem
        return None

    def _ask_again(self, given: Prompt.Given, problem: Problem) -> None:
        """Leave what was typed to be mended, with what is wrong with it; Esc gives it up."""
        self._offers, self._refused = (), given.text
        before = self.console.typed_before.get(self._remembered, ())
        self.prompt.ask(given.kind, self._label, given.text, before=before)
        self._show_hint(problem.message)

    def _not_read(self, problem: Problem) -> None:
        """Say why; a filter that was just typed stays to be mended."""
        given, asked = self._given, self.filter
        super()._not_read(problem)
        if given is None or self.prompt.is_open or problem.code != InvalidFilter.code:
            return
        if given.kind == FILTER and self.kind.parse(given.text) == asked:
            self._ask_again(given, problem)

    @on(Prompt.Closed)
    def drop_answer(self, message: Prompt.Closed) -> None:
        """Go back to the list as it was."""
        self._stop_pause()
        self._hint = ""
        self.grid.focus()
        self.say("")
        if message.kind == FILTER:
            self._choose(self._filter_before)
        self.catch_up()

    def answer(self, kind: str, text: str) -> None:
        """Take an answer to a question of one's own; for the classes that ask some."""

    def note(self, remembered: MutableMapping[str, Any]) -> None:
        """Write down the order and the filter."""
        super().note(remembered)
        remembered["filter"] = str(self.filter)

    def _choose(self, chosen: Filter) -> None:
        changed, self.filter = chosen != self.filter, chosen
        if not self.is_mounted:
            return
        if changed:
            self.read()
        self._show_status()

    def _recall(self, remembered: Mapping[str, Any]) -> None:
        """Take up the filter of last time, unless one was given."""
        super()._recall(remembered)
        if self.filter.terms:
            return
        try:
            self.filter = self.kind.parse(str(remembered.get("filter", "")))
        except Invalid:
            self.filter = Filter()

    def fail(self, problem: Problem) -> None:
        """Say what core refused; while somebody types, it is about what they type and may be over with the next key."""
        if self.prompt.is_open:
            self._show_hint(problem.message)
        else:
            super().fail(problem)

    def _try(self, kind: str, text: str) -> None:
        """Say what is wrong with what is typed so far, or else narrow down and count."""
        try:
            chosen = self.kind.parse(text)
        except Invalid as problem:
            if not (self._offers and last_word(text)):  # a word that can be made whole is not wrong yet
                self._show_hint(problem.message)
            elif kind == FILTER:
                self._narrow_by_whole_words(text)
            return
        if self.kind.count is not None and chosen.terms:
            count = self.kind.count
            self.jobs.ask(
                lambda look: count(look, chosen, MOST_COUNTED),
                lambda number: self._tell_count(text, number),
                self._not_counted,
                latest=f"count {self.kind.name}",
            )
        if kind == FILTER:
            self._choose(chosen)

    def _narrow_by_whole_words(self, text: str) -> None:
        """Narrow down by what stands before the word that is being typed."""
        try:
            self._choose(self.kind.parse(text[: len(text) - len(last_word(text))]))
        except Invalid:
            return  # said when the last word is whole

    def _tell_count(self, text: str, number: int) -> None:
        if self.prompt.is_open and self.prompt.field.value == text:
            found = f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"
            offers = words_of(self._offers, self.size.width // 2)
            self._show_hint(f"{found} match  {offers}".rstrip())

    def _not_counted(self, problem: Problem) -> None:
        if not self._offers:
            self.fail(problem)

    def offers_for(self, kind: str, text: str) -> Callable[[Look], Sequence[str]] | None:
        """Return the question what may stand in place of `text`; None where nothing can be offered."""
        if kind not in self._filter_kinds:
            return None
        complete, words = self.kind.complete, self.kind.filter_words
        return lambda look: complete(look, text) if complete else ended_by(text, words)

    def _offer(self, kind: str, text: str) -> None:
        """Offer what may come next; what Tab has put stays one of those that were offered, so that Tab can go on."""
        if self.prompt.field.is_taking and not text.endswith(_GOES_ON):
            return
        offers = self.offers_for(kind, text)
        if offers is None:
            self._show_offers(text, ())
            return

        def none_offered(_problem: Problem) -> None:
            self._show_offers(text, ())

        self._offering = True
        self.jobs.ask(
            offers, partial(self._show_offers, text), none_offered, latest=f"offers {self.kind.name}"
        )

    def is_too_early(self, event: Event) -> bool:
        """Say whether a key would miss what is on its way: Tab what is offered, others rows."""
        if not self.prompt.is_open:
            return super().is_too_early(event)
        key = event.key if isinstance(event, Key) else ""
        runs_command = key == "enter" and self.prompt.kind == COMMAND
        return self.misses_rows(event) if runs_command else self._offering and key in {"tab", "shift+tab"}

    def _show_offers(self, text: str, texts: Sequence[str]) -> None:
        self._offering = False
        if not self.prompt.is_open or self.prompt.field.value != text:
            return
        self._offers = texts
        self.prompt.offer(text, texts)
        if text != self._refused:
            self._show_hint(words_of(texts, self.size.width // 2))

    def _show_hint(self, text: str) -> None:
        self._hint = text
        self._show_status()

    def _stop_pause(self) -> None:
        if self._pause is not None:
            self._pause.stop()
