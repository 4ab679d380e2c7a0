"""A Textual app with one grid over people made on demand, for tests of the grid."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip

from tests.tui.screen_text import press_keys, screen_lines
from tui.widgets.columns import Cell, Column
from tui.widgets.grid import Grid

GENERATIONS = count(1)


@dataclass(frozen=True)
class Person:
    """A row."""

    id: int
    name: str
    mail: str
    role: str = "Learner"
    status: str = "active"


def person(row_id: int) -> Person:
    """Return an ordinary person."""
    return Person(row_id, f"Person {row_id}", f"p{row_id}@example.com")


COLUMNS: tuple[Column[Person], ...] = (
    Column(key="name", title="Name", show=lambda row: row.name, width=14, least=10, most=24, priority=1),
    Column(key="mail", title="Address", show=lambda row: row.mail, width=18, least=12, priority=2),
    Column(key="role", title="Role", show=lambda row: row.role, width=9, least=8, priority=3),
    Column(
        key="status", title="Status", show=lambda row: Cell(row.status, "good"), width=9, least=8, priority=4
    ),
    Column(
        key="id", title="No.", show=lambda row: f"{row.id:,}", width=9, least=9, align="right", priority=5
    ),
    Column(key="note", title="Note", show=lambda _: "note", width=40, least=40, priority=6, sortable=False),
)


class CountingGrid(Grid[Person]):
    """A grid that counts the lines it renders, and those of them that are dots; it waits for rows on a slow machine."""

    patience = 10.0
    lines = 0
    dots = 0

    def render_line(self, y: int) -> Strip:
        """Render and count."""
        strip = super().render_line(y)
        self.lines += 1
        self.dots += "···" in strip.text
        return strip


class ListApp(App[None]):
    """One grid over people made on demand; notes what the grid says."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options
        self.make: Callable[[int], Person | None] = person
        self.answering = True
        self.asked: list[Grid.PageNeeded] = []
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        """Show the grid alone."""
        yield CountingGrid(
            **{"columns": COLUMNS, "empty": "Nobody here yet. Press i to invite.", **self.options}
        )

    @property
    def grid(self) -> CountingGrid:
        """The grid."""
        return self.query_one(CountingGrid)

    @property
    def body(self) -> list[str]:
        """The lines under the header, without blanks at their ends."""
        return [line.rstrip() for line in screen_lines(self)[1:]]

    def show(self, ids: Sequence[int], **options: Any) -> int:
        """Show another list; return its generation."""
        generation = next(GENERATIONS)
        self.grid.show_ids(ids, generation, **options)
        return generation

    def answer(self, question: Grid.PageNeeded) -> bool:
        """Answer a question from memory."""
        made = (self.make(row_id) for row_id in question.ids)
        return self.grid.put_page(
            question.generation, question.page, [row for row in made if row is not None]
        )

    def on_grid_page_needed(self, message: Grid.PageNeeded) -> None:
        """Note and answer."""
        self.asked.append(message)
        if self.answering:
            self.answer(message)

    def on_grid_cursor_moved(self, message: Grid.CursorMoved) -> None:
        """Note."""
        self.heard.append(message)

    on_grid_row_opened = on_grid_marks_changed = on_grid_sort_requested = on_grid_position_changed = (
        on_grid_cursor_moved
    )

    def last(self, kind: type[Message]) -> Any:
        """Return the last message of a kind."""
        return [message for message in self.heard if type(message) is kind][-1]


Story = Callable[[ListApp, Pilot[None]], Awaitable[None]]


def play(
    story: Story, *, rows: int | Sequence[int] | None = 100, size: tuple[int, int] = (80, 24), **options: Any
) -> None:
    """Run an app, show `rows`, and let `story` act on it."""

    async def run() -> None:
        app = ListApp(**{"half_page": False, **options})
        async with app.run_test(size=size) as pilot:
            app.grid.focus()
            if rows is not None:
                app.show(range(1, rows + 1) if isinstance(rows, int) else rows)
            await press_keys(pilot)
            await story(app, pilot)

    asyncio.run(run())
