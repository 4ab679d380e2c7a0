"""How a list is looked at: by a cell's value, counted by a column, with which columns, and under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from textual.binding import BindingType

from core.errors import Invalid, Problem
from core.filters import Filter
from core.reading import preferences
from core.reading.cell_words import narrowed
from core.reading.facets import Facet
from core.reading.lists import Sort
from core.services.preferring import View, drop_view, save_view
from tui.screens.front import is_in_front
from tui.screens.marking_actions import MarkingActions
from tui.widgets.columns import ColumnLayout

R = TypeVar("R")
_SEVERAL = frozenset(("groups", "seats"))  # columns that hold several values a row


class ViewActions(MarkingActions[R], Generic[R], inherit_bindings=True):
    """The commands about what is shown, for every list."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def do_filter_cell(self, _argument: str) -> None:
        """Narrow the list down to the value of this cell."""
        words = self.cell_words()
        if words is not None:
            self._choose(narrowed(self.filter, words))

    def do_facets(self, argument: str) -> None:
        """Count by the column under the cursor, or by the one that is named, within the filter."""
        read = self.kind.facets
        key = argument.lower().replace("-", "_").replace(" ", "_") or self.grid.column_key
        if read is None:
            self.say("This list has no counts.")
            return
        chosen = self.filter
        title = next((column.title for column in self.kind.columns if column.key == key), argument)
        opened = partial(self._open_facets, title or key, chosen, several=key in _SEVERAL)
        self._ask_then(lambda look: read(look, chosen, key), opened)

    def do_columns(self, _argument: str) -> None:
        """Choose, order and size the columns."""
        from tui.screens.columns_panel import ColumnsPanel  # noqa: PLC0415 - opened by hand, seldom

        grid = self.grid

        def apply(layout: ColumnLayout) -> None:
            grid.column_layout = layout

        self.console.push_screen(
            ColumnsPanel(
                self.kind.columns,
                grid.column_layout,
                apply,
                drawn=lambda: grid.drawn_columns,
                cursor=grid.column_key,
            )
        )

    def do_widen(self, _argument: str) -> None:
        """Make this column wider."""
        self.grid.widen(1)

    def do_narrow(self, _argument: str) -> None:
        """Make this column narrower."""
        self.grid.widen(-1)

    def do_reset(self, _argument: str) -> None:
        """Drop the filter, and put order and columns back."""
        self.show_view(Filter(), self.kind.sort, ColumnLayout())

    def do_views(self, _argument: str) -> None:
        """Open a saved view."""
        name = self.kind.name
        self._ask_then(lambda look: preferences.views(look, name), self._open_views)

    def do_save_view(self, argument: str) -> None:
        """Save filter, order and columns under a name."""
        if not argument.strip():
            self.say("Type a name for the view: :view NAME. ; opens saved views.")
            return
        layout = self.grid.column_layout
        columns = () if layout == ColumnLayout() else (layout.to_json(),)
        view = View(str(self.filter), self.sort.column, self.sort.descending, columns)
        self.jobs.change(
            lambda work: save_view(work, self.kind.name, argument, view),
            lambda _id: self.say(f"Saved as {argument.strip()}. ; opens saved views."),
            self.fail,
        )

    def show_view(self, chosen: Filter, sort: Sort, layout: ColumnLayout) -> None:
        """Show the list with another filter, order and columns, read once."""
        self.only_marked = False
        self.filter, self.sort = chosen, sort
        self.grid.show_sort(sort.column, descending=sort.descending)
        self.grid.column_layout = layout
        self.read()
        self._show_status()

    def note(self, remembered: MutableMapping[str, Any]) -> None:
        """Write down the columns too."""
        super().note(remembered)
        remembered["columns"] = self.grid.column_layout.to_json()

    def _recall(self, remembered: Mapping[str, Any]) -> None:
        """Take up the columns of last time."""
        super()._recall(remembered)
        self.grid.column_layout = ColumnLayout.from_json(remembered.get("columns"))

    def _open_facets(self, title: str, chosen: Filter, groups: Sequence[Facet], *, several: bool) -> None:
        from tui.screens.facets_panel import FacetsPanel  # noqa: PLC0415 - opened by hand, seldom

        def within(word: str) -> Filter:
            return narrowed(chosen, self.kind.parse(word).terms)

        def mark(word: str, told: Callable[[int], None]) -> None:
            self.mark_found(within(word), told)

        def taken(word: str | None) -> None:
            if word:
                self._choose(within(word))

        total = len(self._ids) if several else None
        self.console.push_screen(FacetsPanel(title, groups, mark, total=total), taken)

    def _open_views(self, views: Sequence[preferences.ViewRow]) -> None:
        from tui.screens.views_panel import ViewsPanel  # noqa: PLC0415 - opened by hand, seldom

        if not views:
            self.say("No view is saved yet. :view NAME saves filter, order and columns.")
            return

        def drop(name: str, dropped: Callable[[], None]) -> None:
            job = partial(drop_view, of_list=self.kind.name, name=name)
            self.jobs.change(job, lambda _none: dropped(), self.fail)

        self.console.push_screen(ViewsPanel(views, drop), self._open_view)

    def _open_view(self, view: preferences.ViewRow | None) -> None:
        if view is None:
            return
        try:
            chosen = self.kind.parse(view.filter)
        except Invalid as problem:
            self.say(problem.message)
            return
        known = any(column.key == view.sort and column.sortable for column in self.kind.columns)
        sort = Sort(view.sort, view.descending) if known else self.kind.sort
        self.show_view(chosen, sort, ColumnLayout.from_json(view.columns[0] if view.columns else None))

    def _ask_then(self, question: Callable[[Any], Any], then: Callable[[Any], None]) -> None:
        """Ask core, and let keys wait for the panel that shows the answer."""
        self.asking = True

        def answered(answer: Any) -> None:
            self.asking = False
            if is_in_front(self):
                then(answer)

        def failed(problem: Problem) -> None:
            self.asking = False
            self.fail(problem)

        self.jobs.ask(question, answered, failed)
