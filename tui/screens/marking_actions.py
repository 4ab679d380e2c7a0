"""Marking many rows at once: by a filter, by what a cell says; going from mark to mark, and seeing only those.

A filter is read by core and comes back as a set with a bit for each row, made off the widgets' thread, so marking a
million rows is one operation on a number here. Marks stay through filters, and whoever is hidden is counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual.binding import BindingType

from core.errors import Invalid
from core.filters import Filter, Term
from core.reading.cell_words import narrowed
from core.work import Look
from tui.screens.front import is_in_front
from tui.screens.list_kind import ListKind
from tui.screens.listing import ListScreen
from tui.widgets.marks import bits_of, flags_of
from tui.widgets.rows import Absent

R = TypeVar("R")
MARK, UNMARK = "mark", "unmark"


class MarkingActions(ListScreen[R], Generic[R], inherit_bindings=True):
    """The commands about marks, for every list."""

    BINDINGS: ClassVar[list[BindingType]] = []
    asking = False
    """Whether a question is on its way, so that keys wait for it."""

    def __init__(self, kind: ListKind[R]) -> None:
        """Begin with every row in view."""
        super().__init__(kind)
        self.only_marked = False

    # --- commands -------------------------------------------------------------------------------------------------

    def do_mark_filter(self, argument: str) -> None:
        """Mark every row that a filter finds, shown or not."""
        self._mark_or_ask(MARK, argument)

    def do_unmark_filter(self, argument: str) -> None:
        """Unmark every row that a filter finds."""
        self._mark_or_ask(UNMARK, argument)

    def do_mark_same(self, _argument: str) -> None:
        """Mark the rows of this list that say the same in this column."""
        words = self.cell_words()
        if words is None:
            return
        chosen = narrowed(self.kind.everything, words)
        self._read_bits(
            chosen, lambda bits: self._mark(self.grid.marks.keep_shown(bits), Filter(words), MARK)
        )

    def do_show_marked(self, _argument: str) -> None:
        """Show only the marked rows, or all again."""
        if not self.only_marked and not self.grid.marks.count:
            self.say("No row is marked. Space marks one, | marks by a filter.")
            return
        self.only_marked = not self.only_marked
        if self.only_marked:
            self.show_vector(self.grid.marks.ids())
        else:
            self.read()

    def do_next_marked(self, _argument: str) -> None:
        """Go to the next marked row."""
        self._go_to_marked(1, "further down")

    def do_previous_marked(self, _argument: str) -> None:
        """Go to the marked row before."""
        self._go_to_marked(-1, "further up")

    # --- for the commands, and for others that mark ---------------------------------------------------------------

    def cell_words(self) -> tuple[Term, ...] | None:
        """Return the filter words of the cell under the cursor; None, said on the status line, where it has none."""
        row = self.grid.cursor_row
        if isinstance(row, Absent):
            self.say("There is no row here yet.")
            return None
        words = self.kind.words(row, self.grid.column_key) if self.kind.words else ()
        if not words:
            self.say("No filter word stands for this cell. Type a filter: / narrows down, | marks.")
            return None
        return words

    def mark_found(self, chosen: Filter, then: Callable[[int], None] | None = None) -> None:
        """Mark what a filter finds.

        Args:
            chosen: the filter.
            then: hears how many rows it found.
        """

        def mark(bits: int) -> None:
            self._mark(bits, chosen, MARK)
            if then is not None:
                then(bits.bit_count())

        self._read_bits(chosen, mark)

    def answer(self, kind: str, text: str) -> None:
        """Take the filter to mark or unmark by."""
        if kind in {MARK, UNMARK}:
            self._mark_by(kind, text)
        else:
            super().answer(kind, text)

    def action_step_back(self) -> None:
        """One step back: a range first, then from only the marked rows to all."""
        if self.only_marked and not self.grid.range_open:
            self.do_show_marked("")
        else:
            super().action_step_back()

    def source(self) -> Callable[[Look], Iterator[Sequence[int]]]:
        """Return what reads the ids of the list: of the filter, or of the marked rows wherever they are."""
        if not self.only_marked:
            return super().source()
        flags, sort = flags_of(self.grid.marks.bits), self.sort
        return lambda look: _kept(self.kind.ids(look, self.kind.everything, sort), flags)

    @property
    def narrowing(self) -> str:
        """What the list is narrowed down to, in words."""
        return "only marked rows, & shows all" if self.only_marked else super().narrowing

    def hear_of_change(self) -> None:
        """Somebody changed something; which rows are marked is up to this admin alone."""
        if self.only_marked and is_in_front(self):
            self.grid.reread()
        else:
            super().hear_of_change()

    def _choose(self, chosen: Filter) -> None:
        """A filter that is typed is about all rows again."""
        was_narrow, self.only_marked = self.only_marked, False
        if was_narrow and chosen == self.filter:
            self.read()
        super()._choose(chosen)

    def _go_to_marked(self, step: int, where: str) -> None:
        if self.grid.go_to_marked(step):
            return
        marks = self.grid.marks
        if marks.count and marks.count == marks.hidden:
            self.say("Every marked row is hidden by the filter; & shows them.")
        else:
            self.say(f"No row is marked {where}." if marks.count else "No row is marked.")

    def _mark_or_ask(self, kind: str, text: str) -> None:
        if text:
            self._mark_by(kind, text)
        else:
            self.ask_for_filter(kind, f"{kind} ")

    def _mark_by(self, kind: str, text: str) -> None:
        try:
            chosen = self.kind.parse(text)
        except Invalid as problem:
            self.say(problem.message)
            return
        if not chosen.terms:
            self.say(f"Type a filter to {kind} by, such as a name, or * to mark all.")
            return
        self._read_bits(chosen, partial(self._mark, chosen=chosen, kind=kind))

    def _read_bits(self, chosen: Filter, done: Callable[[int], None]) -> None:
        """Read what a filter finds as a set of bits."""
        ids, sort = self.kind.ids, self.kind.sort

        def gather(look: Look) -> int:
            found = array("q")
            for part in ids(look, chosen, sort):
                found.extend(part)
            return bits_of(found)

        self.jobs.ask(gather, done, self.fail)

    def _mark(self, bits: int, chosen: Filter, kind: str) -> None:
        changed = self.grid.mark_bits(bits, unmark=kind == UNMARK)
        self.say(f"{chosen} finds {bits.bit_count():,}: {changed:,} {kind}ed.")


def _kept(parts: Iterator[Sequence[int]], flags: bytes) -> Iterator[Sequence[int]]:
    """Yield the ids whose flag is set."""
    most = len(flags)
    for part in parts:
        yield [row_id for row_id in part if row_id < most and flags[row_id]]
