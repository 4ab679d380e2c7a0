"""What a grid tells its screen. Listen as `@on(Grid.CursorMoved)` or in `on_grid_cursor_moved`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.widget import Widget


@dataclass
class GridMessage(Message):
    """What every message of a grid carries."""

    grid: Widget

    @property
    def control(self) -> Widget:
        """The grid it is about."""
        return self.grid


@dataclass
class LatestMessage(GridMessage):
    """A message of which only the latest matters: it gives way to one of its kind that waits behind it."""

    def can_replace(self, message: Message) -> bool:
        """Whether `message` is of the same kind and from the same grid."""
        return type(message) is type(self) and message.control is self.grid


class GridMessages:
    """The messages of a grid, as attributes of the grid."""

    @dataclass
    class PageNeeded(GridMessage, namespace="grid"):
        """Rows came into view that are not here: read them and call `put_page` with the same two numbers."""

        generation: int
        page: int
        ids: Sequence[int]

    @dataclass
    class PositionChanged(LatestMessage, namespace="grid"):
        """Other rows are in view; the text says which, and of how many."""

        text: str

    @dataclass
    class CursorMoved(LatestMessage, namespace="grid"):
        """The cursor is on another row or column; `row_id` is None in an empty list."""

        row_id: int | None
        index: int
        column: str

    @dataclass
    class RowOpened(GridMessage, namespace="grid"):
        """Enter was pressed on a row that exists."""

        row_id: int

    @dataclass
    class MarksChanged(LatestMessage, namespace="grid"):
        """Other rows are marked, or a filter hides other marks; `hidden` ones are part of `count`."""

        count: int
        hidden: int
        range_open: bool

    @dataclass
    class SortRequested(GridMessage, namespace="grid"):
        """The list is wanted in the order of a column."""

        column: str
        descending: bool
