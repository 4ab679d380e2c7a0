"""The frame of a list: title, grid, status, and the line that is hints or prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from core.filters import Filter
from core.reading import company
from tui import keys
from tui.owned_jobs import OwnedJobs, is_there
from tui.screens.list_kind import ListKind
from tui.screens.tabs import tabs
from tui.text import crop, shown, width
from tui.widgets.grid import Grid
from tui.widgets.prompt import Line, Prompt

if TYPE_CHECKING:
    from tui.app import Console

R = TypeVar("R")
HOW_TO_LEAVE = "Press Q to leave the console, O to sign out."
_LEAST_NAME = 4  # cells; less of a company's name says nothing
_NARROWING_MOST = 24  # cells of the filter that stay in sight beside a message
_AROUND_NAME = 4  # blanks between tabs, company and what stands at the right
_TALL = 30  # lines from which one may be spent on what the company is warned of


class ListLines(Screen[None], Generic[R], inherit_bindings=False):
    """A full-screen list as it looks."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, kind: ListKind[R]) -> None:
        """Lay out an empty list."""
        super().__init__(name=kind.name)
        self.kind = kind
        self.filter = Filter()
        self.about = self.news = ""
        self._message = self._hint = self._room = ""

    def compose(self) -> ComposeResult:
        """Lay out title, grid, status, and the line that is hints or prompt."""
        yield Line(id="title")
        yield Line(id="warning")
        yield Grid[Any](columns=self.kind.columns, empty="Reading …", id="grid")
        yield Line(id="status", most=6)
        yield Line(id="hints")
        yield Prompt(id="prompt")

    @property
    def console(self) -> Console:
        """The application."""
        return cast("Console", self.app)

    @property
    def jobs(self) -> OwnedJobs:
        """Questions and changes whose answers concern this screen alone."""
        return OwnedJobs(self.console.jobs, self)

    @property
    def grid(self) -> Grid[Any]:
        """The grid."""
        return self.query_one(Grid)

    @property
    def prompt(self) -> Prompt:
        """The prompt on the last line."""
        return self.query_one(Prompt)

    def on_resize(self) -> None:
        """Fit title and hints to the new width."""
        self._show_title()
        self._show_hints()
        self.show_warning()

    def say(self, sentence: str) -> None:
        """Show a message until the next one; the console remembers it."""
        self._message = sentence
        if sentence != HOW_TO_LEAVE:
            self.console.messages.add(sentence)
        self._show_status()

    def run_moved(self) -> None:
        """A long change has come further, or has ended."""
        self._show_status()

    @on(Grid.PositionChanged)
    @on(Grid.MarksChanged)
    def _show_status(self) -> None:
        if not is_there(self):
            return
        grid = self.grid
        runs = self.console.jobs.runs
        said = runs[0].text if runs else self._hint or self._message
        narrowing = crop(self.narrowing, _NARROWING_MOST) if said and not self.prompt.is_open else ""
        ranging = "range" if grid.range_open else ""
        parts = (narrowing, self.news, ranging, grid.target_words, grid.position)
        right = "  ".join(part for part in parts if part)
        text = said or self.about or self.narrowing or self._warning_beside(right)
        self.query_one("#status", Line).show(text, right)

    def show_warning(self) -> None:
        """Show what the company is warned of under the title; where the window is low, in the status while it is free."""
        if not is_there(self):
            return
        line, warned = self.query_one("#warning", Line), self.console.warned
        line.display = bool(warned) and self.size.height >= _TALL
        line.show(warned.words(self.size.width - 2))
        self._show_status()

    def _warning_beside(self, right: str) -> str:
        """Return the warning as far as it fits on one line beside `right`; nothing where it stands elsewhere."""
        if self.size.height >= _TALL:
            return ""
        return self.console.warned.words(self.size.width - 2 - width(shown(right)) - 2)

    @property
    def narrowing(self) -> str:
        """What the list is narrowed down to, in words."""
        return f"/{self.filter}" if self.filter.terms else ""

    def _show_title(self) -> None:
        signed_in = self.console.signed_in
        if signed_in is None or not self.is_mounted:
            return
        whole = "  ".join(part for part in (self._room, signed_in.name) if part)
        room = self.size.width - 2
        left, right = next(
            (
                (found, shown(right))
                for right in (whole, self._room)
                if (found := tabs(self.kind.name, room - width(shown(right)) - 2, named=True))
            ),
            (tabs(self.kind.name, room), shown(whole)),
        )
        name = crop(shown(signed_in.company), max(0, room - width(left) - width(right) - _AROUND_NAME))
        self.query_one("#title", Line).show(
            f"{left}  {name}".rstrip() if width(name) >= _LEAST_NAME else left, right
        )

    def _show_room(self, row: company.CompanyRow) -> None:
        left = row.places_left
        room = "" if left is None else f"{left:,} places left"
        self._room = f"MAIL PAUSED  {room}".rstrip() if row.mail_paused else room
        self._show_title()

    def _show_hints(self) -> None:
        if self.is_mounted:
            self.query_one("#hints", Line).show(keys.hints(self.kind.name, self.size.width - 2))
